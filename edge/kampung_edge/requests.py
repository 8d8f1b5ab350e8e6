"""Residents' requests for services at this kiosk: in the spool before a reference is shown, sent when there is a link."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.questions import Question, check
from kampung_contract.service_request import ServiceRequest, event, new_reference, parse_event, parse_reference

from kampung_edge import remembering
from kampung_edge.clock import wall_ms
from kampung_edge.identity.session import Identified

log = structlog.get_logger("requests")

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MOST_HOUR = 60
"""A kiosk stands in the open; an office with one kiosk serves fewer."""
KEPT_MS = 60 * DAY_MS
SESSION_MS = 30 * 60_000
"""So long after it was made a request's receipt can be asked for."""
WIB = timedelta(hours=7)


class InvalidAnswers(InvalidRequest):
    """Answers that do not fit. ``fields``: by question, in words for the resident."""

    code = "invalid_answers"

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {what}" for name, what in fields.items()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was made here (ms UTC), with the spool's epoch and the number of its pack. Nothing of what it said is kept.

    ``person``: the roll's name for whoever made it, where he was known.
    """

    reference: str
    service: str
    at: int
    epoch: str
    seq: int
    person: str = ""


class Requests:
    """Called by the kiosk's threads."""

    def __init__(self, path: Path, store: Callable[[dict[str, Any]], tuple[str, int]], waits: Callable[[str, int], bool]) -> None:
        """``store`` puts an event on the disk and gives the spool's epoch and the pack's number, ``waits`` whether it has yet to go."""
        self._path, self._store, self._waits = path, store, waits
        self._lock = threading.Lock()
        self._kept: deque[Asked] = deque(remembering.read(self._path, Asked))

    def take(self, offered: Mapping[str, Any] | None, body: Mapping[str, Any], who: Identified | None = None) -> dict[str, Any]:
        """``{reference, service, sent}``. ``offered`` is the document of services; ``body`` has service, answers, and name.

        Where it is known ``who`` asks, it is he, whatever name was typed.

        Raises ``InvalidAnswers``, ``InvalidRequest``, ``NotFound``, ``KampungError`` ``too_many``, and ``StorageUnavailable``.
        """
        service = self._service(offered, body.get("service"))
        now = wall_ms()
        answers = self._checked(service, body, now)
        name = body.get("name", "") if who is None else who.name
        if service.get("identity", True) and (not isinstance(name, str) or not name.strip()):
            raise InvalidAnswers({"pemohon": "tulis nama Anda; nama satu kata boleh"})
        with self._lock:
            self._check_rate(now)
            said = ServiceRequest(new_reference(), str(service["id"]), now, answers, name=" ".join(str(name).split())[:100])
            if who is not None and service.get("identity", True):
                said = msgspec.structs.replace(said, person=who.person, proof=who.proof, staff=who.by)
            return self._put(said)

    def complete(
        self, offered: Mapping[str, Any] | None, told: Mapping[str, Any] | None, text: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What was missing in a request that came back. ``told`` is the document of how requests stand. Raises as ``take``."""
        reference = parse_reference(text)
        found = self._told(told, reference)
        if found is None or found.get("state") != "returned":
            raise NotFound(f"permohonan {reference} tidak sedang menunggu kelengkapan; lihat keadaannya dulu")
        service = self._service(offered, found.get("service"))
        given = body.get("answers", {})
        if not isinstance(given, dict) or not given:
            raise InvalidRequest("answers: say what is completed, by question")
        known = [q for q in _questions(service) if q.id in given]
        answers, wrong = check([msgspec.structs.replace(q, only=None) for q in known], given, _today(wall_ms()))
        if wrong:
            raise InvalidAnswers(wrong)
        with self._lock:
            return self._put(ServiceRequest(reference, str(service["id"]), wall_ms(), answers, resubmits=True))

    def stands(self, told: Mapping[str, Any] | None, text: str) -> dict[str, Any]:
        """How a request stands: what the regency last said, or that it waits here. Raises ``InvalidRequest``, ``NotFound``."""
        reference = parse_reference(text)
        with self._lock:
            mine = next((k for k in reversed(self._kept) if k.reference == reference), None)
        sent = None if mine is None else not self._waits(mine.epoch, mine.seq)
        found = self._told(told, reference)
        if found is None and mine is None:
            raise NotFound(f"permohonan {reference} tidak dikenal di kios ini; periksa nomornya, atau tanyakan di loket")
        service = mine.service if mine is not None else found.get("service") if found else None
        return {"reference": reference, "service": service, "sent": sent is None or sent, "status": found}

    def of(self, told: Mapping[str, Any] | None, person: str, known: Sequence[str]) -> list[dict[str, Any]]:
        """How his requests stand: those that the regency knows of (``known``), and those made here; the newest first."""
        with self._lock:
            mine = [k.reference for k in reversed(self._kept) if person and k.person == person]
        found = []
        for reference in dict.fromkeys([*mine, *known]):
            try:
                found.append(self.stands(told, reference))
            except (InvalidRequest, NotFound):
                continue  # over so long that the regency tells of it no more
        return found

    def made(self, text: str) -> Asked:
        """A request that was made here just now. Raises ``InvalidRequest``, ``NotFound``."""
        reference = parse_reference(text)
        with self._lock:
            mine = next((k for k in self._kept if k.reference == reference), None)
        if mine is None or abs(wall_ms() - mine.at) > SESSION_MS:
            raise NotFound(f"permohonan {reference} tidak baru saja dibuat di kios ini; bukti hanya dicetak sesudah mengajukan")
        return mine

    @staticmethod
    def _told(told: Mapping[str, Any] | None, reference: str) -> Mapping[str, Any] | None:
        return next((r for r in (told or {}).get("requests", []) if r.get("reference") == reference), None)

    @staticmethod
    def _service(offered: Mapping[str, Any] | None, name: Any) -> Mapping[str, Any]:
        if offered is None:
            raise NotFound("daftar layanan belum pernah diterima kios ini; layanan ada setelah jaringan tersambung sekali")
        found = next((s for s in offered.get("services", []) if s.get("id") == name), None)
        if found is None:
            raise NotFound(f"layanan {str(name)[:60]!r} tidak ditawarkan di kios ini; tanyakan di loket")
        return dict(found)

    @staticmethod
    def _checked(service: Mapping[str, Any], body: Mapping[str, Any], now: int) -> dict[str, Any]:
        given = body.get("answers", {})
        if not isinstance(given, dict):
            raise InvalidRequest(f"answers = {str(given)[:40]!r}: an object, by question")
        answers, wrong = check(_questions(service), given, _today(now))
        if wrong:
            raise InvalidAnswers(wrong)
        return answers

    def _put(self, said: ServiceRequest) -> dict[str, Any]:
        body = event(said)
        parse_event(body)  # what the regency would refuse is not taken
        epoch, seq = self._store(body)
        self._kept.append(Asked(said.reference, said.service, said.at, epoch, seq, said.person))
        self._write(said.at)
        log.info("request.taken", service=said.service)
        return {"reference": said.reference, "service": said.service, "sent": not self._waits(epoch, seq)}

    def _check_rate(self, now: int) -> None:
        mine = [k.at for k in self._kept if now - HOUR_MS < k.at <= now]
        if len(mine) >= MOST_HOUR:
            wait = (mine[-MOST_HOUR] + HOUR_MS - now) // 60_000 + 1
            raise KampungError(
                f"kios ini menerima {MOST_HOUR} permohonan sejam; coba lagi {wait} menit lagi, atau ke loket", code="too_many"
            )

    def _write(self, now: int) -> None:
        while self._kept and now - self._kept[0].at > KEPT_MS:
            self._kept.popleft()
        remembering.write(self._path, self._kept)


def _questions(service: Mapping[str, Any]) -> list[Question]:
    return [msgspec.convert(q, Question) for q in service.get("fields", [])]


def _today(now: int) -> Any:
    return (datetime.fromtimestamp(now / 1000, UTC) + WIB).date()
