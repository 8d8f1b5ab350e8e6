"""A whole village, started once for all end-to-end tests: broker, cloud, edge and devices, each the real program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kampung_sim.process import free_port
from kampung_sim.village import Village

from tests.e2e.support import HISTORY, until

RUNNING: list[Village] = []


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Desa Tamansari on free ports."""
    place = Village(tmp_path_factory.mktemp("village"), free_port(), free_port(), history=HISTORY)
    lines: list[str] = []
    try:
        place.start(lines.append)
        assert place.clock is not None
        until("the thirty days are over", lambda: not place.clock.rehearsing, 30)  # type: ignore[union-attr]
        RUNNING.append(place)
        yield place
    finally:
        place.stop()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """It ends with the last test that needs it: many follow that have no use for its programs."""
    if nextitem is None or nextitem.path.name not in ("test_pages.py", "test_village.py"):
        while RUNNING:
            RUNNING.pop().stop()


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots are kept."""
    folder = Path(__file__).parent.parent.parent / "artifacts" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
