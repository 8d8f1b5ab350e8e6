"""A village's roll, and its sealing for the kiosks that told their keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from kampung_contract.roll import INFO, MOST_REQUESTS, SALT, Helper, Known, Roll, encode, short
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kampung_cloud.records.access_models import AccountRow
from kampung_cloud.records.models import NodeRow
from kampung_cloud.records.resident_models import ResidentRow
from kampung_cloud.records.roll_models import HelperPinRow, PinRow
from kampung_cloud.roll.pins import key
from kampung_cloud.sealing import Keyring, Unreadable
from kampung_cloud.withdrawals.past import barred, recall

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
"""HPKE (RFC 9180), base mode: as the edge opens it."""
NONCE = 12
HELPING = ("petugas", "kades")

log = structlog.get_logger("roll")
Marks = dict[str, tuple[Any, ...]]


def marks(session: Session) -> Marks:
    """By village with a kiosk's key, what tells that its roll is another. One whose kiosks were all withdrawn is among them: the roll
    that stands was sealed for them.
    """
    found: dict[str, list[Any]] = {}
    past = recall(session)
    for village, node, public in session.execute(select(NodeRow.village, NodeRow.node, NodeRow.public).order_by(NodeRow.node)):
        if barred(past, node, public):
            found.setdefault(village, []).append((node, None))
        elif _good(node, public):
            found.setdefault(village, []).append((node, public))
    pins = select(PinRow.village, func.max(PinRow.changed), func.count(), func.max(ResidentRow.changed))
    for village, *mark in session.execute(pins.join(ResidentRow, ResidentRow.id == PinRow.resident).group_by(PinRow.village)):
        if village in found:
            found[village].append(tuple(mark))
    staff = select(func.max(HelperPinRow.changed), func.count(), func.max(AccountRow.changed))
    everywhere = tuple(session.execute(staff.join(AccountRow, AccountRow.id == HelperPinRow.account)).one())
    return {village: (*mark, everywhere) for village, mark in found.items()}


def roll(session: Session, ring: Keyring, village: str, requests: Mapping[int, tuple[str, ...]]) -> Roll:
    """Who is known there now; ``requests`` by resident, the newest first."""
    secret = key(ring, village)
    living = select(PinRow, ResidentRow).join(ResidentRow, ResidentRow.id == PinRow.resident)
    rows = session.execute(
        living.where(PinRow.village == village, ResidentRow.village == village, ResidentRow.state == "tinggal").order_by(PinRow.name)
    ).all()
    found = (_known(ring, secret, pin, resident, requests.get(resident.id, ())) for pin, resident in rows)
    people = tuple(each for each in found if each is not None)
    helpers = select(HelperPinRow, AccountRow).join(AccountRow, AccountRow.id == HelperPinRow.account)
    helpers = helpers.where(AccountRow.active, or_(AccountRow.village == village, AccountRow.village == "")).order_by(AccountRow.name)
    helping = (_helper(ring, pin, account) for pin, account in session.execute(helpers).all() if set(account.roles) & set(HELPING))
    staff = tuple(each for each in helping if each is not None)
    return Roll(secret, people, staff)


def keys(session: Session, village: str) -> dict[str, bytes]:
    """The kiosks' keys, by node; of none that is withdrawn, and none that one had then."""
    past = recall(session)
    rows = session.execute(select(NodeRow.node, NodeRow.public).where(NodeRow.village == village))
    return {node: public for node, public in rows if public is not None and not barred(past, node, public) and _good(node, public)}


def mark(ring: Keyring, made: Roll, to: Mapping[str, bytes]) -> str:
    """Changes with what is inside and whom it is sealed to, and tells nothing of it."""
    told = encode(made) + b"".join(node.encode() + public for node, public in sorted(to.items()))
    return hmac.digest(ring.lookup("roll", "mark"), told, hashlib.sha256).hex()[:32]


def sealed(made: Roll, village: str, to: Mapping[str, bytes], marked: str) -> dict[str, Any]:
    """The document ``roll``."""
    secret, nonce, info = AESGCM.generate_key(256), secrets.token_bytes(NONCE), f"{INFO} {village}"
    body = nonce + AESGCM(secret).encrypt(nonce, encode(made), f"{info} {marked}".encode())
    boxes = {
        node: _text(SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(public), info=f"{info} {node}".encode()))
        for node, public in sorted(to.items())
    }
    return {"mark": marked, "body": _text(body), "keys": boxes}


def _known(ring: Keyring, secret: bytes, pin: PinRow, resident: ResidentRow, requests: tuple[str, ...]) -> Known | None:
    """None for whose row does not open: the others of the village are known all the same."""
    try:
        kept = ring.open(pin.pin_sealed, f"pin {pin.resident}")
        nik = "" if resident.nik_sealed is None else ring.open(resident.nik_sealed, f"nik {resident.id}").decode()
    except Unreadable as error:
        log.error("roll.unreadable", resident=pin.resident, reason=error.message)
        return None
    found = short(secret, "nik", nik) if nik else None
    mine = requests[:MOST_REQUESTS]
    return Known(pin.name, resident.name, kept[:SALT], kept[SALT:], found, pin.card, first=pin.first, requests=mine)


def _helper(ring: Keyring, pin: HelperPinRow, account: AccountRow) -> Helper | None:
    try:
        kept = ring.open(pin.pin_sealed, f"helper pin {account.id}")
    except Unreadable as error:
        log.error("roll.unreadable", account=account.id, reason=error.message)
        return None
    return Helper(account.id, account.name, kept[:SALT], kept[SALT:])


def _good(node: str, public: bytes | None) -> bool:
    """Whether it can be sealed to."""
    if public is None:
        return False
    try:
        X25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        log.warning("roll.kiosk_key_refused", node=node, reason=str(error))
        return False
    return True


def _text(body: bytes) -> str:
    return base64.b64encode(body).decode()
