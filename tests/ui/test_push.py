"""The farmer's page asks to be told, and shows what comes, in a real browser against the real cloud.

A browser without its maker's servers cannot subscribe: the test gives the address and key in its place. The rest is the browser's own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.records.message_models import PushRow
from kampung_sim.process import free_port
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from tests.cloud.messages import message, write
from tests.cloud.push_service import PushService
from tests.cloud.test_push import CHANNEL, FIELD

SUBSCRIBE = """
  const given = %s
  const subscription = { ...given, toJSON: () => given, unsubscribe: async () => { window.left = true; return true } }
  let mine = null
  PushManager.prototype.subscribe = async (asked) => { window.asked = asked.applicationServerKey.length; return (mine = subscription) }
  PushManager.prototype.getSubscription = async () => mine
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[CloudApp, PushService]]:
    service = PushService().start()
    tables = {"broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "telemetry": {"url": "memory:"}, "api": {"port": 0}}
    cloud = CloudApp(parse({**tables, "channel": [CHANNEL], "field": [FIELD]}, tmp_path))
    cloud.start()
    yield cloud, service
    cloud.stop()
    service.stop()


def test_a_farmer_is_told_while_the_page_is_closed(place: tuple[CloudApp, PushService], browser: Browser) -> None:
    cloud, service = place
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.grant_permissions(["notifications"], origin=cloud.url)
    page = context.new_page()
    page.add_init_script(SUBSCRIBE % json.dumps(service.subscription()))
    page.goto(f"{cloud.url}/tani")
    page.get_by_role("button", name="Kirimi saya peringatan").click()
    page.get_by_text("Ponsel ini menerima peringatan untuk Sawah.").wait_for()
    assert page.evaluate("window.asked") == 65
    (row,) = rows(cloud)
    write(cloud._services.records, message(row.person or "", severity=3))
    pushed = until(lambda: service.pushed)[0]
    deliver(page, cloud.url, json.dumps(pushed.said))
    shown = until(lambda: page.evaluate(SHOWN))
    assert shown == [["Kali Bomo naik 1", pushed.said["text"], pushed.said["tag"], "/tani?village=35.10.24.2008"]]
    deliver(page, cloud.url, json.dumps(pushed.said))  # what comes twice is one note
    assert len(page.evaluate(SHOWN)) == 1
    page.get_by_role("button", name="Berhenti menerima").click()
    page.get_by_role("button", name="Kirimi saya peringatan").wait_for()
    assert rows(cloud) == [] and page.evaluate("window.left")
    context.close()


def test_who_forbids_notes_is_told_how_to_allow_them(place: tuple[CloudApp, PushService], browser: Browser) -> None:
    cloud, _ = place
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script("Notification.requestPermission = async () => 'denied'")
    page.goto(f"{cloud.url}/tani")
    page.get_by_role("button", name="Kirimi saya peringatan").click()
    page.get_by_text("Pemberitahuan dilarang di ponsel ini.").wait_for()
    context.close()


SHOWN = """async () => {
  const worker = await navigator.serviceWorker.getRegistration('/tani')
  return (await worker.getNotifications()).map((n) => [n.title, n.body, n.tag, n.data.url])
}"""


def rows(cloud: CloudApp) -> list[PushRow]:
    with cloud._services.records.session() as session:
        return list(session.scalars(select(PushRow)))


def until(ask: Callable[[], Any]) -> Any:
    end = time.monotonic() + 40
    while not (answer := ask()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer


def deliver(page: Page, origin: str, data: str) -> None:
    """As the browser's own line to its maker would."""
    session = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda news: found.extend(news["registrations"]))
    session.send("ServiceWorker.enable")
    registration = next(each for each in until_events(page, found) if each["scopeURL"].endswith("/tani"))
    asked = {"origin": origin, "registrationId": registration["registrationId"], "data": data}
    session.send("ServiceWorker.deliverPushMessage", asked)
    session.detach()


def until_events(page: Page, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events come while the browser is asked something."""
    end = time.monotonic() + 40
    while not found and time.monotonic() < end:
        page.evaluate("1")
    return found
