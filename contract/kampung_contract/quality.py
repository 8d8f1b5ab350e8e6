"""Quality control as both sides know it: QARTOD's flags together, the names of tests, and what an edge tells of them.

A reading carries its flag; *why* is told apart, a stretch of readings at a time, so that it costs a village next to nothing.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Literal

import msgspec

from kampung_contract.errors import InvalidEvent
from kampung_contract.pack import EARLIEST, FAIL, FLAGS, GOOD, MISSING, NOT_EVALUATED, SUSPECT, is_series

TYPE: Literal["quality"] = "quality"
PRIORITY = (MISSING, NOT_EVALUATED, GOOD, SUSPECT, FAIL)
"""QARTOD: of several judgements of a reading the one furthest back in this row counts."""
RANK = {flag: place for place, flag in enumerate(PRIORITY)}
MOST = 500
"""Stretches, and later judgements, in one event."""


def together(flags: Iterable[int]) -> int:
    """One flag out of several tests' flags; ``MISSING`` out of none."""
    return PRIORITY[max((RANK[flag] for flag in flags), default=0)]


def _read() -> dict[str, dict[str, str]]:
    tables = tomllib.loads(files("kampung_contract").joinpath("data", "tests.toml").read_text(encoding="utf-8"))
    return {name: dict(table["display"]) for name, table in tables.items()}


TESTS = _read()
"""By name, what people are told."""


class Spoken(msgspec.Struct, frozen=True):
    """A test gave ``flag`` to ``count`` readings of series ``n`` (device/quantity), the first at ``since``, the last at ``until`` (ms UTC).

    Told again with the same beginning while it goes on: the one with the later end counts.
    """

    n: str
    test: str
    flag: int
    since: int
    until: int
    count: int


class Later(msgspec.Struct, frozen=True):
    """A reading (its series ``n``, time and value) whose flag turned out to be worse than the one that it was sent with."""

    n: str
    t: int
    v: float
    flag: int
    test: str


class QualityEvent(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag=TYPE):
    """``lost`` stretches had no room."""

    spoken: list[Spoken] = []
    later: list[Later] = []
    lost: int = 0

    def event(self) -> dict[str, Any]:
        """As it travels."""
        return dict(msgspec.to_builtins(self))


def parse_quality(event: dict[str, Any], latest: int) -> QualityEvent:
    """What an edge tells; ``latest``, ms UTC, is the last time still believed. Raises ``InvalidEvent``."""
    try:
        found = msgspec.convert(event, QualityEvent)
    except msgspec.ValidationError as error:
        raise InvalidEvent(f"not a quality event: {error}") from None
    if len(found.spoken) > MOST or len(found.later) > MOST or found.lost < 0:
        raise InvalidEvent(f"a quality event with {len(found.spoken)} stretches and {len(found.later)} judgements; at most {MOST} of each")
    for name, test in [*((s.n, s.test) for s in found.spoken), *((j.n, j.test) for j in found.later)]:
        if not is_series(name) or not 0 < len(test) <= 15:
            raise InvalidEvent(f"{name[:130]!r} is no series, device/quantity, or {test[:20]!r} no test's name")
    for stretch in found.spoken:
        if not (EARLIEST <= stretch.since <= stretch.until <= latest and stretch.count > 0 and stretch.flag in FLAGS):
            raise InvalidEvent(
                f"{stretch.n}: {stretch.test} from {stretch.since} to {stretch.until} ms, {stretch.count} times, is no stretch"
            )
    for judged in found.later:
        if not (EARLIEST <= judged.t <= latest and math.isfinite(judged.v) and judged.flag in (SUSPECT, FAIL)):
            raise InvalidEvent(f"{judged.n}: {judged.v} at {judged.t} ms, flag {judged.flag}, is no later judgement")
    return found
