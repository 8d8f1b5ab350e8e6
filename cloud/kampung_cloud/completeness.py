"""What of a node is here, what is on its way and what is lost, in figures and in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kampung_cloud.events import Wreck
from kampung_cloud.nodes import Node
from kampung_cloud.telemetry.ranges import Ranges
from kampung_cloud.telemetry.store import EpochPacks

SHOWN = 20


@dataclass(frozen=True, slots=True)
class EpochReport:
    """``missing`` holds the first 20 ranges of ``missing_count`` numbers, of which ``waiting`` may still come and ``lost`` may not.

    ``rejected`` packs are among the dead letters; ``salvaged`` ones came again under new numbers, out of a damaged spool. Of what is
    lost, ``recorded`` is what the edge itself has told of.
    """

    epoch: str
    first: int
    last: int
    known: int
    missing: list[tuple[int, int]]
    missing_count: int
    readings: int
    current: bool
    rejected: int
    waiting: int
    lost: list[tuple[int, int]]
    recorded: list[tuple[int, int]]
    salvaged: int

    @property
    def unrecorded(self) -> list[tuple[int, int]]:
        """Lost, and nobody has said why."""
        told = self.recorded
        return [r for lost in self.lost for r in _without(lost, told)]


@dataclass(frozen=True, slots=True)
class Report:
    """``complete`` when every pack from 1 to the highest one heard of is here, in each epoch."""

    epochs: list[EpochReport]
    complete: bool
    summary: dict[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record of a node's packs beside those that are stored, by epoch.

    ``rejected`` are numbers of packs that were refused; ``dropped`` are ranges that the edge gave up because its spool was full;
    ``salvaged`` are ranges of a damaged spool that came again under new numbers; ``wrecks`` say what of it does not read. Without that,
    whatever else it held counts as lost, and told.
    """

    rejected: Mapping[str, set[int]] = field(default_factory=dict)
    dropped: Mapping[str, list[tuple[int, int]]] = field(default_factory=dict)
    salvaged: Mapping[str, list[tuple[int, int]]] = field(default_factory=dict)
    wrecks: Mapping[str, Wreck] = field(default_factory=dict)


def report(node: Node, packs: Iterable[EpochPacks], readings: int, known: Known) -> Report:
    """Judge ``packs`` of ``node``; ``readings`` is how many the store holds of it."""
    by_epoch = {p.epoch: p for p in packs}
    if node.epoch and node.epoch not in by_epoch and node.last:
        by_epoch[node.epoch] = EpochPacks(node.node, node.epoch, (), 0)
    epochs = [_epoch(p, node, known) for p in by_epoch.values()]
    return Report(epochs, not any(e.missing_count for e in epochs), _summary(readings, epochs))


def _epoch(packs: EpochPacks, node: Node, known: Known) -> EpochReport:
    current = packs.epoch == node.epoch
    stored, settled = Ranges(packs.ranges), Ranges(packs.ranges)
    wreck = known.wrecks.get(packs.epoch)
    last = max(stored.last, node.last if current else 0, wreck.last if wreck else 0)
    refused = {seq for seq in known.rejected.get(packs.epoch, ()) if 0 < seq <= last and seq not in stored}
    for seq in refused:
        settled.add(seq)
    missing = settled.missing(last)
    moved = _overlap(missing, known.salvaged.get(packs.epoch, []))
    missing = [r for one in missing for r in _without(one, moved)]
    # A gap in the present epoch may still be filled for as long as the edge holds packs, or has not said that it holds none.
    may_come = current and (node.spooled is None or node.spooled > 0)
    dropped = _overlap(missing, known.dropped.get(packs.epoch, []))
    lost = dropped if may_come else missing
    return EpochReport(
        epoch=packs.epoch,
        first=stored.first,
        last=last,
        known=stored.count(),
        missing=missing[:SHOWN],
        missing_count=_count(missing),
        readings=packs.readings,
        current=current,
        rejected=len(refused),
        waiting=_count(missing) - _count(lost),
        lost=lost,
        recorded=_recorded(lost, dropped, packs.epoch, known),
        salvaged=_count(moved),
    )


def _recorded(lost: list[tuple[int, int]], dropped: list[tuple[int, int]], epoch: str, known: Known) -> list[tuple[int, int]]:
    """What of ``lost`` the edge itself has told of."""
    wreck = known.wrecks.get(epoch)
    if wreck is None:
        return lost if epoch in known.salvaged else dropped
    beyond = [(wreck.last + 1, lost[-1][1])] if wreck.open_end and lost and lost[-1][1] > wreck.last else []
    return _overlap(lost, [*wreck.lost, *known.dropped.get(epoch, []), *beyond])


def _count(ranges: list[tuple[int, int]]) -> int:
    return sum(last - first + 1 for first, last in ranges)


def _overlap(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What lies in both."""
    out: list[tuple[int, int]] = []
    for first, last in some:
        for low, high in sorted(others):
            a, b = max(first, low, out[-1][1] + 1 if out else 1), min(last, high)
            if a <= b:
                out.append((a, b))
    return out


def _without(one: tuple[int, int], others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of ``one`` is in none of ``others``, which are disjoint and in order."""
    out: list[tuple[int, int]] = []
    first, last = one
    for low, high in others:
        if high < first or low > last:
            continue
        if low > first:
            out.append((first, low - 1))
        first = high + 1
    return [*out, (first, last)] if first <= last else out


def number(value: int, language: str) -> str:
    """``43.210`` in Indonesian, ``43,210`` in English."""
    english = f"{value:,}"
    return english.replace(",", ".") if language == "id" else english


def _summary(readings: int, epochs: list[EpochReport]) -> dict[str, str]:
    waiting, refused = sum(e.waiting for e in epochs), sum(e.rejected for e in epochs)
    lost, told = [r for e in epochs for r in e.unrecorded], [r for e in epochs for r in e.recorded]
    out: dict[str, str] = {}
    for language in ("id", "en"):
        parts: list[str] = []
        indonesian = language == "id"
        if waiting:
            n = number(waiting, language)
            parts.append(f"Menunggu {n} paket dari kios" if indonesian else f"Waiting for {n} {_packs(waiting)} from the kiosk")
        if lost:
            n, where = number(_count(lost), language), _where(lost)
            parts.append(f"{n} paket hilang: {where}" if indonesian else f"{n} {_packs(_count(lost))} lost: {where}")
        if told:
            n, where = number(_count(told), language), _where(told)
            parts.append(f"{n} paket hilang, tercatat: {where}" if indonesian else f"{n} {_packs(_count(told))} lost, on record: {where}")
        if not parts:
            n = number(readings, language)
            if readings:
                parts.append(f"Semua {n} pembacaan ada di sini" if indonesian else f"All {n} readings are here")
            else:
                parts.append("Belum ada pembacaan" if indonesian else "No readings yet")
        if refused:
            n = number(refused, language)
            parts.append(f"{n} paket ditolak dan disimpan terpisah" if indonesian else f"{n} {_packs(refused)} rejected and set aside")
        out[language] = "; ".join(parts)
    return out


def _where(ranges: list[tuple[int, int]]) -> str:
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in ranges[:5]) + (", …" if len(ranges) > 5 else "")


def _packs(count: int) -> str:
    return "pack" if count == 1 else "packs"
