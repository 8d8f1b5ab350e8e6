"""Asking registers about a request's applicant: on the access log before anything leaves, and gone once it has served."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import structlog
from kampung_contract.times import text
from sqlalchemy import delete, select

from kampung_cloud.access.actor import Actor
from kampung_cloud.modules.services.flow.states import CLOSED
from kampung_cloud.modules.services.lookups import told
from kampung_cloud.modules.services.lookups.models import LookupRow
from kampung_cloud.modules.services.lookups.person import known
from kampung_cloud.modules.services.models import ServiceRequestRow
from kampung_cloud.modules.services.requests.book import Conflict, Request, day_of
from kampung_cloud.records import Records
from kampung_cloud.records.resident_models import ResidentRow
from kampung_cloud.registers import Registers
from kampung_cloud.registers.answer import Unanswered, mark
from kampung_cloud.registers.population import TITLES, Known, Verified
from kampung_cloud.registers.welfare import Decile
from kampung_cloud.residents import access_log
from kampung_cloud.residents.law import purposes
from kampung_cloud.residents.person import Person
from kampung_cloud.residents.registry import Registry
from kampung_cloud.sealing import Keyring

log = structlog.get_logger("services")

SERVED = (*CLOSED, "ready")
"""States in which what a register said is not needed any more."""

Name = Literal["dukcapil", "dtsen"]
PURPOSE: dict[Name, str] = {"dukcapil": "permohonan", "dtsen": "bantuan"}
"""Of ``residents/purposes.toml``, where the basis in law stands."""


class Lookups:
    """Methods may be called by any thread."""

    def __init__(self, records: Records, ring: Keyring, registers: Registers) -> None:
        self._records, self._ring, self._registers = records, ring, registers
        self._registry = Registry(records, ring)

    def offered(self, case: Request) -> tuple[Name, ...]:
        """Which registers may be asked for this request."""
        if case.row.state in SERVED or not case.service.identity:
            return ()
        return ("dukcapil", "dtsen") if case.service.dtsen else ("dukcapil",)

    def shown(self, case: Request) -> list[dict[str, Any]]:
        """For the request's page: each register, whether it is connected, and what it answered."""
        names = self.offered(case)
        with self._records.session() as session:
            rows = {r.register: r for r in session.scalars(select(LookupRow).where(LookupRow.request == case.row.id))} if names else {}
            session.expunge_all()
        needs_nik = bool(names) and not case.person.get("nik") and not self._registered(case)
        return [self._shown(name, rows.get(name), needs_nik) for name in names]

    def ask(self, case: Request, name: Name, typed: str, actor: Actor, now: int) -> Unanswered | None:
        """Ask, and keep the answer; or why there is none.

        Raises ``Conflict`` where this request asks that register nothing, ``InvalidRequest`` without a NIK, ``StorageUnavailable``.
        """
        if name not in self.offered(case):
            why = "sudah lewat pemeriksaan" if case.row.state in SERVED else f"tidak memakai {name}: {case.service.title}"
            raise Conflict(f"permohonan {case.row.id} {why}")
        resident, person = self._resident(case)
        who = known(case.person, person, typed.strip(), day_of(now))
        if resident is None:
            resident = next(iter(self._registry.by_nik(who.nik, case.row.village)), None)
        register = self._registers.population if name == "dukcapil" else self._registers.welfare
        if register.connected:
            called = f"{register.name} (SIMULASI)" if register.simulated else register.name
            self._on_record(case, name, called, resident, who, actor, now)
        answer = self._registers.population.verify(who) if name == "dukcapil" else self._registers.welfare.decile(who.nik)
        if isinstance(answer, Unanswered):
            log.info("a register gave no answer", register=answer.register, why=answer.why, detail=answer.detail, request=case.row.id)
            return answer
        self._keep(case, name, answer, actor, now)
        return None

    def forget_served(self) -> None:
        """Answers of requests whose letter is signed, or that are closed, are deleted: they have served."""
        served = select(ServiceRequestRow.id).where(ServiceRequestRow.state.in_(SERVED))
        with self._records.session() as session:
            if session.scalar(select(LookupRow.request).where(LookupRow.request.in_(served)).limit(1)) is not None:
                session.execute(delete(LookupRow).where(LookupRow.request.in_(served)))

    def _keep(self, case: Request, name: Name, answer: Verified | Decile, actor: Actor, now: int) -> None:
        body = self._ring.seal(msgspec.json.encode(told.plain(answer)), f"lookup {case.row.id} {name}")
        row = LookupRow(request=case.row.id, register=name, at=now, by=actor.id, simulated=answer.simulated, body=body)
        with self._records.session() as session:
            session.merge(row)

    def _on_record(  # noqa: PLR0917
        self, case: Request, name: Name, register: str, resident: int | None, who: Known, actor: Actor, now: int
    ) -> None:
        purpose = PURPOSE[name]
        sent = ", ".join(TITLES[field] for field in who.fields) if name == "dukcapil" else TITLES["nik"]
        detail = f"permohonan {case.row.id}; ditanyakan kepada {register}: {sent}; dasar: {purposes()[purpose].basis}"
        access_log.note(self._records, actor, [access_log.Reading(case.row.village, purpose, name, (resident,), detail)], now)

    def _resident(self, case: Request) -> tuple[int | None, Person | None]:
        """Him in the village's register, where the request names him."""
        number = _number(case)
        found = [] if number is None else self._registry.several([number])
        return (found[0].id, found[0].person) if found and found[0].person.village == case.row.village else (None, None)

    def _registered(self, case: Request) -> bool:
        """Whether the village's register has his NIK; it is not opened for that."""
        chosen = select(ResidentRow.id).where(ResidentRow.id == _number(case), ResidentRow.village == case.row.village)
        with self._records.session() as session:
            return session.scalar(chosen.where(ResidentRow.nik_hash.is_not(None))) is not None

    def _shown(self, name: Name, row: LookupRow | None, needs_nik: bool) -> dict[str, Any]:
        register = self._registers.population if name == "dukcapil" else self._registers.welfare
        simulated = register.simulated or (row is not None and row.simulated)
        out = {
            "source": name, "name": register.name, "connected": register.connected, "mark": mark(register.name) if simulated else None,
            "needs_nik": needs_nik, "answer": None,
        }  # fmt: skip
        if row is None:
            return out
        body = msgspec.json.decode(self._ring.open(row.body, f"lookup {row.request} {row.register}"))
        return out | {"answer": {"at": text(row.at), "by": row.by, **told.words(told.opened(body, row.simulated))}}


def _number(case: Request) -> int | None:
    """Of his row in the register; what comes from a kiosk may be anything."""
    said = case.row.person or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


def trouble(answer: Unanswered | None) -> dict[str, Any] | None:
    """What the page says where there was no answer."""
    if answer is None:
        return None
    label = mark(answer.register) if answer.simulated else None
    return {"name": answer.register, "why": answer.why, "text": answer.title, "remedy": answer.remedy, "mark": label}
