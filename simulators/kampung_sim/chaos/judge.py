"""What the sensors said is compared with what the cloud holds, and what a damaged spool lost with what was told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kampung_contract.pack import Pack

from kampung_sim.chaos.damage import Held, readings
from kampung_sim.chaos.diary import Salvage
from kampung_sim.chaos.edge import Edge
from kampung_sim.chaos.ledger import Account, Told, compare
from kampung_sim.chaos.place import Place

LEAST_BYTES = 64
"""No pack takes less of a spool's page."""
Rows = Mapping[str, Sequence[tuple[int, int]]]
"""By ``device/quantity``, (time in ms UTC, millimetres) that the cloud holds of one edge."""


@dataclass(frozen=True)
class Damage:
    """One epoch of an edge whose spool was damaged ``times`` times, in packs and in readings of them.

    ``held``: what waited in it then. ``lost``: of that, packs of which a reading is not at the cloud. ``unseen``: packs of events alone,
    whose fate no sensor knows. ``kept``, ``given_up``: as the edge says, None when it went on with the file. ``told``: packs that the
    cloud knows to be lost from what the edge told; ``untold``: packs that are not there and nobody told of. ``wrong``: what disagrees.
    """

    node: str
    epoch: str
    times: int
    held: int
    held_readings: int
    lost: int
    lost_readings: int
    unseen: int
    kept: int | None
    given_up: int | None
    told: int
    untold: int
    wrong: str


def judge(place: Place, start: int, stop: int) -> tuple[Account, list[Damage], dict[str, bool]]:
    """Everything from ``start`` to before ``stop`` (ms UTC); by edge, whether the cloud thinks it has all. Ends the sensors."""
    account, damages = Account(), []
    nodes = {n["node"]: n for n in place.nodes()}
    for edge in place.edges:
        for sensor in edge.sensors:
            sensor.stop()
        rows: dict[str, list[tuple[int, int]]] = {}
        for line in edge.lines:
            name = line.series.removeprefix(f"{edge.node}.").replace(".", "/")
            rows[name] = place.rows(line.series, start, stop)
            wrecked = tuple(row for held in edge.damages for row in held.readings(name))
            compare(account, line, rows[name], Told(edge.deaths, shifts=frozenset(edge.shifts), wrecked=wrecked))
        damages += _damages(edge, rows, {e["epoch"]: e for e in nodes.get(edge.node, {}).get("epochs", ())})
    return account, damages, {n: bool(seen.get("complete")) for n, seen in nodes.items()}


def _damages(edge: Edge, rows: Rows, epochs: Mapping[str, Mapping[str, Any]]) -> list[Damage]:
    by_epoch: dict[str, list[Held]] = {}
    for held in edge.damages:
        if held.epoch:
            by_epoch.setdefault(held.epoch, []).append(held)
    told_again = {e.get("from_epoch") for held in edge.damages for e in _events(held.packs.values())}
    salvages = {s.epoch: s for s in edge.diary.salvages}
    return [
        damage(edge.node, helds, rows, epochs.get(epoch, {}), salvages.get(epoch), event_wrecked=epoch in told_again)
        for epoch, helds in by_epoch.items()
    ]


def damage(
    node: str, helds: Sequence[Held], rows: Rows, seen: Mapping[str, Any], salvage: Salvage | None, *, event_wrecked: bool
) -> Damage:
    """One epoch's loss, ``seen`` as the cloud's API shows it. ``event_wrecked``: what told of it was itself in a spool that was damaged."""
    packs: dict[int, Pack] = {}
    for held in helds:
        packs.update(held.packs)
    there = {name: set(found) for name, found in rows.items()}
    gone = {seq: n for seq, pack in packs.items() if (n := sum(r not in there[name] for name in there for r in readings(pack, name)))}
    unseen = sum(not pack.series for pack in packs.values())
    last = salvage.last if salvage else max(held.last for held in helds)
    beyond = sum(seq > last for seq in gone)
    told = int(seen.get("recorded_count", 0))
    untold = int(seen.get("missing_count", 0)) - told
    wrong = []
    if not len(gone) - beyond <= told <= len(gone) + unseen and not (event_wrecked and not told):
        wrong.append(f"{len(gone)} packs (and at most {unseen} of events) are lost, {told} were told")
    if untold and not event_wrecked:
        wrong.append(f"{untold} packs are not there and nobody told of them")
    if salvage is not None:
        if salvage.tail is not None and beyond > salvage.tail // LEAST_BYTES:
            wrong.append(f"{beyond} packs after {last} are lost, and no more than {salvage.tail} bytes are cut off")
        # Of what does not read the edge cannot know whether it was receipted before; the cloud, which knows, is held to the exact number.
        if not len(gone) - beyond <= salvage.lost_packs <= last - salvage.kept:
            wrong.append(f"{len(gone) - beyond} packs up to {last} are lost, the edge gives up {salvage.lost_packs}")
    return Damage(
        node=node,
        epoch=helds[0].epoch,
        times=len(helds),
        held=len(packs),
        held_readings=sum(p.count for p in packs.values()),
        lost=len(gone),
        lost_readings=sum(gone.values()),
        unseen=unseen,
        kept=salvage.kept if salvage else None,
        given_up=salvage.lost_packs if salvage else None,
        told=told,
        untold=untold,
        wrong="; ".join(wrong),
    )


def _events(packs: Iterable[Pack]) -> Iterable[Mapping[str, Any]]:
    return (event for pack in packs for event in pack.events if event.get("type") == "salvage")
