"""What comes from the services behind channels: whether it is theirs, and what somebody wrote. No I/O."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kampung_contract.errors import InvalidRequest, Unauthorised
from pydantic import SecretStr

from kampung_cloud.channels.settings import Sms, Telegram, Webhook, WhatsApp

MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Inbound:
    """``id`` is the service's own name for it: what comes twice is the same. ``sender`` as the service writes it."""

    id: str
    sender: str
    text: str


def read(settings: Any, headers: Mapping[str, str], body: bytes) -> list[Inbound]:
    """What was written, nothing for other news of the service. Raises ``Unauthorised`` where it is not the service that brings it, and
    ``InvalidRequest`` where it cannot be read; ``headers`` by lower-case name.
    """
    take: Callable[[Any], list[Inbound]]
    match settings:
        case Telegram():
            _same(settings.inbound_token, headers.get("x-telegram-bot-api-secret-token", ""), settings.name, "inbound_token")
            take = _telegram
        case WhatsApp():
            secret = settings.app_secret
            made = "" if secret is None else hmac.new(secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
            _same(made and SecretStr(f"sha256={made}"), headers.get("x-hub-signature-256", ""), settings.name, "app_secret")
            take = _whatsapp
        case Sms() | Webhook():
            scheme, _, token = headers.get("authorization", "").partition(" ")
            _same(settings.inbound_token, token.strip() if scheme.lower() == "bearer" else "", settings.name, "inbound_token")
            take = _plain
        case _:
            raise InvalidRequest(f"channel {settings.name!r} is of kind {settings.kind!r}, through which nobody can answer")
    try:
        return take(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise InvalidRequest(f"channel {settings.name!r}: not what {settings.kind} sends: {error!r:.200}") from None


def verified(settings: Any, query: Mapping[str, str]) -> str:
    """The word that WhatsApp wants to see when it is told of our address. Raises ``Unauthorised``, ``InvalidRequest``."""
    if not isinstance(settings, WhatsApp) or query.get("hub.mode") != "subscribe":
        raise InvalidRequest(f"channel {settings.name!r}: nothing to be verified; answers are POSTed here")
    _same(settings.verify_token, query.get("hub.verify_token", ""), settings.name, "verify_token")
    return query.get("hub.challenge", "")[:200]


def _same(wanted: SecretStr | str | None, given: str, name: str, key: str) -> None:
    if not wanted:
        raise Unauthorised(f"channel {name!r} takes no answers: set {key} in its [[channel]]")
    secret = wanted if isinstance(wanted, str) else wanted.get_secret_value()
    if not secrets.compare_digest(secret.encode(), given.encode()):
        raise Unauthorised(f"channel {name!r}: the secret of the service is missing or wrong; it must be the {key} of its [[channel]]")


def _telegram(update: Any) -> list[Inbound]:
    message = update.get("message")
    if not isinstance(message, dict) or "text" not in message:
        return []
    return [Inbound(str(update["update_id"]), str(message["chat"]["id"]), str(message["text"]))]


def _whatsapp(news: Any) -> list[Inbound]:
    found = []
    for entry in news["entry"]:
        for change in entry["changes"]:
            for message in change["value"].get("messages", []):
                kind = message["type"]
                words = message["text"]["body"] if kind == "text" else message["button"]["text"] if kind == "button" else None
                if words is not None:
                    found.append(Inbound(str(message["id"]), str(message["from"]), str(words)))
    return found


def _plain(said: Any) -> list[Inbound]:
    sender, text = str(said["from"]), str(said["text"])
    number = said.get("id")
    return [Inbound(str(number) if number is not None else hashlib.sha256(f"{sender}\0{text}".encode()).hexdigest(), sender, text)]
