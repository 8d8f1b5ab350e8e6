"""An SMS gateway that takes messages by HTTP. What its fields are called stands in cloud.toml."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from kampung_cloud.channels.asking import Asking, judge
from kampung_cloud.channels.channel import Limits, Outgoing, Sent
from kampung_cloud.channels.settings import Sms

CONTENT = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


class SmsChannel:
    """``to`` is a phone number in E.164; the short form goes out, which fits one SMS."""

    kind = "sms"

    def __init__(self, settings: Sms) -> None:
        self.name = settings.name
        self.recognises = settings.recognises_key
        self.limits = Limits(settings.rates(), settings.parallel, settings.tries)
        self._settings = settings
        self._headers = {"Content-Type": CONTENT[settings.format]}
        if settings.token is not None:
            self._headers[settings.header] = f"{settings.scheme} {settings.token.get_secret_value()}".strip()
        self._asking = Asking(self.name, settings.timeout, settings.parallel)

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """As the protocol says."""
        s = self._settings
        fields = {s.to_field: to, s.text_field: said.short, **({s.sender_field: s.sender} if s.sender else {})}
        body = json.dumps(fields) if s.format == "json" else urlencode(fields)
        headers = self._headers | ({"Idempotency-Key": f'"{key}"'} if self.recognises else {})
        answer = self._asking.post(s.url, body.encode(), headers)
        judge(self.name, answer)
        return Sent(str(answer.json.get(s.id_field, ""))[:191] if isinstance(answer.json, dict) else "")

    def group(self, to: str) -> bool:
        """A number is a person's."""
        return False

    def close(self) -> None:
        """Give up connections."""
        self._asking.close()
