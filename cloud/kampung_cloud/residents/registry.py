"""The register: residents and families are written and read here, and nowhere else opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.times import WIB
from sqlalchemy import Select, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from kampung_cloud.records import Records
from kampung_cloud.records.resident_models import FamilyRow, ResidentEventRow, ResidentRow, ResidentTokenRow
from kampung_cloud.residents import kk, names, nik
from kampung_cloud.residents.person import Person, Resident
from kampung_cloud.residents.relation import RELATIONS, STATES
from kampung_cloud.residents.sealed import Ids, Sealed, next_ids
from kampung_cloud.sealing import Keyring

FROM_FILES = ("number_cell",)
"""Doubts that came with a person's numbers and stay until these change."""


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a person that was told of: ``kind`` is new, changed or same."""

    id: int
    kind: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """``by`` is an account; ``day`` is when it happened, ``now`` (ms UTC) when it is put on record."""

    by: str
    day: date
    now: int


Unnumbered = tuple[str, bytes, str, str]
"""Village, hash of the card or nothing, day of birth or nothing, name in small letters."""


@dataclass(slots=True)
class Known:
    """What the register has of a lot of people: residents by their NIK's hash, families by village and card; and what is to be written.

    ``unnumbered``: those without a NIK by card, day of birth and name, where a file may tell of them again. Each is found once, so that
    twins who are both called Bayi stay two.
    """

    residents: dict[bytes, list[ResidentRow]]
    families: dict[tuple[str, bytes], FamilyRow]
    ids: Ids
    tokens: list[dict[str, Any]] = field(default_factory=list)
    unnumbered: dict[Unnumbered, list[ResidentRow]] = field(default_factory=dict)


class Registry:
    """Over the process's records; ``ring`` opens what is sealed."""

    def __init__(self, records: Records, ring: Keyring) -> None:
        self.records = records
        self.ring = ring
        self._sealed = Sealed(ring)

    def add(self, person: Person, kind: str, said: Said) -> Put:
        """A new resident, by birth or moving in. Raises ``InvalidRequest`` where the village has one with this NIK already."""
        with self.records.session() as session:
            self.hold(session)
            known = self.know(session, [person])
            there = self._known(known, person)
            if there is not None:
                raise InvalidRequest(f"the village has this NIK already, resident {there.id} ({there.name}); change that one instead")
            put = self.put(session, person, said.now, known)
            self.finish(session, known)
            session.add(_event(put.id, person.village, kind, {}, said))
        return put

    def change(self, number: int, told: Mapping[str, Any], said: Said) -> Put:
        """Other values for some fields of ``Person``. Raises ``NotFound``, ``InvalidRequest``."""
        with self.records.session() as session:
            self.hold(session)
            row = _row(session, number)
            before = self._person(session, row)
            after = replace(before, **told)
            put = self._write(session, row, before, after, said.now, self.know(session, [after]))
            if put.kind == "changed":
                session.add(_event(number, row.village, "change", {"fields": sorted(told)}, said))
        return put

    def happen(self, number: int, kind: str, body: Mapping[str, str], said: Said) -> None:
        """A death or a move out; the person stays in the register as what he became. Raises ``NotFound``, ``InvalidRequest``."""
        state = {"death": "meninggal", "move_out": "pindah", "move_in": "tinggal"}[kind]
        with self.records.session() as session:
            self.hold(session)
            row = _row(session, number)
            if row.state == state:
                raise InvalidRequest(f"resident {number} is {state} already; nothing to record")
            row.state, row.changed = state, said.now
            session.add(_event(number, row.village, kind, dict(body), said))

    def get(self, number: int) -> Resident:
        """Raises ``NotFound``."""
        with self.records.session() as session:
            return self._resident(session, _row(session, number))

    def several(self, numbers: Sequence[int]) -> list[Resident]:
        """In the order asked for; who is not there is left out."""
        with self.records.session() as session:
            rows = {row.id: row for row in session.scalars(select(ResidentRow).where(ResidentRow.id.in_(numbers)))}
            return [self._resident(session, rows[number]) for number in numbers if number in rows]

    def events(self, number: int) -> list[ResidentEventRow]:
        """What happened to him, the last first."""
        with self.records.session() as session:
            return list(
                session.scalars(select(ResidentEventRow).where(ResidentEventRow.resident == number).order_by(ResidentEventRow.id.desc()))
            )

    def family(self, number: int) -> tuple[FamilyRow, list[ResidentRow]]:
        """A family and its members, in the order of its card. Raises ``NotFound``."""
        with self.records.session() as session:
            row = session.get(FamilyRow, number)
            if row is None:
                raise NotFound(f"family {number} is not here")
            members = session.scalars(select(ResidentRow).where(ResidentRow.family == number)).all()
        return row, sorted(members, key=lambda m: (RELATIONS.index(m.relation), m.born or "9", m.id))

    def by_nik(self, number: str, village: str | None) -> list[int]:
        """Residents with this NIK."""
        return self._ids(select(ResidentRow.id).where(ResidentRow.nik_hash == self.ring.lookup("nik", number)), village)

    def by_kk(self, number: str, village: str | None) -> list[int]:
        """Members of the family with this card."""
        of = FamilyRow.id == ResidentRow.family
        return self._ids(select(ResidentRow.id).join(FamilyRow, of).where(FamilyRow.kk_hash == self.ring.lookup("kk", number)), village)

    def know(self, session: Session, people: Sequence[Person], told_before: int | None = None) -> Known:
        """What the register has of these people's numbers: asked once for a whole lot. The session has called ``hold`` before.

        ``told_before`` (ms UTC), for files that may tell of people again: residents without a NIK who were in the register by then are
        known by card, day of birth and name.
        """
        niks = {self.ring.lookup("nik", person.nik) for person in people if person.nik}
        cards = {self.ring.lookup("kk", person.kk) for person in people if person.kk}
        rows = session.scalars(select(ResidentRow).where(ResidentRow.nik_hash.in_(niks)).order_by(ResidentRow.id)).all() if niks else []
        families = session.scalars(select(FamilyRow).where(FamilyRow.kk_hash.in_(cards))).all() if cards else []
        known = Known({}, {(row.village, row.kk_hash): row for row in families}, next_ids(session, len(people)))
        for row in rows:
            known.residents.setdefault(row.nik_hash or b"", []).append(row)
        if told_before is not None:
            self._know_unnumbered(session, known, people, told_before)
        return known

    def _know_unnumbered(self, session: Session, known: Known, people: Sequence[Person], told_before: int) -> None:
        cards = {row.id: row.kk_hash for row in known.families.values()}
        chosen = select(ResidentRow).where(
            ResidentRow.village.in_({person.village for person in people}),
            ResidentRow.nik_hash.is_(None),
            ResidentRow.created < told_before,
            or_(ResidentRow.family.is_(None), ResidentRow.family.in_(cards)),
        )
        for row in session.scalars(chosen.order_by(ResidentRow.id)):
            card = b"" if row.family is None else cards[row.family]
            known.unnumbered.setdefault((row.village, card, row.born or "", row.name.casefold()), []).append(row)

    def put(self, session: Session, person: Person, now: int, known: Known) -> Put:
        """Add a person, or change the one with the same NIK in the village; fields that are empty change nothing. For imports, too.

        The session has called ``hold`` before; after the last of the lot comes ``finish``.
        """
        row = self._known(known, person)
        if row is not None:
            before = self._person(session, row)
            put = self._write(session, row, before, _filled(before, person), now, known)
            if row.nik_hash is not None and row not in known.residents.get(row.nik_hash, []):
                known.residents.setdefault(row.nik_hash, []).append(row)
            return put
        row = ResidentRow(id=known.ids.resident(), village=person.village, created=now)
        self._fill(session, row, person, now, known)
        session.add(row)
        if row.nik_hash is not None:
            known.residents.setdefault(row.nik_hash, []).append(row)
        known.tokens += _tokens(row)
        return Put(row.id, "new", tuple(row.doubts))

    def finish(self, session: Session, known: Known) -> None:
        """Write what a lot has gathered."""
        session.flush()
        if known.tokens:
            session.execute(insert(ResidentTokenRow), known.tokens)
            known.tokens = []

    def hold(self, session: Session) -> None:
        """A write that changes nothing: SQLite takes its lock for it, so that nobody changes what is read after it."""
        session.execute(update(ResidentRow).where(ResidentRow.id == -1).values(state="tinggal"))

    def _write(self, session: Session, row: ResidentRow, before: Person, after: Person, now: int, known: Known) -> Put:  # noqa: PLR0917
        if replace(after, found=()) == replace(before, found=()):
            return Put(row.id, "same", tuple(row.doubts))
        self._fill(session, row, after, now, known)
        if after.name != before.name:
            session.execute(delete(ResidentTokenRow).where(ResidentTokenRow.resident == row.id))
            session.execute(insert(ResidentTokenRow), _tokens(row))
        return Put(row.id, "changed", tuple(row.doubts))

    def _fill(self, session: Session, row: ResidentRow, person: Person, now: int, known: Known) -> None:
        """Raises ``InvalidRequest`` for what cannot be kept at all."""
        if nik.foreign(person.nik, person.village):
            raise InvalidRequest(f"nik: a temporary number of village {nik.temporary(person.nik)}; it means nobody in {person.village}")
        if person.relation not in RELATIONS or person.state not in STATES or person.sex not in {"", "L", "P"}:
            raise InvalidRequest(
                f"relation, state, sex = {person.relation!r}, {person.state!r}, {person.sex!r}: not what the register knows"
            )
        row.name, row.sex, row.birthplace = names.name(person.name), person.sex, person.birthplace
        row.born = None if person.born is None else person.born.isoformat()
        row.relation, row.hamlet, row.rt, row.rw, row.state = person.relation, person.hamlet, person.rt, person.rw, person.state
        row.nik_sealed = self._sealed.seal("nik", row.id, person.nik)
        row.nik_hash = self.ring.lookup("nik", person.nik) if person.nik else None
        row.contacts_sealed = self._sealed.seal_all("contacts", row.id, person.contacts)
        row.details_sealed = self._sealed.seal_all("details", row.id, person.details)
        row.family = self._family(session, person, now, known) if person.kk else None
        row.doubts = self._doubts(row, person, now, known)
        row.changed = now

    def _family(self, session: Session, person: Person, now: int, known: Known) -> int:
        hashed = self.ring.lookup("kk", person.kk)
        row = known.families.get((person.village, hashed))
        if row is None:
            row = FamilyRow(id=known.ids.family(), village=person.village, kk_hash=hashed, address_sealed=None, created=now)
            row.kk_sealed = self._sealed.seal("kk", row.id, person.kk) or b""
            row.doubts = [each.code for each in kk.judge(person.kk, _today(now))]
            row.changed = now
            session.add(row)
            known.families[person.village, hashed] = row
        if person.address and person.address != self._sealed.open("address", row.id, row.address_sealed):
            row.address_sealed, row.changed = self._sealed.seal("address", row.id, person.address), now
        return row.id

    def _doubts(self, row: ResidentRow, person: Person, now: int, known: Known) -> list[str]:
        if not person.nik:
            return ["missing"]
        found = [each.code for each in nik.judge(person.nik, born=person.born, sex=person.sex, today=_today(now))]
        found += [code for code in person.found if code in FROM_FILES]
        others = known.residents.get(row.nik_hash or b"", [])
        if person.state == "tinggal" and any(other.id != row.id and other.state == "tinggal" for other in others):
            found.append("twice")
        return found

    def _known(self, known: Known, person: Person) -> ResidentRow | None:
        if person.nik:
            rows = known.residents.get(self.ring.lookup("nik", person.nik), [])
            found = next((row for row in rows if row.village == person.village), None)
            if found is not None or not (person.kk and person.born):
                return found
        elif not (person.kk or person.born):
            return None  # a name alone is nobody
        card = self.ring.lookup("kk", person.kk) if person.kk else b""
        born = "" if person.born is None else person.born.isoformat()
        same = known.unnumbered.get((person.village, card, born, names.name(person.name).casefold()), [])
        if not same or (person.nik and len(same) > 1):
            return None  # whose the number is, of two with one name, nobody can tell from a file
        return same.pop(0)

    def _ids(self, query: Select[Any], village: str | None) -> list[int]:
        if village is not None:
            query = query.where(ResidentRow.village == village)
        with self.records.session() as session:
            return list(session.scalars(query.order_by(ResidentRow.id).limit(50)))

    def _resident(self, session: Session, row: ResidentRow) -> Resident:
        return Resident(row.id, self._person(session, row), row.family, tuple(row.doubts), row.created, row.changed)

    def _person(self, session: Session, row: ResidentRow) -> Person:
        family = None if row.family is None else session.get(FamilyRow, row.family)
        return Person(
            village=row.village,
            name=row.name,
            sex=row.sex,
            born=None if row.born is None else date.fromisoformat(row.born),
            birthplace=row.birthplace,
            nik=self._sealed.open("nik", row.id, row.nik_sealed),
            kk="" if family is None else self._sealed.open("kk", family.id, family.kk_sealed),
            relation=row.relation,
            hamlet=row.hamlet,
            rt=row.rt,
            rw=row.rw,
            state=row.state,
            address="" if family is None else self._sealed.open("address", family.id, family.address_sealed),
            contacts=self._sealed.open_all("contacts", row.id, row.contacts_sealed),
            details=self._sealed.open_all("details", row.id, row.details_sealed),
            found=tuple(code for code in row.doubts if code in FROM_FILES),
        )


def _tokens(row: ResidentRow) -> list[dict[str, Any]]:
    return [{"resident": row.id, "token": token, "village": row.village} for token in names.tokens(row.name)]


def _row(session: Session, number: int) -> ResidentRow:
    row = session.get(ResidentRow, number, with_for_update=True)
    if row is None:
        raise NotFound(f"resident {number} is not here; search again")
    return row


def _event(resident: int, village: str, kind: str, body: dict[str, Any], said: Said) -> ResidentEventRow:
    return ResidentEventRow(resident=resident, village=village, kind=kind, day=said.day.isoformat(), body=body, by=said.by, at=said.now)


def _filled(before: Person, told: Person) -> Person:
    """What is told, and what was known where nothing is."""
    new = {name: value for name in Person.__slots__ if (value := getattr(told, name)) not in ("", None, {}, ())}
    for name in ("contacts", "details"):
        if name in new:
            new[name] = {**getattr(before, name), **new[name]}
    return replace(before, **new)


def _today(now: int) -> date:
    return datetime.fromtimestamp(now / 1000, WIB).date()
