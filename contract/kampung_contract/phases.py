"""How a rule stood over time: pending, firing, clearing, for people who want to see why an alarm began and ended when it did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kampung_contract.conditions import Silence, duration
from kampung_contract.machine import Machine, Matches, Phase, Row, moments
from kampung_contract.rules import Rule


class Stretch(NamedTuple):
    """The rule stood so from ``start`` to before ``stop`` (ms UTC)."""

    phase: Phase
    start: int
    stop: int


def lead_ms(rule: Rule) -> int:
    """How long before a time readings have to be looked at to know how the rule stood then."""
    if isinstance(rule.when, Silence):
        return duration(rule.when.after)
    return rule.hold_ms + rule.clear_ms + 2 * rule.fresh_ms + rule.memory_ms


def phases(rule: Rule, matches: Matches, rows: Iterable[Row], stop: int, *, standing: int | None = None) -> list[Stretch]:
    """From rows in order of time, of series that the rule looks at and of readings that did not fail; what is inactive is left out.

    ``standing``: since when an alarm stood before the first row, None where none did. Nothing is known from ``stop`` on.
    """
    if isinstance(rule.when, Silence):
        return _silences(duration(rule.when.after), rows, stop)
    machine = Machine(rule, matches)
    if standing is not None:
        machine.fire(standing)
    out: list[Stretch] = []
    phase, since = machine.phase, standing or 0
    for moment in moments(rows):
        t = moment[0].t
        began = machine.since
        machine.take(moment)
        if machine.phase is phase and (phase is not Phase.PENDING or machine.since == began):
            continue
        _put(out, phase, since, t)
        phase, since = machine.phase, t
    _put(out, phase, since, stop)
    return out


def _silences(after: int, rows: Iterable[Row], stop: int) -> list[Stretch]:
    out: list[Stretch] = []
    last: int | None = None
    for t in [row.t for row in rows] + [stop]:
        if last is not None and t - last > after:
            _put(out, Phase.PENDING, last, last + after)
            _put(out, Phase.FIRING, last + after, t)
        last = t
    return out


def _put(out: list[Stretch], phase: Phase, start: int, stop: int) -> None:
    if phase is not Phase.INACTIVE and stop > start:
        out.append(Stretch(phase, start, stop))
