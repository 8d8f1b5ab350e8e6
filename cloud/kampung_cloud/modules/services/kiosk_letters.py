"""Signed letters to a kiosk's printer: for whom the kiosk knows by his PIN, sealed to a key of that one asking, and each copy on record."""

from __future__ import annotations

import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from kampung_contract.errors import InvalidEvent, KampungError, NotFound, StorageUnavailable
from kampung_contract.letter_print import (
    LIFE_MS,
    PRINTED,
    WANTED,
    LetterAnswer,
    LetterPrinted,
    LetterWanted,
    encode_answer,
    info,
    parse_event,
)
from kampung_contract.topics import Address
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kampung_cloud import mail
from kampung_cloud.access.actor import Actor
from kampung_cloud.api.services import Services
from kampung_cloud.modules.services.models import LetterPrintRow
from kampung_cloud.modules.services.office import Office, office
from kampung_cloud.modules.services.requests.book import Conflict
from kampung_cloud.records.models import EventRow
from kampung_cloud.residents import access_log
from kampung_cloud.roll.pins import Pins
from kampung_cloud.withdrawals.past import Past, recall

log = structlog.get_logger("services")

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
"""HPKE (RFC 9180), base mode: as the edge opens it."""
TAKEN = "taken"
AT_ONCE = 50
MOST_COPIES = 3
"""A jam or two, and no more: the counter has the letter, too."""
DESK = "Surat ini diambil di loket: bawa KTP Anda."


class Refusal(KampungError):
    """Why it is not printed at the kiosk, in words for the resident."""

    code = "refused"


def answer(services: Services, now: int) -> int:
    """Answer what kiosks ask for, and take note of what came out of their printers; how many events. Raises ``StorageUnavailable``."""
    desk = office(services)
    with services.records.session() as session:
        query = select(EventRow).where(EventRow.type.in_((WANTED, PRINTED)), EventRow.body[TAKEN].as_string().is_(None))
        events = session.scalars(query.order_by(EventRow.received).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        found = [((e.node, e.epoch, e.seq, e.position), e.village, e.received, dict(e.body), e.type) for e in events]
    for key, village, received, body, kind in found:
        try:
            said = parse_event(body)
            if isinstance(said, LetterWanted):
                outcome = _wanted(services, desk, village, key[0], said, received, now)
            else:
                assert isinstance(said, LetterPrinted)  # the query asks for no other type
                outcome = _printed(services, desk, village, key[0], said, now)
        except InvalidEvent as error:
            log.warning("letter.event_refused", node=key[0], seq=key[2], reason=error.message)
            outcome = "refused"
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("letter.failed", node=key[0], seq=key[2])  # one that we stumble over holds up nobody else's
            outcome = "failed"
        with services.records.session() as session:
            row = session.get(EventRow, key)
            if row is not None:
                row.body = {"type": kind, TAKEN: outcome}
    return len(found)


def _wanted(  # noqa: PLR0917
    services: Services, desk: Office, village: str, node: str, said: LetterWanted, received: int, now: int
) -> str:
    if now - received > LIFE_MS:
        return "late"
    with services.records.session() as session:
        if recall(session).get(node, Past()).since is not None:
            return "withdrawn"
    try:
        letter, number = _allowed(services, desk, village, said)
        pdf = desk.letter(said.reference)
        public = X25519PublicKey.from_public_bytes(said.public)
    except StorageUnavailable:
        raise
    except (KampungError, ValueError) as error:  # also a letter that cannot be opened or set: the counter has to see to it
        why = error.message if isinstance(error, Refusal) else DESK
        log.info("letter.not_printed", node=node, reason=str(error))
        told, outcome = LetterAnswer(said.id, why=why), "refused"
    else:
        kiosk = Actor(f"kios {node}"[:63], f"Kios {node}", frozenset(), village)
        reading = access_log.Reading(village, "pemilik", "print", (number,), f"surat {letter} dicetak di kios")
        access_log.note(services.records, kiosk, [reading], now)
        told, outcome = LetterAnswer(said.id, SUITE.encrypt(pdf, public, info=info(said.id, node).encode())), "sent"
    with services.records.session() as session:
        if outcome == "sent" and session.get(LetterPrintRow, said.id) is None:
            session.add(LetterPrintRow(id=said.id, letter=letter, village=village, node=node, at=now, printed=None))
        mail.put(session, said.id, village, Address(village, node).letter(said.id), encode_answer(told), received + LIFE_MS)
    return outcome


def _allowed(services: Services, desk: Office, village: str, said: LetterWanted) -> tuple[str, int]:
    """The letter and the resident it is for. Raises ``Refusal``, ``NotFound``, ``InvalidRequest``."""
    request = desk.book.get(said.reference)
    resident = Pins(services.records, desk.ring).resident(village, said.person)
    if request.row.village != village or resident is None or request.row.person != str(resident):
        raise Refusal(DESK)
    if request.letter is None or request.row.state not in {"ready", "handed_over"}:
        raise Refusal("Surat ini belum siap. Lihat keadaannya di Data saya.")
    if request.letter.revoked is not None:
        raise Refusal("Surat ini sudah dicabut. Tanyakan di loket.")
    with services.records.session() as session:
        if copies(session, request.letter.id) >= MOST_COPIES:
            raise Refusal(f"Surat ini sudah {MOST_COPIES} kali dikirim ke kios. {DESK}")
    return request.letter.id, resident


def copies(session: Session, letter: str) -> int:
    """How often it was sent to a kiosk."""
    return session.scalar(select(func.count()).select_from(LetterPrintRow).where(LetterPrintRow.letter == letter)) or 0


def _printed(services: Services, desk: Office, village: str, node: str, said: LetterPrinted, now: int) -> str:  # noqa: PLR0917
    """He has it in his hand: handed over, where it was not yet."""
    with services.records.session() as session:
        row = session.get(LetterPrintRow, said.id)
        if row is None or row.village != village or row.node != node:
            return "unknown"
        row.printed = now
    try:
        request = desk.book.get(said.reference)
        if request.letter is not None and request.letter.id == row.letter and request.row.state == "ready":
            desk.book.act(said.reference, "hand_over", "pemohon", f"kios {node}", now, note="dicetak sendiri di kios")
    except (Conflict, NotFound) as error:
        log.info("letter.handed_over_before", node=node, reason=error.message)
    return "printed"
