"""What every folder of tests shares."""

import os

import pytest
from hypothesis import settings

# Machines that run tests are loaded: how long an example took says nothing about the code. Timing is measured in benchmarks/.
settings.register_profile("kampung", deadline=None)
settings.load_profile("kampung")

PORTS, FIRST_PORT = 1_500, 20_000
"""Each worker has so many ports of its own: the port of a broker that is down for a moment is given to no other test."""

VILLAGE = ("tests/e2e/test_pages.py", "tests/e2e/test_village.py")
"""They share one village, which takes a while to start."""


def pytest_configure() -> None:
    """Ports of this worker, for the programs it starts as well."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    os.environ["KAMPUNG_PORTS"] = f"{FIRST_PORT + worker * PORTS}-{FIRST_PORT + (worker + 1) * PORTS}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file, and those that share a village, belong on one worker (xdist 3.8 does not hear it under pytest 9.2)."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group("village" if file in VILLAGE else file))
