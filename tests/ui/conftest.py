"""The built pages in Debian's Chromium, served by the demo. Chromium is required: a machine without it fails here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

sys.path.insert(0, str(Path(__file__).parent))

from demo_server import DIST, Demo

AXE = Path(__file__).resolve().parents[2] / "kiosk-ui" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 60_000
"""What a page is expected to show comes late on a loaded machine; Playwright would give up after five seconds."""
expect.set_options(timeout=PATIENCE_MS)
SIZES = {
    "/kiosk": (1080, 1920),
    "/tani": (390, 844),
    "/": (1440, 900),
    "/tinjau": (1440, 900),
    "/data-terbuka": (390, 844),
    "/udara": (390, 844),
    "/lapor": (390, 844),
    "/petugas": (1440, 900),
}


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    assert (DIST / "kiosk.html").exists(), f"{DIST} holds no pages: run npm ci && npm run build in kiosk-ui"


@pytest.fixture(scope="module")
def demo() -> Iterator[Callable[..., Demo]]:
    """Demos by state and pixels a millimetre, started when first asked for."""
    running: dict[tuple[str, float], Demo] = {}

    def of(state: str, mm: float = 2.71) -> Demo:
        if (state, mm) not in running:
            running[state, mm] = Demo(state, mm=mm).start()
        return running[state, mm]

    yield of
    for server in running.values():
        server.close()


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Iterator[Browser]:
    """Everybody's, without what a module left open."""
    yield chromium
    for context in chromium.contexts:
        context.close()


class Visit:
    """A page with everything it asked for and everything it complained about."""

    def __init__(self, page: Page, origin: str, *, quiet: bool) -> None:
        self.page = page
        self.quiet = quiet
        self.paused = False
        self.origin = origin
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        page.on("request", lambda request: self.hosts.add("/".join(request.url.split("/")[:3])))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def leave(self) -> None:
        """Nothing of it is left to the next visit: a clock is its whole context's."""
        if self.paused:
            self.page.clock.resume()
        self.page.evaluate("localStorage.clear()")
        self.page.close()

    def still(self) -> Page:
        """Its clock stands from now on, but for ``page.clock.run_for``: what a loaded machine needs meanwhile is no time of the page."""
        self.paused = True
        self.page.clock.pause_at(self.page.evaluate("Date.now()") / 1000 + 1)
        return self.page

    @property
    def foreign(self) -> set[str]:
        return {h for h in self.hosts if h != self.origin and not h.startswith(("data:", "blob:"))}


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[Callable[[str, bool], BrowserContext]]:
    """One context a surface and scheme, in a far time zone: WIB must be the page's own doing."""
    made: dict[tuple[str, bool], BrowserContext] = {}

    def of(path: str, night: bool) -> BrowserContext:
        if (path, night) not in made:
            width, height = SIZES[path]
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if night else "light",
                timezone_id="America/New_York",
                locale="en-US",
                reduced_motion="reduce",
            )
            made[path, night] = context
        return made[path, night]

    yield of
    for context in made.values():
        context.close()


@pytest.fixture
def visit(contexts: Callable[[str, bool], BrowserContext], demo: Callable[..., Demo]) -> Iterator[Callable[..., Visit]]:
    """``visit("/tani", "alarm", night=True)`` opens a page of a state of the world.

    Every visit ends with the same two questions: did the page ask a foreign host for anything (the demo's policy would refuse it),
    and did it complain. Answers that are errors by design (``broken``, ``empty``, a line cut by the test) may be complained about.
    """
    visits: list[Visit] = []

    def to(path: str, state: str = "normal", *, night: bool = False, clock: bool = False, mm: float = 2.71, origin: str = "") -> Visit:
        page = contexts(path, night).new_page()
        if clock:
            page.clock.install()
        seen = Visit(page, origin or demo(state, mm).url, quiet=state not in {"broken", "empty"})
        visits.append(seen)
        page.goto(f"{seen.origin}{path}")
        return seen

    yield to
    for seen in visits:
        seen.leave()
        assert seen.foreign == set()
        assert not seen.quiet or seen.complaints == []


@pytest.fixture
def own() -> Iterator[Callable[[str], Demo]]:
    """``own("alarm")``: a demo of this test's own, for tests that handle something."""
    made: list[Demo] = []

    def of(state: str) -> Demo:
        made.append(Demo(state).start())
        return made[-1]

    yield of
    for demo in made:
        demo.close()
