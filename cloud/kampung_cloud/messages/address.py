"""Where a person is reached: a channel by its name in cloud.toml, and the address there, by the channel's kind."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from kampung_contract.errors import InvalidRequest

from kampung_cloud.messages.phone import masked_phone, phone

PHONES = frozenset({"sms", "whatsapp", "whatsapp-cloud", "signal", "phone"})
MOST = 191


@dataclass(frozen=True, slots=True)
class Address:
    """``address`` in the form in which it is kept: E.164, an e-mail address in lower-case domain, a chat's number, a name."""

    channel: str
    address: str

    @property
    def masked(self) -> Address:
        """Enough to recognise one's own, too little to write to."""
        value = self.address
        if value.startswith("+"):
            return Address(self.channel, masked_phone(value))
        name, at, domain = value.partition("@")
        if at:
            return Address(self.channel, f"{name[:1]}…@{domain}")
        return Address(self.channel, f"{value[:2]}…" if len(value) > 3 else "…")


def address(channel: str, value: str, channels: Mapping[str, str]) -> Address:
    """An address of a person's; ``channels``: kinds by name, as configured. Raises ``InvalidRequest`` with the value and the remedy."""
    kind = channels.get(channel)
    if kind is None:
        raise InvalidRequest(f"channel {channel[:40]!r} is none of cloud.toml's; {_hint(channel, channels)}")
    value = value.strip()
    if not value or len(value) > MOST or not value.isprintable():
        raise InvalidRequest(f"address {value[:40]!r} on {channel!r}: write 1 to {MOST} characters on one line")
    if kind in PHONES or re.fullmatch(r"[+0][\d ()-]+", value):
        return Address(channel, phone(value))
    if kind == "email":
        return Address(channel, _mail(value))
    if kind == "telegram" and re.fullmatch(r"-?\d{3,20}|@\w{5,32}", value, re.ASCII) is None:
        raise InvalidRequest(f"address {value[:40]!r} on {channel!r}: expected a chat's number, as 123456789, or a name, as @desa_x")
    if value.startswith(("http://", "https://")) and not urlsplit(value).hostname:
        raise InvalidRequest(f"address {value[:40]!r} on {channel!r}: the address has no host; write https://HOST/PATH")
    return Address(channel, value)


def _mail(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise InvalidRequest(f"{value[:80]!r} is no e-mail address: {error}; write it as nama@example.org") from None


def _hint(channel: str, channels: Mapping[str, str]) -> str:
    if not channels:
        return "there is no [[channel]] table yet; add one first (docs/messages.md)"
    near = difflib.get_close_matches(channel, channels, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(channels))}"
