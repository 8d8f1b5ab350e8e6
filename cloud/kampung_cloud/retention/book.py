"""Proposals to destroy what is over its time, agreed to by a second person, and their certificates.

Destruction, certificate, its place in the chain and the access log's lines are one transaction: whoever is killed leaves all or nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kampung_contract.errors import Forbidden, InvalidRequest, KampungError, NotFound
from sqlalchemy import Select, func, select, text, update
from sqlalchemy.orm import Session

from kampung_cloud.access.actor import Actor
from kampung_cloud.local_day import day_of
from kampung_cloud.records import Records
from kampung_cloud.records.retention_models import DestructionItemRow, DestructionRow, RetentionHoldRow
from kampung_cloud.residents import access_log
from kampung_cloud.residents.access_log import Reading
from kampung_cloud.retention import discarding
from kampung_cloud.retention.destroyed import destroyed
from kampung_cloud.retention.kind import Item, Kind, Pile
from kampung_cloud.retention.times import DAY_MS, Time

MOST = 2_000
"""Things in one proposal: they are destroyed in one transaction. What is more waits for the next."""
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@dataclass(frozen=True, slots=True)
class Standing:
    """A kind as it stands. ``waiting``: how many are in a proposal that nobody has decided yet, ``held`` how many are held back."""

    time: Time
    pile: Pile
    waiting: int
    held: int


class Retention:
    """Of one installation. Methods may be called by any thread and by several processes."""

    def __init__(self, records: Records, kinds: Sequence[Kind], times: Mapping[str, Time]) -> None:
        self._records, self._times = records, times
        self._kinds = {kind.name: kind for kind in kinds}

    def standing(self, village: str, now: int) -> dict[str, Standing]:
        """By kind: what is over its time."""
        with self._records.session() as session:
            waiting, held = _counted(session, village)
            return {
                name: Standing(
                    self._times[name], kind.pile(session, village, self._before(name, now)), waiting.get(name, 0), held.get(name, 0)
                )
                for name, kind in self._kinds.items()
            }

    def propose(self, village: str, names: Sequence[str], note: str, actor: Actor, now: int) -> DestructionRow:
        """What is over its time now, of these kinds, but for what is held back or proposed already. Raises ``InvalidRequest``."""
        for name in names:
            self._kind(name)
        with self._records.session() as session:
            row = DestructionRow(
                village=village, state="proposed", note=note.strip()[:400], by=actor.id, by_name=actor.name, at=now, body={}
            )
            session.add(row)
            session.flush()
            room = MOST
            for name in dict.fromkeys(names):
                found = self._free(session, village, name, now, room)
                room -= len(found)
                session.add_all(
                    DestructionItemRow(destruction=row.id, kind=name, subject=i.subject, label=i.label[:120], at=i.at) for i in found
                )
            if room == MOST:
                raise InvalidRequest(
                    "tidak ada yang melewati masa simpan pada jenis yang dipilih, selain yang sudah diusulkan atau ditahan"
                )
        return row

    def agree(self, number: int, actor: Actor, now: int) -> DestructionRow:
        """Destroy what the proposal names and is still over its time, with a certificate. Raises ``NotFound``, ``conflict`` where it is
        decided already, ``Forbidden`` for whoever proposed it, also by another account of the same name."""
        with self._records.session() as session:
            row = self._decide(session, number, actor, now, "done")
            if not self._records.shared:
                session.execute(text("PRAGMA secure_delete=ON"))  # what was there is overwritten, not only unlinked
            row.n = 1 + (session.scalar(select(func.max(DestructionRow.n)).where(DestructionRow.village == row.village)) or 0)
            row.number = certificate_number(row.n, row.village, now)
            held = _held(session, row.village)
            items = session.scalars(select(DestructionItemRow).where(DestructionItemRow.destruction == row.id)).all()
            owners: list[tuple[int, DestructionItemRow]] = []
            for item in sorted(items, key=lambda i: (i.kind, i.at, i.subject)):
                if (item.kind, item.subject) not in held:
                    before = self._before(item.kind, now)
                    item.done, owner = self._kind(item.kind).destroy(session, row.village, before, item.subject, row.number)
                    if item.done and owner is not None:
                        owners.append((owner, item))
            if not any(item.done for item in items):
                raise InvalidRequest("tidak ada lagi yang dapat dimusnahkan dari usulan ini; tolak, lalu usulkan yang baru")
            session.flush()
            row.body = self._said(row, items, now) | {"files": discarding.of(session, row.number)}
            row.before = session.scalar(_chain(row.village).where(DestructionRow.n == row.n - 1)) or "0" * 64
            row.hash = certificate_hash(row.before, row.body)
            lines = [Reading(row.village, "retensi", "destroy", (owner,), f"{i.kind} {i.subject}: {row.number}") for owner, i in owners]
            access_log.append(session, actor, lines, now, shared=self._records.shared)
        if not self._records.shared:
            self._settle()
        return row

    def refuse(self, number: int, reason: str, actor: Actor, now: int) -> DestructionRow:
        """Nothing of it is destroyed. Raises as ``agree``."""
        with self._records.session() as session:
            row = self._decide(session, number, actor, now, "refused")
            row.reason = reason.strip()[:400]
        return row

    def listed(self, village: str, limit: int = 100) -> list[tuple[DestructionRow, dict[str, int]]]:
        """Proposals and certificates, the last first, each with how many things it names by kind."""
        with self._records.session() as session:
            rows = session.scalars(
                select(DestructionRow).where(DestructionRow.village == village).order_by(DestructionRow.id.desc()).limit(limit)
            ).all()
            counts: dict[int, dict[str, int]] = {row.id: {} for row in rows}
            grouped = select(DestructionItemRow.destruction, DestructionItemRow.kind, func.count()).group_by(
                DestructionItemRow.destruction, DestructionItemRow.kind
            )
            for number, kind, count in session.execute(grouped.where(DestructionItemRow.destruction.in_(counts))):
                counts[number][kind] = int(count)
            return [(row, counts[row.id]) for row in rows]

    def one(self, number: int) -> tuple[DestructionRow, list[DestructionItemRow]]:
        """With what it names, by kind and age. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(DestructionRow, number)
            if row is None:
                raise NotFound(f"usulan pemusnahan {number} tidak ada")
            chosen = select(DestructionItemRow).where(DestructionItemRow.destruction == number)
            return row, list(session.scalars(chosen.order_by(DestructionItemRow.kind, DestructionItemRow.at, DestructionItemRow.subject)))

    def hold(self, village: str, name: str, subject: str, reason: str, by: str, now: int) -> None:  # noqa: PLR0917
        """Keep one thing whatever its time: a case at law is about it (Ps 44 ayat (1) huruf c). ``subject`` as people know it.

        Raises ``InvalidRequest`` for a kind and for a thing that is destroyed, ``NotFound`` for one that there is not.
        """
        kind = self._kind(name)
        with self._records.session() as session:
            found = kind.named(session, village, subject.strip())
            if found is None:
                raise NotFound(f"{self._times[name].title}: tidak ada yang bernomor {subject[:40]!r} di desa ini; periksa nomornya")
            session.merge(RetentionHoldRow(village=village, kind=name, subject=found, reason=reason.strip()[:400], by=by, at=now))
            session.flush()
            # Whoever agrees just now is waited for, so that nothing is said to be held that he destroys.
            mine = (DestructionRow.village == village, DestructionRow.state == "proposed")
            session.execute(update(DestructionRow).where(*mine).values(state=DestructionRow.state))
            if (number := session.scalar(destroyed(village, name, found).limit(1))) is not None:
                raise InvalidRequest(
                    f"{self._times[name].title} {found}: sudah dimusnahkan dengan berita acara {number}; tidak ada yang ditahan"
                )

    def release(self, village: str, name: str, subject: str) -> None:
        """Its time counts again. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(RetentionHoldRow, (village, name, subject))
            if row is None:
                raise NotFound(f"{name} {subject} tidak ditahan")
            session.delete(row)

    def holds(self, village: str) -> list[RetentionHoldRow]:
        """What is held back, the last first."""
        with self._records.session() as session:
            chosen = select(RetentionHoldRow).where(RetentionHoldRow.village == village).order_by(RetentionHoldRow.at.desc())
            return list(session.scalars(chosen))

    def verify(self, village: str) -> str | None:
        """What is wrong with the chain of certificates; None where each is as it was written."""
        before = "0" * 64
        with self._records.session() as session:
            lists = _lists(session, village)
            chosen = select(DestructionRow).where(DestructionRow.village == village, DestructionRow.state == "done")
            for n, row in enumerate(session.scalars(chosen.order_by(DestructionRow.n)), 1):
                if row.n != n:
                    return f"berita acara ke-{n} tidak ada"
                if row.before != before or row.hash != certificate_hash(before, row.body):
                    return f"berita acara {row.number} tidak seperti saat dibuat"
                if {k["kind"]: k["list"] for k in row.body["kinds"]} != {k: _listed(of) for k, of in lists.get(row.id, {}).items()}:
                    return f"daftar pada berita acara {row.number} tidak seperti saat dibuat"
                before = row.hash
        return None

    def _before(self, name: str, now: int) -> int:
        return now - self._times[name].days * DAY_MS

    def _kind(self, name: str) -> Kind:
        if name not in self._kinds:
            raise InvalidRequest(f"kind = {name[:40]!r}: tidak dikenal; yang ada: {', '.join(self._kinds)}")
        return self._kinds[name]

    def _free(self, session: Session, village: str, name: str, now: int, room: int) -> list[Item]:
        taken = {s for k, s in _held(session, village) | _waiting(session, village) if k == name}
        found = self._kinds[name].over(session, village, self._before(name, now), room + len(taken))
        return [item for item in found if item.subject not in taken][:room]

    def _decide(self, session: Session, number: int, actor: Actor, now: int, state: str) -> DestructionRow:
        """A write comes first: it is the lock under which one decides."""
        mine = update(DestructionRow).where(DestructionRow.id == number, DestructionRow.state == "proposed")
        claimed = session.execute(mine.values(state=state, second=actor.id, second_name=actor.name, decided=now)).rowcount  # type: ignore[attr-defined]
        row = session.get(DestructionRow, number, populate_existing=True)
        if row is None:
            raise NotFound(f"usulan pemusnahan {number} tidak ada")
        if not claimed:
            raise KampungError(f"usulan pemusnahan {number} sudah diputuskan oleh {row.second_name}", code="conflict")
        if state == "done" and (row.by == actor.id or row.by_name.casefold() == actor.name.casefold() != ""):
            raise Forbidden(f"{row.by_name or row.by} mengusulkannya sendiri (akun {row.by}); orang kedua yang menyetujui")
        return row

    def _said(self, row: DestructionRow, items: Sequence[DestructionItemRow], now: int) -> dict[str, Any]:
        kinds = []
        for name in sorted({i.kind for i in items if i.done}):
            of, time = [i for i in items if i.kind == name and i.done], self._times[name]
            kinds.append({
                "kind": name, "title": time.title, "what": time.what, "count": len(of), "oldest": min(i.at for i in of),
                "newest": max(i.at for i in of), "days": time.days, "since": time.since, "source": time.source,
                "list": _listed((i.subject, i.at) for i in of),
            })  # fmt: skip
        people = {"by": row.by, "by_name": row.by_name, "second": row.second, "second_name": row.second_name}
        kept = sum(1 for i in items if not i.done)
        return {
            "number": row.number,
            "village": row.village,
            "proposed": row.at,
            "at": now,
            **people,
            "note": row.note,
            "kinds": kinds,
            "kept": kept,
        }

    def _settle(self) -> None:
        """Out of SQLite's journal too; another process that reads may hold it up, and then its next checkpoint does it."""
        with self._records.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


def certificate_number(n: int, village: str, now: int) -> str:
    """``003/BA-PDP/35.10.24.2008/XI/2026``: counts on over the years, so that none is missing unseen."""
    day = day_of(now)
    return f"{n:03}/BA-PDP/{village}/{ROMAN[day.month - 1]}/{day.year}"


def certificate_hash(before: str, body: Mapping[str, Any]) -> str:
    """Over what a certificate says and the one before."""
    return hashlib.sha256((before + json.dumps(body, sort_keys=True, ensure_ascii=False)).encode()).hexdigest()


def _chain(village: str) -> Select[str]:
    return select(DestructionRow.hash).where(DestructionRow.village == village)


def _listed(things: Iterable[tuple[str, int]]) -> str:
    """Hash over what was destroyed, of one kind: subject and when its time began."""
    return hashlib.sha256("\n".join(sorted(f"{subject} {at}" for subject, at in things)).encode()).hexdigest()


def _lists(session: Session, village: str) -> dict[int, dict[str, list[tuple[str, int]]]]:
    """What was destroyed, by certificate and kind."""
    item, out = DestructionItemRow, dict[int, dict[str, list[tuple[str, int]]]]()
    asked = select(item.destruction, item.kind, item.subject, item.at).join(DestructionRow, DestructionRow.id == item.destruction)
    for number, kind, subject, at in session.execute(asked.where(DestructionRow.village == village, item.done)):
        out.setdefault(number, {}).setdefault(kind, []).append((subject, at))
    return out


def _held(session: Session, village: str) -> set[tuple[str, str]]:
    chosen = select(RetentionHoldRow.kind, RetentionHoldRow.subject).where(RetentionHoldRow.village == village)
    return {(k, s) for k, s in session.execute(chosen)}


def _waiting(session: Session, village: str) -> set[tuple[str, str]]:
    joined = select(DestructionItemRow.kind, DestructionItemRow.subject).join(
        DestructionRow, DestructionRow.id == DestructionItemRow.destruction
    )
    return {(k, s) for k, s in session.execute(joined.where(DestructionRow.village == village, DestructionRow.state == "proposed"))}


def _counted(session: Session, village: str) -> tuple[dict[str, int], dict[str, int]]:
    out: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for into, pairs in zip(out, (_waiting(session, village), _held(session, village)), strict=True):
        for kind, _ in pairs:
            into[kind] = into.get(kind, 0) + 1
    return out
