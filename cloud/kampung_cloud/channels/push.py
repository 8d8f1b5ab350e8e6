"""Web push to the farmer's page (RFC 8030), encrypted for the browser (RFC 8291), signed by our key (RFC 8292)."""

from __future__ import annotations

import contextlib
import json
from urllib.parse import urlsplit

from kampung_contract.errors import NotFound
from pywebpush import WebPusher

from kampung_cloud.channels import subscriptions
from kampung_cloud.channels.asking import Asking, judge
from kampung_cloud.channels.channel import Limits, Outgoing, Refused, Sent, Unreachable
from kampung_cloud.channels.settings import Push
from kampung_cloud.channels.tools import Tools
from kampung_cloud.channels.vapid import Vapid
from kampung_cloud.health import now_ms

LONGEST_S = 86_400
MOST_TEXT = 1_000
"""Characters; a push message holds 4,096 bytes in all (RFC 8030, 7.2), and letters may take three."""
GONE = (404, 410)


class PushChannel:
    """``to`` is a subscription's id. One topic a message, so that a repetition takes the place of what came before; one ``tag`` a group."""

    kind = "push"
    recognises = True

    def __init__(self, settings: Push, tools: Tools) -> None:
        self.name = settings.name
        self.limits = Limits(settings.rates(), settings.parallel, settings.tries)
        self._settings, self._tools = settings, tools
        self._vapid = Vapid(tools.folder)
        self._asking = Asking(self.name, settings.timeout, settings.parallel)

    @property
    def public(self) -> str:
        """Our key, which a browser is given when it subscribes."""
        return self._vapid.public

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """As the protocol says."""
        with self._tools.records.session() as session:
            browser = subscriptions.find(session, to)
        if browser is None:
            raise Refused(f"{self.name}: the browser wants nothing more")
        parts = urlsplit(browser.endpoint)
        info = {"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}}
        sealed = WebPusher(info).encode(json.dumps(shown(said), ensure_ascii=False).encode())["body"]
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(max(0, min(LONGEST_S, (said.expires - now_ms()) // 1000))),
            "Urgency": "high" if said.severity >= 2 else "normal",
            "Topic": key[:32],
            **self._vapid.headers(f"{parts.scheme}://{parts.netloc}", self._settings.contact),
        }
        answer = self._asking.post(browser.endpoint, sealed, headers)
        if answer.status in GONE:
            with contextlib.suppress(NotFound):
                subscriptions.remove(self._tools.records, to)
            raise Refused(f"{self.name} answers {answer.status}: the browser is gone, and hears nothing more")
        if answer.status == 403:
            raise Unreachable(f"{self.name} answers 403; the push service does not take our key")
        judge(self.name, answer)
        return Sent(answer.headers.get("Location", "")[-191:])

    def group(self, to: str) -> bool:
        """A browser is a person's."""
        return False

    def close(self) -> None:
        """Give up connections."""
        self._asking.close()


def shown(said: Outgoing) -> dict[str, object]:
    """What the page's service worker shows."""
    text = said.text if len(said.text) <= MOST_TEXT else f"{said.text[: MOST_TEXT - 1]}…"
    return {
        "title": said.title,
        "text": text,
        "tag": said.id,
        "severity": said.severity,
        "language": said.language,
        "village": said.village,
        "at": said.created,
    }
