"""Many issue at once, some are killed, two kiosks come back with their requests: no number twice, none left out."""

from pathlib import Path

from tests.cloud.modules.services.issuing import rush
from tests.cloud.postgres import Postgres


def test_on_sqlite(tmp_path: Path) -> None:
    found = rush("sqlite:records.db", tmp_path, letters=60, issuers=3, kills=2)
    assert (found["letters"], found["duplicates"], found["gaps"], found["kills"]) == (60, 0, 0, 2)


def test_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    found = rush(postgres.database(), tmp_path, letters=60, issuers=3, kills=2)
    assert (found["letters"], found["duplicates"], found["gaps"], found["kills"]) == (60, 0, 0, 2)
