"""How the planted trees fare: by village, species and kind of place, each figure with how many trees stand behind it and of which days.

Survival is of trees that somebody has seen: (hidup + tumbuh) / (hidup + tumbuh + mati + diganti), as RHL counts it. Trees that nobody has
visited are not counted as alive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from kampung_contract.villages import villages
from sqlalchemy import func, select

from kampung_cloud.modules.trees.judging import STATUSES
from kampung_cloud.modules.trees.species import species
from kampung_cloud.records import Records
from kampung_cloud.records.tree_models import TreeChangeRow, TreeRow

By = Literal["village", "species", "place"]


@dataclass
class Standing:
    """Counts by status of the trees of one ``key``; ``first`` and ``last`` are days of planting."""

    key: str
    title: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    first: str | None = None
    last: str | None = None

    def add(self, status: str, count: int, first: str | None, last: str | None) -> None:
        """Some more."""
        self.counts[status] += count
        if first is not None:
            self.first = first if self.first is None else min(self.first, first)
        if last is not None:
            self.last = last if self.last is None else max(self.last, last)

    @property
    def planted(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def alive(self) -> int:
        """Seen alive."""
        return self.counts["hidup"] + self.counts["tumbuh"]

    @property
    def seen(self) -> int:
        """Of which something is known but that they were planted."""
        return self.planted - self.counts["ditanam"]

    @property
    def survival(self) -> float | None:
        """%."""
        return 100 * self.alive / self.seen if self.seen else None

    def shown(self) -> dict[str, Any]:
        """As it goes out."""
        survival = None if self.survival is None else round(self.survival, 1)
        head = {"key": self.key, "title": self.title, "planted": self.planted, **self.counts, "seen": self.seen}
        return head | {"survival": survival, "first": self.first, "last": self.last}


def standings(records: Records, by: By, village: str | None = None) -> list[Standing]:
    """The most trees first. Raises ``StorageUnavailable``."""
    column: Any = {"village": TreeRow.village, "species": TreeRow.species, "place": TreeRow.plot}[by]
    query = select(column, TreeRow.status, func.count(), func.min(TreeRow.planted), func.max(TreeRow.planted)).group_by(
        column, TreeRow.status
    )
    with records.session() as session:
        rows = session.execute(query if village is None else query.where(TreeRow.village == village)).all()
    titled = _titles(by)
    out: dict[str, Standing] = {}
    for key, status, count, first, last in rows:
        name, title = titled(key)
        out.setdefault(name, Standing(name, title)).add(status, count, first, last)
    return sorted(out.values(), key=lambda s: (-s.planted, s.key))


def known_at(records: Records, at: int, codes: Iterable[str]) -> dict[str, dict[str, int]]:
    """Trees by village and status as it was known at a time (ms UTC); villages without any are absent. Raises ``StorageUnavailable``."""
    wanted = set(codes)
    query = (
        select(TreeChangeRow.village, TreeChangeRow.was, TreeChangeRow.now, func.count())
        .where(TreeChangeRow.at <= at)
        .group_by(TreeChangeRow.village, TreeChangeRow.was, TreeChangeRow.now)
    )
    out: dict[str, dict[str, int]] = {}
    with records.session() as session:
        for village, was, now, count in session.execute(query):
            if village in wanted:
                counts = out.setdefault(village, dict.fromkeys(STATUSES, 0))
                counts[now] += count
                if was:
                    counts[was] -= count
    return out


def total(rows: Iterable[Standing]) -> Standing:
    """All together."""
    out = Standing("", "")
    for row in rows:
        for status, count in row.counts.items():
            out.add(status, count, row.first, row.last)
    return out


def _titles(by: By) -> Callable[[str], tuple[str, str]]:
    if by == "village":
        names = {v.code: f"{v.name}, {v.kecamatan}" for v in villages()}
        return lambda key: (key, names.get(key, key))
    if by == "species":
        return lambda key: (key or "lain", species()[key].title["id"] if key in species() else "jenis lain")
    return lambda key: ("petak" if key else "sendiri", "petak desa" if key else "lahan sendiri")
