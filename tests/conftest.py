"""What every folder of tests shares."""

import os
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# Machines that run tests are loaded: how long an example took says nothing about the code. Timing is measured in benchmarks/.
settings.register_profile("kampung", deadline=None)
settings.load_profile("kampung")

PORTS, FIRST_PORT, BLOCKS = 1_500, 20_000, 8
"""Each worker has so many ports of its own: the port of a broker that is down for a moment is given to no other test. Who runs several
suites beside one another gives each its first block by ``KAMPUNG_TEST_BLOCK``."""

VILLAGE = ("tests/e2e/test_pages.py", "tests/e2e/test_village.py")
"""They share one village, which takes a while to start."""


def pytest_configure() -> None:
    """Ports of this worker, for the programs it starts as well."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    worker = (int(os.environ.get("KAMPUNG_TEST_BLOCK", "0")) + worker) % BLOCKS
    os.environ["KAMPUNG_PORTS"] = f"{FIRST_PORT + worker * PORTS}-{FIRST_PORT + (worker + 1) * PORTS}"


@pytest.fixture(scope="session", autouse=True)
def _migrated_once() -> None:
    """Tests that open records need not wait for every migration; see there."""
    from tests import migrated

    migrated.begin()


class ByFile(LoadScopeScheduling):
    """Tests of one file stay on one worker, in their order; so do those that share a village."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "village" if file in VILLAGE else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """How tests are divided among workers (xdist's own groups do not work with this pytest)."""
    return ByFile(config, log)
