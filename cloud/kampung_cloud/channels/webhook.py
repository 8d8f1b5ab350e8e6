"""A web address that gets every message as JSON, with an ``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import json

from kampung_contract.times import text

from kampung_cloud.channels.asking import Asking, judge
from kampung_cloud.channels.channel import Limits, Outgoing, Sent
from kampung_cloud.channels.settings import Webhook


class WebhookChannel:
    """``to`` is whatever the receiver knows a person by."""

    kind = "webhook"
    recognises = True

    def __init__(self, settings: Webhook) -> None:
        self.name = settings.name
        self.limits = Limits(settings.rates(), settings.parallel, settings.tries)
        self._url = settings.url
        self._headers = {"Content-Type": "application/json"}
        if settings.token is not None:
            self._headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
        self._asking = Asking(self.name, settings.timeout, settings.parallel)

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """As the protocol says."""
        answer = self._asking.post(self._url, json.dumps(body(to, said)).encode(), {**self._headers, "Idempotency-Key": f'"{key}"'})
        judge(self.name, answer)
        return Sent(str(answer.json.get("id", ""))[:191] if isinstance(answer.json, dict) else "")

    def group(self, to: str) -> bool:
        """Not known; one person."""
        return False

    def close(self) -> None:
        """Give up connections."""
        self._asking.close()


def body(to: str, said: Outgoing) -> dict[str, object]:
    """What the receiver gets."""
    return {
        "to": to,
        "id": said.id,
        "kind": said.kind,
        "village": said.village,
        "severity": said.severity,
        "about": said.about,
        "alarms": list(said.alarms),
        "language": said.language,
        "title": said.title,
        "text": said.text,
        "short": said.short,
        "code": said.code,
        "at": text(said.created),
        "expires": text(said.expires),
        "again": said.again,
    }
