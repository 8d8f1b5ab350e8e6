"""The book of incidents: recorded with the law's clock, those concerned found, who was told put down; every act on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from kampung_cloud.access.actor import Actor
from kampung_cloud.breach.law import known as known_data
from kampung_cloud.breach.law import law
from kampung_cloud.breach.source import Concerned, Query, Source
from kampung_cloud.records import Records
from kampung_cloud.records.breach_models import BreachPersonRow, BreachRow, BreachStepRow
from kampung_cloud.resealing import Kept
from kampung_cloud.sealing import Keyring

KEPT = (Kept(BreachRow.__table__, {"body_sealed": "breach {id}"}),)
"""What is sealed here, for a change of keys."""
HOUR_MS = 3_600_000
LOT = 500


class Said(msgspec.Struct, frozen=True):
    """What is told of an incident. ``data`` as ``law.toml`` names it."""

    how: str
    data: tuple[str, ...]
    handling: str
    contact: str


@dataclass(frozen=True, slots=True)
class Incident:
    """With its words. ``persons``, ``told``: how many are concerned, and how many of them were told."""

    row: BreachRow
    said: Said
    persons: int
    told: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives: how many, how many of them of the register, how many are on the list already."""

    persons: int
    residents: int
    listed: int


class Breaches:
    """Of one installation. Methods may be called by any thread and by several processes."""

    def __init__(self, records: Records, ring: Keyring, sources: Sequence[Source]) -> None:
        self._records, self._ring = records, ring
        self.sources = {source.name: source for source in sources}

    def record(self, village: str, known: int, span: tuple[int, int | None], said: Said, actor: Actor, now: int) -> int:  # noqa: PLR0917
        """Its number. ``span``: since when data were open, and until when where that is known. Raises ``InvalidRequest``."""
        self._check(known, span, said, now)
        with self._records.session() as session:
            row = BreachRow(
                village=village, known=known, due=known + law().clock.hours * HOUR_MS, began=span[0], ended=span[1], body_sealed=b"",
                by=actor.id, at=now, agency=None, public=None, closed=None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            row.body_sealed = self._ring.seal(msgspec.json.encode(said), f"breach {row.id}")
            _step(session, row.id, now, actor, "recorded", "")
            return row.id

    def change(self, number: int, known: int, span: tuple[int, int | None], said: Said, actor: Actor, now: int) -> None:  # noqa: PLR0917
        """What is known better by now. Raises ``NotFound``, ``InvalidRequest``, ``conflict`` where it is closed."""
        self._check(known, span, said, now)
        with self._records.session() as session:
            row = self._open(session, number)
            row.known, row.due, (row.began, row.ended) = known, known + law().clock.hours * HOUR_MS, span
            row.body_sealed = self._ring.seal(msgspec.json.encode(said), f"breach {row.id}")
            _step(session, number, now, actor, "changed", "")

    def find(self, number: int, source: str, query: Query) -> Found:
        """How many it would be; nothing is put down. Raises ``InvalidRequest``."""
        with self._records.session() as session:
            found = self._concerned(session, source, query)
            listed = set(session.scalars(select(BreachPersonRow.subject).where(BreachPersonRow.breach == number)))
        return Found(len(found), sum(1 for c in found if c.resident is not None), sum(1 for c in found if c.subject in listed))

    def add(self, number: int, source: str, query: Query, actor: Actor, now: int) -> Found:
        """Put those on the list who are not there. Raises ``NotFound``, ``InvalidRequest``, ``conflict``."""
        with self._records.session() as session:
            self._open(session, number)
            found = self._concerned(session, source, query)
            listed = set(session.scalars(select(BreachPersonRow.subject).where(BreachPersonRow.breach == number)))
            new = [c for c in found if c.subject not in listed]
            session.add_all(BreachPersonRow(breach=number, subject=c.subject, resident=c.resident, why=c.why[:120], told=None) for c in new)
            of = f"{self.sources[source].title}: {len(found)}, baru {len(new)}"
            _step(session, number, now, actor, "found", of)
        return Found(len(found), sum(1 for c in found if c.resident is not None), len(found) - len(new))

    def told(self, number: int, whom: str, how: str, subjects: Sequence[str] | None, actor: Actor, at: int, now: int) -> None:  # noqa: PLR0917
        """``whom``: agency, public or persons; of these ``subjects``, None for all who were not told yet. Raises as ``change``."""
        with self._records.session() as session:
            row = self._open(session, number)
            if not row.known <= at <= now + HOUR_MS:
                raise InvalidRequest("waktu pemberitahuan harus sesudah kejadian diketahui dan tidak di masa depan")
            if whom == "persons":
                mine = update(BreachPersonRow).where(BreachPersonRow.breach == number, BreachPersonRow.told.is_(None))
                count = 0
                for lot in [None] if subjects is None else [subjects[n : n + LOT] for n in range(0, len(subjects), LOT)]:
                    chosen = mine if lot is None else mine.where(BreachPersonRow.subject.in_(lot))
                    count += session.execute(chosen.values(told=at, how=how[:80])).rowcount  # type: ignore[attr-defined]
                if not count:
                    raise InvalidRequest("tidak ada yang belum diberi tahu; tambahkan dulu siapa yang terdampak")
                _step(session, number, now, actor, "told_persons", f"{count} orang: {how}")
            else:
                setattr(row, whom, at)
                _step(session, number, now, actor, f"told_{whom}", how)

    def close(self, number: int, note: str, actor: Actor, now: int) -> None:
        """Once the agency and everybody concerned were told, or the public in their place. Raises ``conflict`` with what is missing."""
        with self._records.session() as session:
            row = self._open(session, number)
            left = session.scalar(_persons(number).where(BreachPersonRow.told.is_(None))) or 0
            missing = (["lembaga"] if row.agency is None else []) + ([f"{left} orang"] if left and row.public is None else [])
            if missing:
                raise KampungError(f"belum diberi tahu: {', '.join(missing)}; beri tahu dulu (Ps 46), baru ditutup", code="conflict")
            row.closed = now
            _step(session, number, now, actor, "closed", note)

    def one(self, number: int) -> Incident:
        """Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(BreachRow, number)
            if row is None:
                raise NotFound(f"kejadian {number} tidak ada")
            return self._incident(session, row)

    def listed(self, village: str) -> list[Incident]:
        """The last first."""
        with self._records.session() as session:
            rows = session.scalars(select(BreachRow).where(BreachRow.village == village).order_by(BreachRow.id.desc()).limit(200)).all()
            return [self._incident(session, row) for row in rows]

    def steps(self, number: int) -> list[BreachStepRow]:
        """The first first."""
        with self._records.session() as session:
            return list(session.scalars(select(BreachStepRow).where(BreachStepRow.breach == number).order_by(BreachStepRow.n)))

    def persons(self, number: int, *, waiting: bool, limit: int = 500) -> list[BreachPersonRow]:
        """Those concerned; with ``waiting`` only who was not told yet."""
        chosen = select(BreachPersonRow).where(BreachPersonRow.breach == number)
        if waiting:
            chosen = chosen.where(BreachPersonRow.told.is_(None))
        with self._records.session() as session:
            rows = session.scalars(
                chosen.order_by(
                    BreachPersonRow.told.is_not(None), BreachPersonRow.resident.is_(None), BreachPersonRow.resident, BreachPersonRow.subject
                ).limit(limit)
            )
            return list(rows)

    def _incident(self, session: Session, row: BreachRow) -> Incident:
        said = msgspec.json.decode(self._ring.open(row.body_sealed, f"breach {row.id}"), type=Said)
        persons = session.scalar(_persons(row.id)) or 0
        told = session.scalar(_persons(row.id).where(BreachPersonRow.told.is_not(None))) or 0
        return Incident(row, said, int(persons), int(told))

    def _concerned(self, session: Session, source: str, query: Query) -> list[Concerned]:
        if source not in self.sources:
            raise InvalidRequest(f"source = {source[:24]!r}: pilih dari {', '.join(self.sources)}")
        if query.until < query.since:
            raise InvalidRequest("until lebih awal daripada since; tukar keduanya")
        found: dict[str, Concerned] = {}
        for each in self.sources[source].concerned(session, query):
            found.setdefault(each.subject, each)
        return list(found.values())

    def _open(self, session: Session, number: int) -> BreachRow:
        row = session.get(BreachRow, number, with_for_update=True)
        if row is None:
            raise NotFound(f"kejadian {number} tidak ada")
        if row.closed is not None:
            raise KampungError(f"kejadian {number} sudah ditutup; catat kejadian baru bila ada yang lain", code="conflict")
        return row

    def _check(self, known: int, span: tuple[int, int | None], said: Said, now: int) -> None:
        known_data(list(said.data))
        if known > now + HOUR_MS:
            raise InvalidRequest("waktu diketahui ada di masa depan; periksa tanggalnya")
        if span[0] > known:
            raise InvalidRequest("mulai terjadi sesudah diketahui; periksa kedua waktunya")
        if span[1] is not None and span[1] < span[0]:
            raise InvalidRequest("selesai lebih awal daripada mulai; periksa kedua waktunya")
        if span[1] is not None and span[1] > now + HOUR_MS:
            raise InvalidRequest("selesai ada di masa depan; kosongkan bila belum berakhir")


def _persons(number: int) -> Select[int]:
    return select(func.count()).select_from(BreachPersonRow).where(BreachPersonRow.breach == number)


def _step(session: Session, number: int, at: int, actor: Actor, act: str, note: str) -> None:  # noqa: PLR0917
    n = session.scalar(select(func.count()).select_from(BreachStepRow).where(BreachStepRow.breach == number)) or 0
    session.add(BreachStepRow(breach=number, n=int(n), at=at, by=actor.name or actor.id, act=act, note=note[:400]))
