"""The kiosk is heard: once an alarm, and it says when it cannot be."""

from __future__ import annotations

from demo_server import Demo
from playwright.sync_api import Browser


def test_an_alarm_is_heard_once_and_can_be_muted(browser: Browser) -> None:
    """A browser that is told to let pages be heard, as a kiosk's: a tone, then the edge's program, since there is no voice here."""
    world = Demo("alarm").start()
    kiosk = browser.browser_type.launch(executable_path=_path(), args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"])
    page = kiosk.new_page(viewport={"width": 1080, "height": 1920})
    page.add_init_script(NOON)
    page.goto(f"{world.url}/kiosk")
    page.wait_for_selector("[data-saying]")
    page.locator("[data-saying]").wait_for(state="detached")
    assert world.world.spoken == 1
    assert page.get_by_text("Suara peringatan menyala.").is_visible()
    page.get_by_role("button", name="Matikan 30 menit").click()
    assert page.get_by_text("Suara dimatikan sampai pukul").is_visible() and page.get_by_role("button", name="Nyalakan suara").is_visible()
    assert "kali-bomo" in (page.evaluate("localStorage.getItem('kiosk:sounded')") or "")  # over a reload, too
    kiosk.close()
    world.close()


def test_a_browser_that_waits_for_a_touch_says_so(browser: Browser) -> None:
    world = Demo("alarm").start()
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.add_init_script(f"{NOON}; {WAITS}")
    page.goto(f"{world.url}/kiosk")
    page.get_by_text("Suara belum bisa menyala. Sentuh layar agar peringatan terdengar.").wait_for()
    assert world.world.spoken == 0
    with page.expect_response("**/api/speak*"):
        page.mouse.click(500, 100)
    assert world.world.spoken == 1
    page.close()
    world.close()


WAITS = """
  let touched = false
  addEventListener('pointerdown', () => (touched = true), { capture: true })
  Object.defineProperty(navigator, 'userActivation', { get: () => ({ hasBeenActive: touched }) })
  HTMLMediaElement.prototype.play = () => (touched ? Promise.resolve() : Promise.reject(new DOMException('', 'NotAllowedError')))
"""
"""Playwright's questions count as touches, so the browser's own rule cannot be seen through it; this is the same rule."""
NOON = "const then = Date.parse('2026-11-30T12:00:00+07:00'), now = Date.now(); const real = Date.now; Date.now = () => real() - now + then"
"""Low alarms keep quiet at night, and tests run at any hour."""


def _path() -> str:
    import os
    import shutil

    return os.environ.get("KAMPUNG_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
