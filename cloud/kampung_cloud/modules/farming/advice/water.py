"""Water of a field that is not flooded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kampung_cloud.modules.farming import irrigation
from kampung_cloud.modules.farming.advice.action import Action, Reason, Urgency
from kampung_cloud.modules.farming.advice.morning import Morning
from kampung_cloud.modules.farming.advice.words import Phrase, Titled, say
from kampung_cloud.modules.farming.balance import Standing
from kampung_cloud.modules.farming.fao56.reference import SOURCE

KIND = "water"
LEAST = 2.0
"""mm below which nobody starts a pump."""
LATELY = 3
"""Days whose mean use stands for the coming day's: one cloudy day says little of the next."""
ADVISED = "anjuran (mm)"
"""The number of a reason that counts as given when the farmer says *sudah*."""
ANSWERED = 0.5
"""Part of what was missing that has to have come, by pump or rain, for yesterday's call to be over."""


def propose(morning: Morning) -> Iterator[Action]:
    """Water now, wait for rain, or make ready."""
    plot = morning.plot
    if plot.crop.flooded or not morning.standings or (plot.planted is None and plot.crop.stages is not None):
        return
    now, inputs = morning.standings[-1], _inputs(morning)
    asked = irrigation.advise(
        now.depletion, now.ready, now.stress, area=plot.area, flow=plot.flow, rain=inputs["rain"], chance=inputs["rain_probability"],
        coming=inputs["coming"], sd=now.sd, called=inputs["called"],
    )  # fmt: skip
    reason = _reason(now, morning, asked, inputs)
    calls = asked.colour in ("siram", "stres") and now.depletion >= LEAST
    if calls and asked.depth < LEAST:
        yield Action(KIND, "catatan", 1.0, say("water.rain", field=plot.name, rain=inputs["rain"]), reason(0.0))
    elif calls:
        pump = "" if asked.minutes is None else _pump(asked.minutes)
        urgent: Urgency = "sekarang" if asked.colour == "stres" else "hari ini"
        sentence = say("water.stress" if asked.colour == "stres" else "water.now", field=plot.name, mm=asked.depth, pump=pump)
        yield Action(KIND, urgent, 10 + now.ratio, sentence, reason(asked.depth))
    elif asked.colour == "siap-siap":
        yield Action("water_soon", "catatan", now.ratio, say("water.soon", field=plot.name), reason(0.0))


def _inputs(morning: Morning) -> dict[str, Any]:
    """Of the calculator ``irrigation``, which says the same again."""
    now, plot = morning.standings[-1], morning.plot
    lately = morning.standings[-LATELY:]
    return {
        "depletion": now.depletion, "taw": now.total, "p": now.ready / now.total, "area": plot.area, "flow": plot.flow,
        "rain": 0.0 if morning.forecast is None else morning.forecast.rain,
        "rain_probability": 0.0 if morning.forecast is None else morning.forecast.chance,
        "coming": sum(s.crop_et for s in lately) / len(lately), "depletion_sd": now.sd, "called": _stands(morning),
    }  # fmt: skip


def _stands(morning: Morning) -> bool:
    """Whether yesterday's call is still open: it is over when the water came, and not when a cloudy day raises RAW by a third."""
    if KIND not in morning.before:
        return False
    if len(morning.standings) == 1:
        return True
    then, now = morning.standings[-2:]
    return now.irrigated + now.rain < ANSWERED * then.depletion


LONG = 120
"""Minutes from which hours are said."""


def _pump(minutes: float) -> Phrase:
    """To the five minutes, from two hours on: nobody switches a pump off more exactly."""
    if minutes < LONG:
        return say("water.pump", minutes=round(minutes))
    hours, rest = divmod(5 * round(minutes / 5), 60)
    return say("water.pump_long", hours=hours, minutes=rest)


def _reason(now: Standing, morning: Morning, asked: irrigation.Advice, inputs: dict[str, Any]) -> Callable[[float], Reason]:
    """What is behind a number of mm."""
    plot = morning.plot
    if now.corrected is None:
        heard = say("water.none")
    elif now.corrected.strange:
        heard = say("water.strange")
    else:
        heard = say("water.probe", weight=100 * now.corrected.weight)
    sentence = say("water.reason", depletion=now.depletion, sd=now.sd, ready=now.ready, coming=inputs["coming"], probe=heard)
    if plot.crop.weak:
        sentence = say("list.then", first=sentence, next=say("record.weak", crop=Titled(plot.crop.title), weak=Titled(plot.crop.weak)))
    numbers = {
        "kekurangan air, Dr (mm)": now.depletion, "ketidakpastian (± mm)": now.sd, "air tersedia, TAW (mm)": now.total,
        "batas aman, RAW (mm)": now.ready, "nanti sore (× batas aman)": asked.evening, "Ks (1: tidak stres)": now.stress,
        "kebutuhan (× tabel)": now.thirst, "ET0 (mm)": now.et0, "ETc (mm)": now.crop_et, "hujan (mm)": now.rain,
    }  # fmt: skip

    def of(depth: float) -> Reason:
        method = f"neraca air FAO-56, {now.method}"
        return Reason(sentence, {**numbers, ADVISED: depth}, method, SOURCE, "irrigation", inputs)

    return of
