"""Many issue at once, some are killed, two kiosks come back with their requests: no number twice, none left out."""

from pathlib import Path

import pytest

from tests.cloud.modules.services.issuing import rush
from tests.cloud.postgres import Postgres


@pytest.fixture(scope="module")
def server():
    server = Postgres()
    yield server
    server.close()


def test_on_sqlite(tmp_path: Path) -> None:
    found = rush("sqlite:records.db", tmp_path, letters=60, issuers=3, kills=2)
    assert (found["letters"], found["duplicates"], found["gaps"], found["kills"]) == (60, 0, 0, 2)


def test_on_postgresql(tmp_path: Path, server: Postgres) -> None:
    found = rush(server.database(), tmp_path, letters=60, issuers=3, kills=2)
    assert (found["letters"], found["duplicates"], found["gaps"], found["kills"]) == (60, 0, 0, 2)
