"""Requests and letters as they are told: to staff with names, to whoever has a receipt without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from kampung_contract.questions import asked
from kampung_contract.times import text

from kampung_cloud.access.actor import Actor
from kampung_cloud.calendar import Calendar
from kampung_cloud.modules.services.annexes.form import forms
from kampung_cloud.modules.services.catalogue.definition import Service
from kampung_cloud.modules.services.flow.clocks import LADDER, Step, Times, times, told_of
from kampung_cloud.modules.services.flow.states import TITLES, Who, allowed
from kampung_cloud.modules.services.letters.composing import spoken
from kampung_cloud.modules.services.models import LetterRow, ServiceStepRow
from kampung_cloud.modules.services.requests.book import Request

NEXT = {
    "submitted": "Petugas akan memeriksa permohonan Anda.",
    "checking": "Petugas sedang memeriksa. Tunggu sebentar di ruang tunggu.",
    "returned": "Lengkapi yang kurang di kios ini atau di loket. Anda tidak perlu mengulang dari awal.",
    "waiting_signature": "Surat menunggu tanda tangan kepala desa.",
    "forwarded": "Berkas sudah diteruskan. Anda diberi tahu bila dokumen siap.",
    "ready": "Surat siap. Ambil di loket.",
    "handed_over": "Selesai. Terima kasih.",
    "rejected": "Permohonan ditolak. Alasannya tertulis; Anda boleh mengadu atau mengajukan lagi.",
    "cancelled": "Permohonan dibatalkan.",
}


def in_short(service: Service) -> dict[str, Any]:
    """For a list."""
    names = ("id", "title", "summary", "kind", "self_service", "identity", "civil", "oksigen", "fee", "forward_to")
    return {**{n: getattr(service, n) for n in names}, "words": list(service.words), "needs": msgspec.to_builtins(service.needs)}


def in_full(service: Service) -> dict[str, Any]:
    """With its questions and its standard."""
    return {**in_short(service), "definition": msgspec.to_builtins(service)}


def roles(actor: Actor) -> tuple[Who, ...]:
    """As whom he may act on requests, the lower first."""
    return tuple(who for who in ("petugas", "sekdes", "kades") if who in actor.roles)


def row(request: Request, actor: Actor, calendar: Calendar, now: int) -> dict[str, Any]:
    """For the inbox."""
    r = request.row
    mine = set(roles(actor))
    left = None
    if r.due is not None:
        left = calendar.minutes(now, r.due) if r.due >= now else -calendar.minutes(r.due, now)
    return {
        "id": r.id,
        "village": r.village,
        "service": r.service,
        "title": request.service.title,
        "channel": r.channel,
        "name": request.person.get("nama", ""),
        "state": r.state,
        "state_title": TITLES[request.place.state],
        "opened": text(r.opened),
        "since": text(r.since),
        "due": None if r.due is None else text(r.due),
        "left": left,
        "late": r.due is not None and r.due < now,
        "passed_to": LADDER[min(r.told, len(LADDER)) - 1][1] if r.told else None,
        "note": r.note,
        "number": request.letter.number if request.letter else None,
        "acts": [act for act, who in allowed(request.service, request.place).items() if mine & set(who)],
    }


def detail(  # noqa: PLR0917
    request: Request, steps: list[ServiceStepRow], actor: Actor, calendar: Calendar, now: int, signatures: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """One request, whole. ``signatures``: by letter, which it has (``Certifying.shown``)."""
    spent = _spent(request, steps, calendar, now)
    answered = [
        {"field": f.id, "question": f.question, "kind": f.kind, "value": request.answers[f.id], "text": spoken(f, request.answers[f.id])}
        for f in asked(request.service.fields, request.answers)
        if f.id in request.answers
    ]
    annexes, made = request.service.annexes, forms()
    return {
        **row(request, actor, calendar, now),
        "person": dict(request.person),
        "resident": int(number) if (number := request.row.person or "").isdigit() else None,
        "answers": answered,
        "minutes": {"village": spent.village, "resident": spent.resident, "elsewhere": spent.elsewhere},
        "clock": told_of(request.service, spent, request.place.state),
        "steps": [step(s) for s in steps],
        "letter": letter(request.letter, request.service.title, signatures[request.letter.id]) if request.letter else None,
        "needs": msgspec.to_builtins(request.service.needs),
        "annexes": [c for c in annexes if c not in made or made[c].needed(request.answers)],
        "forms": [c for c in annexes if c in made and made[c].needed(request.answers)],
    }


def step(s: ServiceStepRow) -> dict[str, Any]:
    """One line of the trail."""
    title = TITLES[s.state]
    return {"at": text(s.at), "act": s.act, "who": s.who, "actor": s.actor, "state": s.state, "title": title, "note": s.note}


def letter(line: LetterRow, title: str, signature: dict[str, Any]) -> dict[str, Any]:
    """One line of the register."""
    names = ("id", "request", "village", "service", "number", "day", "until", "signer", "reason")
    times_ = {"at": text(line.at), "revoked": None if line.revoked is None else text(line.revoked)}
    return {**{n: getattr(line, n) for n in names}, **times_, "title": title, "signature": signature}


def followed(request: Request, steps: list[ServiceStepRow], calendar: Calendar, now: int) -> dict[str, Any]:
    """For whoever has the receipt: nothing that names anybody."""
    r = request.row
    spent = _spent(request, steps, calendar, now)
    return {
        "id": r.id,
        "service": request.service.title,
        "state": r.state,
        "title": TITLES[request.place.state],
        "since": text(r.since),
        "note": r.note if r.state in {"returned", "rejected", "cancelled"} else "",
        "number": request.letter.number if request.letter else None,
        "what_next": NEXT[r.state],
        "clock": told_of(request.service, spent, request.place.state),
    }


def _spent(request: Request, steps: list[ServiceStepRow], calendar: Calendar, now: int) -> Times:
    return times([Step(s.state, s.at) for s in steps], request.row.closed or now, calendar)
