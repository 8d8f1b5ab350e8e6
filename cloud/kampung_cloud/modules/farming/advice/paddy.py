"""Water of a rice field, by the tube in it."""

from __future__ import annotations

from collections.abc import Iterator

from kampung_cloud.modules.farming import awd
from kampung_cloud.modules.farming.advice.action import Action, Reason, Urgency
from kampung_cloud.modules.farming.advice.calendar import calendar
from kampung_cloud.modules.farming.advice.morning import Morning
from kampung_cloud.modules.farming.advice.words import say

KIND = "paddy"


def propose(morning: Morning) -> Iterator[Action]:
    """Fill, drain, or go and measure."""
    plot, age = morning.plot, morning.age
    if not plot.crop.flooded or age is None or age < 0:
        return
    dates = calendar(morning)
    if age > dates.harvest:
        return
    level = awd.settled(list(morning.levels))
    if level is None:
        if awd.phase(age, dates.flowering, dates.harvest) == "drying":
            reason = Reason(say("paddy.measure_reason", age=age), {"umur (HST)": age}, source=awd.SOURCE)
            yield Action(KIND, "hari ini", 3.0, say("paddy.measure", field=plot.name), reason)
        return
    step = awd.step(level, age, dates.flowering, dates.harvest, flooding=KIND in morning.before)
    if step.action == "keep" or (step.action == "drain" and level < 0):
        return
    urgent: Urgency = "sekarang" if step.phase == "flowering" else "hari ini"
    sentence = (
        say("paddy.drain", field=plot.name, days=max(0, dates.harvest - age))
        if step.action == "drain"
        else say("paddy.flood", field=plot.name)
    )
    inputs = {
        "level": level, "days_after_transplanting": age, "flowering": dates.flowering, "harvest": dates.harvest,
        "flooding": KIND in morning.before,
    }  # fmt: skip
    numbers = {
        "air (cm)": level,
        "batas (cm)": step.floor,
        "umur (HST)": age,
        "berbunga (HST)": dates.flowering,
        "panen (HST)": dates.harvest,
    }
    reason = Reason(say(f"paddy.{step.phase}", level=level, age=age), numbers, "AWD aman menurut umur", awd.SOURCE, "awd", inputs)
    yield Action(KIND, urgent, 9.0, sentence, reason)
