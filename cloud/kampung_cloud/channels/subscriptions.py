"""Browsers that want to be told: each is kept like a farmer who is reached by web push, so that who hears what is decided in one place."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from kampung_contract.errors import InvalidRequest, NotFound, TooMuch
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from kampung_cloud.messages import people
from kampung_cloud.messages.address import Address
from kampung_cloud.messages.person import Person
from kampung_cloud.records import Records
from kampung_cloud.records.message_models import MessageRow, PersonRow, PushRow

MOST = 5_000
"""Of a village: nobody need say who he is, and each costs a message."""
PREFIX = "ponsel-"
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """``endpoint`` is the push service's address of the browser; ``p256dh`` and ``auth`` its keys, unpadded base64url (RFC 8291)."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def id(self) -> str:
        """Known to whoever knows the address, and to nobody else."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()[:40]


def check(wanted: Subscription, services: Sequence[str]) -> Subscription:
    """Raises ``InvalidRequest``: we ask no address that is not a push service's, whoever names it."""
    try:
        parts = urlsplit(wanted.endpoint)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host = ""
    secure = host and (parts.scheme == "https" or (parts.scheme == "http" and _loopback(host)))
    if not secure or parts.username or len(wanted.endpoint) > LONGEST or not any(fnmatch.fnmatchcase(host, name) for name in services):
        raise InvalidRequest(f"endpoint at {host[:80]!r} is no push service that this cloud knows; it knows {', '.join(services)}")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(wanted.p256dh))
        if len(_bytes(wanted.auth)) != 16:
            raise ValueError
    except ValueError:
        raise InvalidRequest("keys: p256dh must be a point of P-256 and auth 16 bytes, in base64url, as the browser gives them") from None
    return wanted


def put(records: Records, wanted: Subscription, channel: str, village: str, fields: Iterable[str], language: str, now: int) -> str:  # noqa: PLR0917
    """Tell a browser of a village's alarms and of these fields from now on; its id. Raises ``TooMuch``, ``StorageUnavailable``."""
    own = sorted(set(fields))
    with records.session() as session:
        row = session.get(PushRow, wanted.id)
        if row is None:
            count = session.scalar(select(func.count()).select_from(PushRow).where(PushRow.village == village)) or 0
            if count >= MOST:
                raise TooMuch(f"{count:,} browsers are told of this village already; {MOST:,} is the most")
            row = PushRow(id=wanted.id, endpoint=wanted.endpoint, person=_person_id(wanted.id))
            session.add(row)
        row.village, row.fields, row.language, row.at = village, own, language, now
        row.keys = {"p256dh": wanted.p256dh, "auth": wanted.auth}
    person = Person(
        id=_person_id(wanted.id),
        village=village,
        name="Ponsel (halaman tani)",
        role="farmer",
        language=language,
        addresses=(Address(channel, wanted.id),),
        fields=tuple(own),
    )
    people.put(records, [person], now)
    return wanted.id


def find(session: Session, name: str) -> Subscription | None:
    """One browser."""
    row = session.get(PushRow, name)
    return None if row is None else Subscription(row.endpoint, str(row.keys["p256dh"]), str(row.keys["auth"]))


def remove(records: Records, name: str) -> None:
    """A browser wants nothing more, or is gone. Raises ``NotFound``, ``StorageUnavailable``."""
    with records.session() as session:
        row = session.get(PushRow, name)
        if row is None:
            raise NotFound("this browser has not subscribed, or no longer")
        session.delete(row)
        session.execute(delete(PersonRow).where(PersonRow.id == _person_id(name)))
        waiting = update(MessageRow).where(MessageRow.person == _person_id(name), MessageRow.state == "waiting")
        session.execute(waiting.values(state="dropped", detail="the browser wants nothing more"))


def _person_id(name: str) -> str:
    return f"{PREFIX}{name}"


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
