"""Telegram's Bot API, ``sendMessage`` (https://core.telegram.org/bots/api). It knows no repetition, and takes 30 messages a second."""

from __future__ import annotations

import json

from kampung_cloud.channels import sentences
from kampung_cloud.channels.asking import LONGEST_S, Answer, Asking, judge
from kampung_cloud.channels.channel import Later, Limits, Outgoing, Rate, Refused, Sent, Unreachable
from kampung_cloud.channels.settings import Telegram

RATES = (Rate(30, 1.0, burst=10), Rate(1, 1.0, each=True), Rate(20, 60.0, each=True, burst=5, only="group"))
"""Source: core.telegram.org/bots/faq, 'My bot is hitting limits': 30 a second, one a second to a chat, 20 a minute to a group."""
MOST = 4_096
"""Characters."""


class TelegramChannel:
    """``to`` is a chat's number, below zero for groups, or a public group's ``@name``."""

    kind = "telegram"
    recognises = False

    def __init__(self, settings: Telegram) -> None:
        self.name = settings.name
        self.limits = Limits((*RATES, *settings.rates()), settings.parallel, settings.tries)
        self._url = f"{settings.api.rstrip('/')}/bot{settings.token.get_secret_value()}/sendMessage"
        self._asking = Asking(self.name, settings.timeout, settings.parallel)

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """As the protocol says."""
        del key
        chat = int(to) if to.lstrip("-").isdecimal() else to
        body = {"chat_id": chat, "text": sentences.whole(said, MOST), "disable_notification": said.severity < 2 and said.kind == "digest"}
        answer = self._asking.post(self._url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        self._judge(answer)
        found = answer.json.get("result", {}) if isinstance(answer.json, dict) else {}
        return Sent(str(found.get("message_id", ""))[:191] if isinstance(found, dict) else "")

    def _judge(self, answer: Answer) -> None:
        said = answer.json if isinstance(answer.json, dict) else {}
        words = str(said.get("description", ""))
        told = f"{self.name} answers {answer.status}: {words[:200]}"
        if answer.status == 429:
            parameters = said.get("parameters")
            after = parameters.get("retry_after", 1) if isinstance(parameters, dict) else 1
            raise Later(told, min(float(after), LONGEST_S) if isinstance(after, int | float) else 1.0, whole=True)
        if answer.status in (401, 404):
            raise Unreachable(f"{told}; its token in cloud.toml is not taken")
        if answer.status in (400, 403):
            raise Refused(told)  # no such chat, or the person has blocked the bot
        judge(self.name, answer, words)

    def group(self, to: str) -> bool:
        """Groups and channels, whose limit is lower."""
        return to.startswith(("-", "@"))

    def close(self) -> None:
        """Give up connections."""
        self._asking.close()
