"""What every folder of tests shares."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Machines that run tests are loaded: how long an example took says nothing about the code. Timing is measured in benchmarks/.
settings.register_profile("kampung", deadline=None)
settings.load_profile("kampung")

PORTS, FIRST_PORT, BLOCKS = 1_500, 20_000, 8
"""Each worker has so many ports of its own: the port of a broker that is down for a moment is given to no other test. Who runs several
suites beside one another gives each its first block by ``KAMPUNG_TEST_BLOCK``."""

LAST = ("tests/e2e/", "tests/ui/")
"""In this order: the longest before many short ones. Nothing after them needs an event loop of its own: an open browser has one."""
VILLAGE = ("tests/e2e/test_pages.py", "tests/e2e/test_village.py")
"""They share one village, which takes a while to start."""


def pytest_configure() -> None:
    """Ports of this worker, for the programs it starts as well."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    worker = (int(os.environ.get("KAMPUNG_TEST_BLOCK", "0")) + worker) % BLOCKS
    os.environ["KAMPUNG_PORTS"] = f"{FIRST_PORT + worker * PORTS}-{FIRST_PORT + (worker + 1) * PORTS}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """However they were named, tests with a browser come last."""
    items.sort(key=lambda item: next((n for n, folder in enumerate(LAST, 1) if item.nodeid.startswith(folder)), 0))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser a process, since starting one takes a second of processor. It is required: a machine without it fails here."""
    from playwright.sync_api import sync_playwright

    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = os.environ.get("KAMPUNG_CHROMIUM") or next(filter(None, found), None)
    assert path, "no Chromium found: install Debian's package chromium, or name one in KAMPUNG_CHROMIUM"
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", *quiet])
        yield browser
        browser.close()


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
