"""What a person answers, brought to the cloud in the way of each service."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from kampung_contract.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Door:
    """Where the cloud takes what comes from a service, and the secret it knows that service by."""

    url: str
    secret: str


class Replies:
    """By service: telegram, whatsapp, sms, webhook."""

    def __init__(self, doors: dict[str, Door]) -> None:
        self._doors = doors
        self._numbers = itertools.count(time.time_ns() // 1_000_000)

    def send(self, service: str, sender: str, words: str) -> tuple[int, str]:
        """Status and body of what the cloud answers; status 0 where it does not. Raises ``InvalidRequest``."""
        door = self._doors.get(service)
        if door is None:
            raise InvalidRequest(f"service = {service!r}: expected {', '.join(sorted(self._doors)) or 'none: no door is configured'}")
        body, headers = _as(service, sender, words, next(self._numbers), door.secret)
        request = urllib.request.Request(door.url, body, {"Content-Type": "application/json", **headers}, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the cloud's address, from the command line
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")
        except OSError as error:
            return 0, str(error)


def _as(service: str, sender: str, words: str, number: int, secret: str) -> tuple[bytes, dict[str, str]]:
    if service == "telegram":
        chat = int(sender) if sender.lstrip("-").isdecimal() else sender
        update = {"update_id": number, "message": {"message_id": number, "date": number // 1000, "chat": {"id": chat}, "text": words}}
        return json.dumps(update).encode(), {"X-Telegram-Bot-Api-Secret-Token": secret}
    if service == "whatsapp":
        message = {"from": sender, "id": f"wamid.IN{number}", "timestamp": str(number // 1000), "type": "text", "text": {"body": words}}
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "messages": [message]}}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}).encode()
        return body, {"X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}
    body = json.dumps({"id": f"in-{number}", "from": sender, "text": words}).encode()
    return body, {"Authorization": f"Bearer {secret}"}
