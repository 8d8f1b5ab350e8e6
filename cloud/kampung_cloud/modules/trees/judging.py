"""*Sudah tumbuh*: when a planted tree counts as grown. A pure function of what was seen; the same visits give the same answer in any
order of arrival.

The clauses, after the practice of Greenstand (fixes must agree), TreeMapper (remeasurement) and RHL (survival counted later):

(a) two accepted visits of the same tree, at least ``days_apart`` apart;
(b) the same tree: its tag was read there, or the place is nearer than ``max(near, 2·√(σ1² + σ2²))``; and the same species;
(c) a photo, taken within the visit, not the same as, or nearly, any photo that was there before;
(d) alive, and not heavily damaged;
(e) it has grown beyond the error of measurement;
(f) no faster than trees grow, and it has not become smaller;
(g) whoever verifies is not who planted, whatever the account;
(h) until then it is *ditanam* (nobody has seen it), *hidup* (seen alive), and it may be *mati* or *diganti*.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kampung_contract.times import text

from kampung_cloud.modules.trees.growing import Growth, fastest, growths, shrunk
from kampung_cloud.modules.trees.observing import UNITS, Observation, Place, Tree
from kampung_cloud.modules.trees.reasons import Reason
from kampung_cloud.modules.trees.thresholds import DAY_MS, Thresholds

Status = Literal["ditanam", "hidup", "tumbuh", "mati", "diganti"]
STATUSES: tuple[Status, ...] = ("ditanam", "hidup", "tumbuh", "mati", "diganti")
MINUTE_MS = 60_000
NAMES = {"height": "Tinggi", "collar": "Tebal pangkal batang", "dbh": "Tebal batang"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a visit: refused for ``refusals``, or accepted, with ``notes`` of what it does not show yet."""

    observation: Observation
    refusals: tuple[Reason, ...]
    notes: tuple[Reason, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it is evidence."""
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Judgement:
    """``since`` (ms UTC) is when the visit was that gave the status; the day of planting for *ditanam*. ``place`` as it is known now.

    ``growth`` is what showed that it has grown.
    """

    status: Status
    since: int
    seen: tuple[Seen, ...]
    place: Place | None
    growth: Growth | None = None


def judge(tree: Tree, observations: Iterable[Observation], by: Thresholds) -> Judgement:
    """What the tree's visits show, clause by clause."""
    seen: list[Seen] = []
    accepted: list[Observation] = []
    status: Status = "ditanam"
    since, place, growth = tree.planted, tree.place, None
    for each in sorted(observations, key=lambda o: (o.began, o.id)):
        refusals = _refusals(tree, place, accepted, each, by)
        if refusals:
            seen.append(Seen(each, tuple(refusals)))
            continue
        place = place or each.place
        found, notes = _evidence(accepted, each, by)
        accepted.append(each)
        seen.append(Seen(each, (), tuple(notes)))
        after = _after(status, each, found)
        if after != status:
            status, since = after, each.began
        growth = growth or found
    if tree.replaced:
        status = "diganti"
    return Judgement(status, since, tuple(seen), place, growth)


def _after(status: Status, each: Observation, growth: Growth | None) -> Status:
    if not each.alive:
        return "mati"
    if growth is not None or status == "tumbuh":
        return "tumbuh"
    return "hidup"


def _refusals(tree: Tree, place: Place | None, accepted: list[Observation], each: Observation, by: Thresholds) -> list[Reason]:
    """Everything that is wrong with it, not the first thing alone: a verifier goes there once."""
    out: list[Reason] = []
    if tree.replaced:
        out.append(Reason("replaced"))
    if tree.planter.may_be(each.verifier):
        out.append(Reason("verifier_is_planter"))
    if each.began > each.received + by.clock_minutes * MINUTE_MS:
        out.append(Reason("from_the_future", {"at": text(each.began)}))
    if each.began < tree.planted:
        out.append(Reason("before_planting", {"at": text(each.began), "planted": text(tree.planted)[:10]}))
    out += _place_refusals(tree, place, each, by)
    out += _photo_refusals(each, by)
    out += _measure_refusals(tree, accepted, each, by)
    return out


def _place_refusals(tree: Tree, place: Place | None, each: Observation, by: Thresholds) -> list[Reason]:
    out: list[Reason] = []
    if each.place is not None and each.place.accuracy > by.accuracy:
        out.append(Reason("accuracy", _figures(each.place.accuracy, by.accuracy, 0)))
    elif each.place is None and (place is None or not each.scanned):
        out.append(Reason("no_place"))
    elif each.place is not None and place is not None:
        apart = place.away(each.place)
        near = max(by.near, 2 * math.hypot(place.sigma, each.place.sigma))
        if each.scanned and apart > by.tag_far:
            out.append(Reason("tag_far", _figures(apart, by.tag_far, 0)))
        elif not each.scanned and apart > near:
            out.append(Reason("other_tree", _figures(apart, near, 0)))
    if each.species and tree.species and each.species != tree.species:
        out.append(Reason("other_species", {"value": each.species, "limit": tree.species}))
    return out


def _photo_refusals(each: Observation, by: Thresholds) -> list[Reason]:
    photo = each.photo
    if photo is None:
        return [Reason("photo_missing")]
    out: list[Reason] = []
    slack = by.photo_minutes * MINUTE_MS
    if photo.taken is None:
        out.append(Reason("photo_no_time"))
    elif not each.began - slack <= photo.taken <= each.ended + slack:
        out.append(Reason("photo_outside_visit", {"value": text(photo.taken)}))
    if photo.blank:
        out.append(Reason("photo_blank"))
    elif photo.alike:
        out.append(Reason("photo_duplicate", {"value": photo.alike}))
    return out


def _measure_refusals(tree: Tree, accepted: list[Observation], each: Observation, by: Thresholds) -> list[Reason]:
    out: list[Reason] = []
    for kind in UNITS:
        new = each.measured(kind)
        last = next((o for o in reversed(accepted) if o.measured(kind) is not None), None)
        old = last.measured(kind) if last is not None else None
        if new is None or old is None or last is None or not each.alive:
            continue
        if shrunk(old, new) and each.damage != "heavy":
            out.append(Reason("shrunk", {"measure": NAMES[kind], "value": _of(new.value, kind), "limit": _of(old.value, kind)}))
        most = None if tree.fast else fastest(old, new, each.began - last.began, by)
        if most is not None and new.value - old.value > most:
            grew = {"measure": NAMES[kind], "value": _of(new.value - old.value, kind), "limit": _of(most, kind)}
            out.append(Reason("too_fast", grew))
    return out


def _evidence(accepted: list[Observation], each: Observation, by: Thresholds) -> tuple[Growth | None, list[Reason]]:
    """The growth that this visit shows with an earlier one, and what is still wanting where it shows none."""
    if not each.alive:
        return None, []
    if each.damage == "heavy":
        return None, [Reason("damaged")]
    if not each.measures:
        return None, [Reason("not_measured")]
    before = [o for o in accepted if o.alive and o.damage != "heavy" and o.measures]
    if not before:
        return None, [Reason("one_visit", {"limit": f"{by.days_apart:.0f}"})]
    apart = [o for o in before if each.began - o.began >= by.days_apart * DAY_MS]
    if not apart:
        days = (each.began - before[0].began) // DAY_MS
        return None, [Reason("too_soon", {"value": str(days), "limit": f"{by.days_apart:.0f}"})]
    found = [g for o in apart for g in growths(o, each, by)]
    enough = next((g for g in found if g.enough), None)
    if enough is not None:
        return enough, []
    best = max(found, key=lambda g: g.grew / g.needed, default=None)
    values = {"value": _of(best.grew, best.kind), "limit": _of(best.needed, best.kind)} if best else {"value": "–", "limit": "–"}
    return None, [Reason("no_growth", values)]


def _figures(value: float, limit: float, decimals: int) -> dict[str, str]:
    return {"value": f"{value:.{decimals}f}", "limit": f"{limit:.{decimals}f}"}


def _of(value: float, kind: str) -> str:
    decimals = {"height": 2, "collar": 1, "dbh": 1}[kind]
    return f"{value:.{decimals}f} {UNITS[kind]}".replace(".", ",")  # type: ignore[index]
