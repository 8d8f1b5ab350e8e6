"""Which tests are in force for a series, with their numbers and whose these are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from kampung_contract.limits import sources, usual_limits
from kampung_contract.neighbours import Neighbours
from kampung_contract.relations import relations

from kampung_cloud.provenance import Span
from kampung_cloud.telemetry.store import SeriesKey

TESTS = ("range", "usual", "rate", "spike", "still")


class Force(NamedTuple):
    """A test and its numbers. ``by``: catalogue, site (its kiosk's file) or regency."""

    test: str
    limits: dict[str, Any]
    by: Literal["catalogue", "site", "regency"]
    source: str


def in_force(key: SeriesKey, behind: Span | None, groups: Iterable[Neighbours]) -> Sequence[Force]:
    """``behind`` is what its kiosk has told of the device now, ``groups`` the regency's."""
    return [*_own(key, behind), *_relations(key, behind), *_groups(key, groups)]


def _own(key: SeriesKey, behind: Span | None) -> Iterator[Force]:
    told = behind.series.limits if behind is not None else None
    usual, named = usual_limits(key.quantity), sources(key.quantity)
    for test in TESTS:
        found = getattr(told if told is not None else usual, test)
        if not found:
            continue
        own = told is not None and found != getattr(usual, test)
        yield Force(test, _shown(test, found), "site" if own else "catalogue", told.source if own and told else named.get(test, ""))


def _relations(key: SeriesKey, behind: Span | None) -> Iterator[Force]:
    model = behind.device.model if behind is not None else ""
    for relation in relations():
        table = msgspec.to_builtins(relation)
        about = (table.get("quantity"), table.get("low"), table.get("high"))
        if key.quantity in about and relation.concerns(model):
            limits = {k: v for k, v in table.items() if k not in ("source", "models", "id") and v is not None}
            yield Force("relation", {"id": relation.id} | limits, "catalogue", relation.source)


def _groups(key: SeriesKey, groups: Iterable[Neighbours]) -> Iterator[Force]:
    for group in groups:
        if key.id in group.series:
            told = {"series": list(group.series), "most": group.most, "within": group.within, "least": group.least}
            yield Force("neighbours", told, "regency", group.source)


def _shown(test: str, found: Any) -> dict[str, Any]:
    if test in ("range", "usual"):
        return {"low": found[0], "high": found[1]}
    return {"steps": [list(step) for step in found]} if test == "rate" else dict(msgspec.to_builtins(found))
