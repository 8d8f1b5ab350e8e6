"""An import, step by step: the file is read, its columns are named, every line is tried, and only then is anything written.

Lines are written in lots, each a transaction that also says how far it is. What ends in the middle says so (``taking`` with nobody at
it), and goes on from there: no line is taken twice.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.times import WIB
from sqlalchemy import select

from kampung_cloud.access.actor import Actor
from kampung_cloud.records.resident_models import ResidentEventRow, ResidentImportRow
from kampung_cloud.residents import access_log, nik
from kampung_cloud.residents.doubt import WORDS
from kampung_cloud.residents.files.columns import columns, guess
from kampung_cloud.residents.files.line import Problem, Read, person
from kampung_cloud.residents.files.sheet import Sheet, read
from kampung_cloud.residents.files.store import Store
from kampung_cloud.residents.person import Person
from kampung_cloud.residents.registry import Registry

LOT = 200
SHOWN = 500
SAMPLES = 5
PERSONAL = frozenset({"nik", "no_kk", "telepon", "email"})


class Imports:
    """Imports of villages' residents."""

    def __init__(self, registry: Registry, store: Store) -> None:
        self._registry = registry
        self._records = registry.records
        self._store = store

    def bring(self, village: str, file: str, data: bytes, by: str, now: int) -> ResidentImportRow:
        """Read a file and guess its columns. Raises ``InvalidRequest``, ``TooMuch``."""
        self._store.clear(now)
        sheet = read(data)
        mapping = {str(place): name for place, name in guess(sheet.heads).items()}
        name = secrets.token_hex(8)
        self._store.put(name, data)
        row = ResidentImportRow(
            id=name, village=village, file="".join(c for c in file if c.isprintable())[:100], state="read", lines=len(sheet.lines), taken=0,
            mapping=mapping, report={"columns": _samples(sheet)}, by=by, at=now, changed=now,
        )  # fmt: skip
        with self._records.session() as session:
            session.add(row)
        return row

    def find(self, name: str) -> ResidentImportRow:
        """Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(ResidentImportRow, name)
        if row is None:
            raise NotFound(f"import {name[:20]!r} is not here")
        return row

    def listed(self, village: str, limit: int = 20) -> list[ResidentImportRow]:
        """The last first."""
        query = select(ResidentImportRow).where(ResidentImportRow.village == village).order_by(ResidentImportRow.at.desc())
        with self._records.session() as session:
            return list(session.scalars(query.limit(limit)))

    def check(self, name: str, mapping: Mapping[str, str], now: int) -> ResidentImportRow:
        """Try every line by these columns, writing nothing but the report. Raises ``InvalidRequest``."""
        row = self.find(name)
        if row.state != "read":
            raise KampungError(f"import {name} is {row.state}; bring the file again", code="conflict")
        sheet = read(self._store.get(name))
        lines = _lines(sheet, _mapped(mapping, len(sheet.heads)), row.village, _today(now))
        report = row.report | _report(lines, _today(now))
        with self._records.session() as session:
            kept = session.get_one(ResidentImportRow, name)
            kept.mapping, kept.report, kept.changed = dict(mapping), report, now
        return self.find(name)

    def begin(self, name: str, now: int, *, without_wrong: bool) -> ResidentImportRow:
        """Allow the lines to be written. Raises ``InvalidRequest`` where lines are wrong and nobody said that they are to be left out."""
        with self._records.session() as session:
            row = session.get(ResidentImportRow, name, with_for_update=True)
            if row is None:
                raise NotFound(f"import {name[:20]!r} is not here")
            if row.state == "done" or "good" not in row.report:
                remedy = "nothing is left to do" if row.state == "done" else "check it first"
                raise KampungError(f"import {name} is {row.state}; {remedy}", code="conflict")
            if row.report["wrong"] and not without_wrong:
                raise InvalidRequest(f"{row.report['wrong']} lines cannot be taken; mend the file, or say that they are to be left out")
            row.state, row.changed = "taking", now
        return self.find(name)

    def take(self, name: str, actor: Actor, now: int) -> ResidentImportRow:
        """Write the lines that are not in yet, lot by lot. Raises ``StorageUnavailable``: what is in is in, and another call goes on."""
        row = self.find(name)
        sheet = read(self._store.get(name))
        lines = _lines(sheet, _mapped(row.mapping, len(sheet.heads)), row.village, _today(now))
        for begin in range(row.taken, len(lines), LOT):
            self._lot(name, row.village, lines[begin : begin + LOT], begin, actor, now)
        with self._records.session() as session:
            kept = session.get_one(ResidentImportRow, name)
            kept.state, kept.changed = "done", now
        self._store.drop(name)
        return self.find(name)

    def give_up(self, name: str, now: int) -> None:
        """Forget the file; what is in stays in. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(ResidentImportRow, name)
            if row is None:
                raise NotFound(f"import {name[:20]!r} is not here")
            if row.state != "done":
                row.state, row.changed = "given_up", now
        self._store.drop(name)

    def _lot(self, name: str, village: str, lines: Sequence[Read], begin: int, actor: Actor, now: int) -> None:  # noqa: PLR0917
        day = _today(now).isoformat()
        with self._records.session() as session:
            self._registry.hold(session)
            kept = session.get_one(ResidentImportRow, name, with_for_update=True)
            if kept.taken != begin or kept.state != "taking":
                raise KampungError(f"import {name}: somebody else goes on with it, or gave it up", code="conflict")
            counts = Counter(kept.report.get("became", {}))
            people = [line.person for line in lines if line.person is not None]
            known = self._registry.know(session, people, told_before=kept.at)
            for line in lines:
                if line.person is None:
                    counts["left_out"] += 1
                    continue
                put = self._registry.put(session, line.person, now, known)
                counts[put.kind] += 1
                if put.kind != "same":
                    body = {"import": name, "line": line.line}
                    session.add(ResidentEventRow(resident=put.id, village=village, kind="import", day=day, body=body, by=actor.id, at=now))
            self._registry.finish(session, known)
            kept.taken, kept.changed = begin + len(lines), now
            kept.report = kept.report | {"became": dict(counts)}


def note(registry: Registry, actor: Actor, row: ResidentImportRow, now: int) -> None:
    """Put on record that a village's residents were imported."""
    reading = access_log.Reading(row.village, "pemutakhiran", "import", (None,), f"{row.file}: {row.lines} baris")
    access_log.note(registry.records, actor, [reading], now)


def _mapped(mapping: Mapping[str, str], heads: int) -> dict[int, str]:
    """Raises ``InvalidRequest`` for columns that are not there, names that are not ours, and one that is named twice."""
    out: dict[int, str] = {}
    for place, name in mapping.items():
        if not place.isdigit() or int(place) >= heads or name not in columns():
            given = f"{place[:10]!r} to {name[:30]!r}"
            raise InvalidRequest(f"mapping {given}: expected a column 0 to {heads - 1} and one of {', '.join(columns())}")
        if name in out.values():
            raise InvalidRequest(f"mapping: two columns are {name}; leave one of them out")
        out[int(place)] = name
    if "nama" not in out.values():
        raise InvalidRequest("mapping: no column is nama; say which one holds the names")
    return out


def _lines(sheet: Sheet, mapping: Mapping[int, str], village: str, today: date) -> list[Read]:
    """Each line, and which repeat the NIK of one before."""
    seen: dict[str, int] = {}
    out = []
    for line in sheet.lines:
        found = person(line, mapping, village, today)
        number = found.person.nik if found.person is not None else ""
        if number and number in seen:
            twice = Problem(line.at, columns()["nik"].title, f"sama dengan baris {seen[number]}; periksa keduanya", grave=True)
            found = Read(line.at, None, (*found.problems, twice))
        elif number:
            seen[number] = line.at
        out.append(found)
    return out


def _report(lines: Sequence[Read], today: date) -> dict[str, Any]:
    problems = [problem for line in lines for problem in (*line.problems, *_doubts(line, today))]
    problems.sort(key=lambda p: not p.grave)
    return {
        "good": sum(line.person is not None for line in lines),
        "wrong": sum(line.person is None for line in lines),
        "doubtful": len({p.line for p in problems if not p.grave}),
        "problems": [{"line": p.line, "column": p.column, "words": p.words, "grave": p.grave} for p in problems[:SHOWN]],
        "more": max(0, len(problems) - SHOWN),
    }


def _doubts(line: Read, today: date) -> list[Problem]:
    if line.person is None:
        return []
    return [Problem(line.line, columns()["nik"].title, WORDS[code], grave=False) for code in _codes(line.person, today)]


def _codes(found: Person, today: date) -> list[str]:
    if not found.nik:
        return ["missing"]
    return [each.code for each in nik.judge(found.nik, born=found.born, sex=found.sex, today=today)] + list(found.found)


def _samples(sheet: Sheet) -> list[dict[str, Any]]:
    """Heads and a few values of each column; numbers of persons masked."""
    known = guess(sheet.heads)
    out = []
    for place, head in enumerate(sheet.heads):
        values = [line.cells[place].text for line in sheet.lines[:SAMPLES] if place < len(line.cells)]
        hidden = known.get(place) in PERSONAL or any(len(nik.clean(value)) > 9 for value in values)
        if head or any(values):
            out.append({"place": place, "head": head[:60], "samples": [nik.masked(v) if hidden else v[:40] for v in values]})
    return out


def _today(now: int) -> date:
    return datetime.fromtimestamp(now / 1000, WIB).date()
