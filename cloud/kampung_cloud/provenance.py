"""Which device, origin and calibration stood behind the readings of a series, and when: out of what its node has told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from kampung_contract.errors import InvalidAnnouncement
from kampung_contract.provenance import TYPE, Announcement, DeviceOrigin, SeriesOrigin, parse_announcement
from sqlalchemy import bindparam, select

from kampung_cloud.records import Records
from kampung_cloud.records.asked import Asked
from kampung_cloud.records.models import EventRow
from kampung_cloud.telemetry.store import Correction, SeriesKey

AHEAD_MS = 24 * 3_600_000
_EVENT = EventRow.__table__.c
TOLD = Asked(
    select(_EVENT.body, _EVENT.received)
    .where(_EVENT.node == bindparam("node"), _EVENT.type == TYPE)
    .order_by(_EVENT.received, _EVENT.epoch, _EVENT.seq, _EVENT.position)
)


@dataclass(frozen=True, slots=True)
class Span:
    """What holds for readings with ``start`` <= t < ``stop`` (ms UTC; None is open).

    With a ``boot``, whose true time nobody has told (yet), it holds for estimated readings of that boot only, and its times are theirs.
    """

    start: int
    stop: int | None
    device: DeviceOrigin
    series: SeriesOrigin
    boot: str | None = None

    def holds(self, t: int, boot: str | None) -> bool:
        """Whether a reading at ``t`` is explained by it; ``boot`` where the reading's time is estimated."""
        return self.boot == boot and self.start <= t and (self.stop is None or t < self.stop)


def told(records: Records, node: str) -> list[Announcement]:
    """All that a node has told, in order of arrival. What cannot be read is among the dead letters, and left out here."""
    out = []
    for body, received in TOLD.of(records, node=node):
        try:
            out.append(parse_announcement(json.loads(body) if isinstance(body, str) else body, received + AHEAD_MS))
        except InvalidAnnouncement:
            continue
    return out


def spans(key: SeriesKey, announcements: Iterable[Announcement], correction: Callable[[str, str], Correction | None]) -> list[Span]:
    """Of one series, in order of time, those of boots without a true time last. ``correction`` is the telemetry store's.

    Announcements may come in any order and repeatedly: each is complete, and only its own time counts.
    """
    lines: dict[str | None, list[tuple[int, Announcement]]] = {}
    for told_then in announcements:
        if told_then.synchronised:
            lines.setdefault(None, []).append((told_then.since, told_then))
        elif (known := correction(key.node, told_then.boot)) is not None:
            lines.setdefault(None, []).append((told_then.up + known.at - known.up, told_then))
        else:
            lines.setdefault(told_then.boot, []).append((told_then.since, told_then))
    out = []
    for boot, line in sorted(lines.items(), key=lambda item: item[0] or ""):
        out += _line(key, boot, sorted(line, key=lambda entry: entry[0]))
    return out


def _line(key: SeriesKey, boot: str | None, line: list[tuple[int, Announcement]]) -> list[Span]:
    out: list[Span] = []
    for since, told_then in line:
        device = told_then.devices.get(key.device)
        series = SeriesOrigin() if device is None else device.of(key.quantity)
        last = out[-1] if out and out[-1].stop is None else None
        if last is not None and device is not None and (last.device.model, last.device.origin, last.series) == (
            device.model, device.origin, series,
        ):  # fmt: skip
            continue
        if last is not None:
            out[-1] = replace(last, stop=since)
        if device is not None:
            out.append(Span(since, None, device, series, boot))
    return [span for span in out if span.stop is None or span.stop > span.start]


def within(found: Iterable[Span], start: int, stop: int) -> list[Span]:
    """Those that have a part in [``start``, ``stop``)."""
    return [s for s in found if s.start < stop and (s.stop is None or s.stop > start)]


def of(found: Iterable[Span], t: int, boot: str | None = None) -> Span | None:
    """What explains a reading. In a boot whose clock was set back, what came first in it explains what seems to be older."""
    known = [span for span in found if span.boot == boot]
    exact = next((span for span in known if span.holds(t, boot)), None)
    return exact or (known[0] if known and boot is not None and t < known[0].start else None)
