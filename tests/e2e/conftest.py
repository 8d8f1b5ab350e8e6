"""A whole village, started once for all end-to-end tests: broker, cloud, edge and devices, each the real program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kampung_sim.process import free_port
from kampung_sim.village import Village

from tests.e2e.support import HISTORY, until


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Desa Tamansari on free ports."""
    place = Village(tmp_path_factory.mktemp("village"), free_port(), free_port(), history=HISTORY)
    lines: list[str] = []
    try:
        place.start(lines.append)
        assert place.clock is not None
        until("the thirty days are over", lambda: not place.clock.rehearsing, 30)  # type: ignore[union-attr]
        yield place
    finally:
        place.stop()


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots are kept."""
    folder = Path(__file__).parent.parent.parent / "artifacts" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
