"""A section of the monthly report: what a module has to say of a month in a village, a kecamatan, or the regency. All words Indonesian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import Village
from kampung_contract.villages import village as find_village
from kampung_contract.villages import villages as all_villages

from kampung_cloud.regency.kecamatan import code_of
from kampung_cloud.regency.month import Month

if TYPE_CHECKING:
    from kampung_cloud.api.services import Services

Cell = str | float | int | None
"""None is printed as a dash: not known."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about: ``villages`` in order of code, at least one; ``level`` says how many that are."""

    level: Literal["village", "kecamatan", "regency"]
    title: str
    code: str
    villages: tuple[Village, ...]

    @property
    def codes(self) -> frozenset[str]:
        """Codes of its villages."""
        return frozenset(v.code for v in self.villages)

    @classmethod
    def regency(cls) -> Scope:
        """All villages."""
        return cls("regency", "Kabupaten Banyuwangi", "35.10", tuple(all_villages()))

    @classmethod
    def of(cls, code: str | None) -> Scope:
        """By the code of a village (35.10.24.2008) or a kecamatan (35.10.24); None and 35.10 are the regency.

        Raises ``UnknownVillage`` and ``InvalidRequest``.
        """
        if code is None or code == "35.10":
            return cls.regency()
        if len(code) != len("35.10.24"):
            one = find_village(code)
            return cls("village", f"{one.type.capitalize()} {one.name}", one.code, (one,))
        members = tuple(v for v in all_villages() if code_of(v.code) == code)
        if not members:
            known = sorted({f"{code_of(v.code)} ({v.kecamatan})" for v in all_villages()})
            raise InvalidRequest(f"kecamatan {code[:20]!r} is not one of Banyuwangi's: {', '.join(known)}")
        return cls("kecamatan", f"Kecamatan {members[0].kecamatan}", code, members)


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: ``unit`` stands in the head. ``decimals`` None: text, else numbers to the right with so many."""

    title: str
    unit: str = ""
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` have a cell for each of ``columns``."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"table {self.title!r}: each row has a cell for each of {len(self.columns)} columns")


@dataclass(frozen=True, slots=True)
class Line:
    """A line or a row of bars of a chart; None in ``values`` is a gap and is drawn as one."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A level that is drawn across a chart, with its word."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """``at`` are times (ms UTC), one for each value of each line; ``unit`` goes into the title."""

    title: str
    unit: str
    at: tuple[int, ...]
    lines: tuple[Line, ...]
    kind: Literal["line", "bar"] = "line"
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        if any(len(line.values) != len(self.at) for line in self.lines):
            raise ValueError(f"chart {self.title!r}: each line has a value, or None, for each of {len(self.at)} times")


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is printed. ``n``: how many things stand behind it, in words: "8.640 pembacaan dari 3 sensor".

    ``sources``: data and norms, a sentence each; at least one.
    """

    paragraphs: tuple[str, ...]
    n: str
    sources: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


Make = Callable[["Services", Scope, Month, int], Part | None]
"""``make(services, scope, month, now)`` (now in ms UTC: a month may still be under way). None: nothing is known of that month there, and
the report says so itself. May raise ``StorageUnavailable``."""


@dataclass(frozen=True, slots=True)
class Section:
    """``key`` is unique among all modules; sections are printed in ``order``, then by key."""

    key: str
    title: str
    make: Make
    order: int = 50


def villages_with(scope: Scope, known: Sequence[str]) -> str:
    """``12 dari 217 desa`` for codes of which something is known; ``desa ini`` of a village."""
    if scope.level == "village":
        return "desa ini"
    return f"{len(scope.codes & set(known))} dari {len(scope.villages)} desa"
