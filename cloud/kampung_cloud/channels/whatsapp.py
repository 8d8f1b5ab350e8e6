"""WhatsApp's Cloud API (https://developers.facebook.com/docs/whatsapp/cloud-api).

Who did not write to us in the last 24 hours may be written to by an approved template only; who did gets the message as it is.
"""

from __future__ import annotations

import json
import re

from kampung_cloud.channels import sentences
from kampung_cloud.channels.asking import Answer, Asking, judge
from kampung_cloud.channels.channel import Later, Limits, Outgoing, Rate, Refused, Sent, Unreachable
from kampung_cloud.channels.settings import WhatsApp
from kampung_cloud.health import now_ms

WINDOW_MS = 24 * 3_600_000 - 60_000
"""A minute less than theirs."""
MOST, MOST_PARAMETER = 4_096, 1_024
PAIR = Rate(10, 60.0, each=True, burst=4)
"""Source: error 131056, pair rate limit: one message in 6 s to one person over time (K)."""
KEY = {0, 3, 10, 190}
BUSY = {4, 80007, 130429, 131048}
PAIRED = {131056}
WINDOW = {131047}
"""Source: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes (K)."""


class WhatsAppChannel:
    """``to`` is a phone number in E.164."""

    kind = "whatsapp"
    recognises = False

    def __init__(self, settings: WhatsApp) -> None:
        self.name = settings.name
        day = Rate(settings.per_day, 86_400.0, burst=max(1, settings.per_day // 2))
        self.limits = Limits((day, PAIR, *settings.rates()), settings.parallel, settings.tries)
        self._settings = settings
        self._url = f"{settings.api.rstrip('/')}/{settings.phone_id}/messages"
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.token.get_secret_value()}"}
        self._asking = Asking(self.name, settings.timeout, settings.parallel)

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """As the protocol says."""
        del key
        if said.heard and now_ms() - said.heard < WINDOW_MS:
            what: dict[str, object] = {"type": "text", "text": {"body": sentences.whole(said, MOST)}}
        elif self._settings.template:
            what = {"type": "template", "template": self._template(said)}
        else:
            raise Refused(
                f"{self.name}: who has not written to us within a day is written to by a template only; set template in cloud.toml"
            )
        body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to.lstrip("+"), **what}
        answer = self._asking.post(self._url, json.dumps(body).encode(), self._headers)
        self._judge(answer)
        found = answer.json.get("messages") if isinstance(answer.json, dict) else None
        first = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
        return Sent(str(first.get("id", ""))[:191])

    def _template(self, said: Outgoing) -> dict[str, object]:
        """Two parameters, the title and the text in one line: a parameter may hold no line break."""
        text = sentences.again(said) + said.text
        parameters = [{"type": "text", "text": _line(part)} for part in (said.title, text)]
        return {
            "name": self._settings.template,
            "language": {"code": self._settings.template_language},
            "components": [{"type": "body", "parameters": parameters}],
        }

    def _judge(self, answer: Answer) -> None:
        error = answer.json.get("error") if isinstance(answer.json, dict) else None
        if not isinstance(error, dict):
            judge(self.name, answer)
            return
        code, words = error.get("code"), str(error.get("message", ""))[:200]
        told = f"{self.name} answers {answer.status}, {code}: {words}"
        if code in KEY or answer.status == 401:
            raise Unreachable(f"{told}; its token in cloud.toml is not taken")
        if code in BUSY or code in PAIRED:
            raise Later(told, 60.0 if code in BUSY else 6.0, whole=code in BUSY)
        if code in WINDOW:
            raise Refused(f"{told}; the day since the person's last message is over, and it may be written to by a template only")
        judge(self.name, answer, f"{code}: {words}")

    def group(self, to: str) -> bool:
        """The Cloud API writes to persons."""
        return False

    def close(self) -> None:
        """Give up connections."""
        self._asking.close()


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:MOST_PARAMETER]
