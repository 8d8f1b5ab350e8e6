"""Nitrogen for rice by the leaf colour chart, as the farmer reads it."""

from __future__ import annotations

from collections.abc import Iterator

from kampung_cloud.modules.farming import nitrogen
from kampung_cloud.modules.farming.advice.action import Action, Reason
from kampung_cloud.modules.farming.advice.calendar import calendar
from kampung_cloud.modules.farming.advice.morning import Morning
from kampung_cloud.modules.farming.advice.words import say

EVERY = 8
"""Days between readings: 7 to 10."""
FRESH = 3
"""Days for which a reading is good for an advice."""
BOOTING_BEFORE_FLOWERING = 14


def propose(morning: Morning) -> Iterator[Action]:
    """Read the chart, or feed by what was read."""
    plot, age = morning.plot, morning.age
    if plot.crop.name != "rice" or age is None:
        return
    booting = calendar(morning).flowering - BOOTING_BEFORE_FLOWERING
    if not nitrogen.FROM <= age <= booting:
        return
    leaves = morning.leaves
    since = None if leaves is None else (morning.today - leaves.day).days
    if leaves is not None and since is not None and 0 <= since <= FRESH:
        found = nitrogen.topdressing(leaves.readings, age - since, plot.target, direct=plot.direct, booting=booting)
        if found.urea:
            sentence = say("feeding.urea", field=plot.name, urea=found.urea, kg=found.urea * plot.area / 10_000)
            reason = Reason(
                say("feeding.urea_reason", pale=found.pale, mean=found.mean, target=plot.target),
                {"pucat": found.pale, "rata-rata": found.mean},
                "bagan warna daun",
                nitrogen.SOURCE,
                "leaf_nitrogen",
                {"readings": list(leaves.readings), "days_after_transplanting": age - since, "target": plot.target},
            )
            yield Action("urea", "hari ini", 6.0, sentence, reason)
    elif since is None or since >= EVERY:
        last = say("feeding.never") if since is None else say("feeding.ago", days=since)
        reason = Reason(say("feeding.read_reason", age=age, last=last), {"umur (HST)": age}, "bagan warna daun", nitrogen.SOURCE)
        yield Action("read_leaves", "minggu ini", 2.0, say("feeding.read", field=plot.name), reason)
