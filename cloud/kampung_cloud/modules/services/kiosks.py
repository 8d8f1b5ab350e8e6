"""Between the office and the kiosks: what is offered and how requests stand goes out as documents, requests come in as events of packs.

A kiosk takes a request without a line and gives it a reference; here it counts once, however late and however often it comes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import structlog
from kampung_contract.errors import InvalidEvent, InvalidRequest, KampungError, NotFound, StorageUnavailable
from kampung_contract.service_request import TYPE, ServiceRequest, parse_event
from sqlalchemy import or_, select

from kampung_cloud.api.services import Services
from kampung_cloud.duties.telling import tell as tell_late
from kampung_cloud.modules.services.applicant import identified
from kampung_cloud.modules.services.catalogue.definition import Service
from kampung_cloud.modules.services.flow.states import TITLES
from kampung_cloud.modules.services.gating import HOW, PLOT
from kampung_cloud.modules.services.models import GateRow, LetterRow, ServiceRequestRow
from kampung_cloud.modules.services.office import Office, office
from kampung_cloud.modules.services.requests.book import Asked, Conflict
from kampung_cloud.modules.services.showing import NEXT
from kampung_cloud.records.models import EventRow, NodeRow
from kampung_cloud.refused_events import TAKEN, context

log = structlog.get_logger("services")

AT_ONCE = 200
MINUTE_MS = 60_000
WAITING = ("submitted", "checking", "returned")
ASKS = f"Untuk surat ini diminta pohon. {PLOT}"
SHOWN_MS = 30 * 86_400_000
MOST_SHOWN = 400


def offer(services: Services, now: int) -> None:
    """To each village with a kiosk, the services that residents can ask for there, each question with it."""
    del now
    desk = office(services)
    for village in _villages(services):
        found = desk.catalogue.services(village).values()
        listed = [offered(s) for s in sorted(found, key=lambda s: s.title) if s.self_service]
        services.contents.put(village, "services", {"services": listed})


def offered(service: Service) -> dict[str, Any]:
    """What a kiosk needs to ask for a service; the letter's words and the office's standard stay here but for what a resident reads."""
    return {
        "id": service.id,
        "title": service.title,
        "summary": service.summary,
        "words": list(service.words),
        "identity": service.identity,
        "oksigen": service.oksigen,
        "fee": service.fee,
        "time": service.standard.jangka_waktu,
        "forward_to": service.forward_to,
        "fields": [{k: v for k, v in msgspec.to_builtins(f).items() if v not in (None, "", ())} for f in service.fields],
        "needs": msgspec.to_builtins(service.needs),
    }


def tell(services: Services, now: int) -> None:
    """To each village, how its requests of the last days stand: by reference, without a name. What is late is passed on first."""
    for request, hear in office(services).book.late(now):
        log.warning("a request is late", request=request.row.id, service=request.service.id, state=request.row.state, passed_to=list(hear))
    office(services).lookups.forget_served()
    calendar = office(services).calendar
    tell_late(services.records, lambda at: calendar.minutes(at, at + MINUTE_MS) > 0, now)
    with services.records.session() as session:
        chosen = select(ServiceRequestRow, LetterRow.number).outerjoin(LetterRow, LetterRow.request == ServiceRequestRow.id)
        recent = or_(ServiceRequestRow.closed.is_(None), ServiceRequestRow.closed >= now - SHOWN_MS)
        rows = session.execute(chosen.where(recent).order_by(ServiceRequestRow.since.desc())).all()
        query = select(EventRow).where(EventRow.type == TYPE, EventRow.body[TAKEN].as_string() == "refused")
        refused = session.scalars(query.where(EventRow.received >= now - SHOWN_MS).order_by(EventRow.received.desc())).all()
    clocks = office(services).clocks.of([row for row, _ in rows])
    asked = office(services).asked([row.id for row, _ in rows if row.state in WAITING])
    by_village: dict[str, list[dict[str, Any]]] = {village: [] for village in _villages(services)}
    for event in refused:
        by_village.setdefault(event.village, []).append(_refused(event))
    for row, number in rows:
        listed = by_village.setdefault(row.village, [])
        if len(listed) < MOST_SHOWN:
            listed.append(_standing(row, number, asked.get(row.id)) | clocks.get(row.id, {}))
    for village, listed in by_village.items():
        services.contents.put(village, "requests", {"requests": listed})


def _refused(event: EventRow) -> dict[str, Any]:
    """A request that could not be taken in: whoever made it hears why, and goes to the counter."""
    plain = {"reference": str(event.body.get("reference", "")), "service": "", "state": "rejected", "title": TITLES["rejected"]}
    return plain | {"next": NEXT["rejected"], "since": event.received, "note": str(event.body.get("why", ""))}


def _standing(row: ServiceRequestRow, number: str | None, gate: GateRow | None) -> dict[str, Any]:
    why = row.note if row.state in {"returned", "rejected", "cancelled"} else ""
    title = TITLES[row.state]
    plain = {"reference": row.id, "service": row.service, "state": row.state, "title": title, "next": NEXT[row.state], "since": row.since}
    if gate is not None and not why and row.state in WAITING and gate.outcome in {"", "refused"}:
        plain |= {"next": f"{gate.reason or ASKS} {HOW}".strip()}
    return plain | ({"note": why} if why else {}) | ({"number": number} if number else {})


def take_in(services: Services, now: int) -> int:
    """How many events of kiosks were new requests. What an event said is taken out of it once it is in the book, which seals it."""
    with services.records.session() as session:
        query = select(EventRow).where(EventRow.type == TYPE).order_by(EventRow.received)
        waiting = session.scalars(query.where(EventRow.body[TAKEN].as_string().is_(None)).limit(AT_ONCE)).all()
        events = [((r.node, r.epoch, r.seq, r.position), r.village, dict(r.body)) for r in waiting]
    desk = office(services)
    return sum(_one(services, desk, key, village, body, now) for key, village, body in events)


def _one(  # noqa: PLR0917
    services: Services, desk: Office, key: tuple[str, str, int, int], village: str, body: dict[str, Any], now: int
) -> int:
    taken: dict[str, Any]
    try:
        said = parse_event(body)
        assert said is not None  # the query asks for no other type
        taken = {TAKEN: _into_book(desk, village, key[0], said, now)}
    except (InvalidEvent, InvalidRequest, NotFound) as error:
        log.warning("a request was refused", node=key[0], seq=key[2], reason=error.message)
        kept = desk.sealed(msgspec.json.encode(body), context(*key[:3]))
        taken = {TAKEN: "refused", "why": error.message[:300], "reference": str(body.get("reference"))[:20], "sealed": kept}
    except StorageUnavailable:
        raise
    except KampungError as error:  # ours to mend: it stays as it came, and the others are not held up
        log.error("a request waits", node=key[0], seq=key[2], reason=error.message)
        return 0
    with services.records.session() as session:
        row = session.get(EventRow, key)
        if row is not None:
            row.body = {"type": TYPE, **taken}
    return int(taken[TAKEN] != "refused")


def _into_book(desk: Office, village: str, node: str, said: ServiceRequest, now: int) -> str:
    if said.resubmits:
        if desk.book.get(said.reference).row.village != village:
            raise NotFound(f"permohonan {said.reference} bukan dari desa ini")
        try:
            return desk.book.act(said.reference, "resubmit", "pemohon", node, now, answers=said.answers).row.id
        except Conflict:
            return desk.book.get(said.reference).row.id  # it had come before, or the office has gone on without it
    person, number = {"nama": said.name} if said.name else {}, None
    known = identified(desk.records, desk.ring, village, said.person, node, now) if said.person else None
    if known is not None:
        number, person = known
    asked = Asked(
        village, said.service, said.answers, person, None if number is None else str(number), "kiosk", node, said.reference, said.at
    )
    return desk.book.take_in(replace(asked, known=_how(said, sure=known is not None)), now)


def _how(said: ServiceRequest, *, sure: bool) -> str:
    """How whoever asked was known at the kiosk."""
    helped = f"dibantu petugas {said.staff}" if said.staff else ""
    if not sure:
        return f"nama diketik di kios, {helped or 'belum diperiksa'}"
    return {"pin": "dikenal dengan PIN di kios", "card": "dikenal dengan kartu dan PIN di kios"}.get(said.proof, helped)


def _villages(services: Services) -> list[str]:
    """Those with a kiosk."""
    with services.records.session() as session:
        return sorted(set(session.scalars(select(NodeRow.village))))
