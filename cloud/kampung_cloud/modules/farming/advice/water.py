"""Water of a field that is not flooded."""

from __future__ import annotations

from collections.abc import Iterator

from kampung_cloud.modules.farming import irrigation
from kampung_cloud.modules.farming.advice.action import Action, Reason, Urgency
from kampung_cloud.modules.farming.advice.morning import Morning
from kampung_cloud.modules.farming.advice.words import say
from kampung_cloud.modules.farming.balance import Standing
from kampung_cloud.modules.farming.fao56.reference import SOURCE

KIND = "water"
HOLD = irrigation.SOON
"""Dr/RAW above which a call for water of the day before stands: a cloudy day raises RAW by a third and does not take it back."""
LEAST = 2.0
"""mm below which nobody starts a pump."""


def propose(morning: Morning) -> Iterator[Action]:
    """Water now, wait for rain, or make ready."""
    plot = morning.plot
    if plot.crop.flooded or not morning.standings or (plot.planted is None and plot.crop.stages is not None):
        return
    now = morning.standings[-1]
    rain, chance = (0.0, 0.0) if morning.forecast is None else (morning.forecast.rain, morning.forecast.chance)
    asked = irrigation.advise(now.depletion, now.ready, now.stress, area=plot.area, flow=plot.flow, rain=rain, chance=chance)
    calls = asked.colour in ("siram", "stres") or (KIND in morning.before and now.ratio >= HOLD)
    if calls:
        depth = max(0.0, now.depletion - irrigation.likely_rain(rain, chance))
        if depth < LEAST:
            yield Action(KIND, "catatan", 1.0, say("water.rain", field=plot.name, rain=rain), _reason(now, morning, 0.0))
            return
        pump = "" if plot.flow is None else _pump(irrigation.pumping_minutes(depth, plot.area, plot.flow))
        urgent: Urgency = "sekarang" if asked.colour == "stres" else "hari ini"
        sentence = say("water.stress" if asked.colour == "stres" else "water.now", field=plot.name, mm=depth, pump=pump)
        yield Action(KIND, urgent, 10 + now.ratio, sentence, _reason(now, morning, depth))
    elif asked.colour == "siap-siap":
        yield Action("water_soon", "catatan", now.ratio, say("water.soon", field=plot.name), _reason(now, morning, 0.0))


LONG = 120
"""Minutes from which hours are said."""


def _pump(minutes: float) -> str:
    """To the five minutes, from two hours on: nobody switches a pump off more exactly."""
    if minutes < LONG:
        return say("water.pump", minutes=round(minutes))
    hours, rest = divmod(5 * round(minutes / 5), 60)
    return say("water.pump_long", hours=hours, minutes=rest)


def _reason(now: Standing, morning: Morning, depth: float) -> Reason:
    plot = morning.plot
    if now.corrected is None:
        heard = say("water.none")
    elif now.corrected.strange:
        heard = say("water.strange")
    else:
        heard = say("water.probe", weight=100 * now.corrected.weight)
    inputs = {
        "depletion": now.depletion, "taw": now.total, "p": now.ready / now.total, "area": plot.area, "flow": plot.flow,
        "rain": 0.0 if morning.forecast is None else morning.forecast.rain,
        "rain_probability": 0.0 if morning.forecast is None else morning.forecast.chance,
    }  # fmt: skip
    numbers = {
        "kekurangan air, Dr (mm)": now.depletion, "ketidakpastian (± mm)": now.sd, "air tersedia, TAW (mm)": now.total,
        "batas aman, RAW (mm)": now.ready, "Ks (1: tidak stres)": now.stress, "kebutuhan (× tabel)": now.thirst,
        "ET0 (mm)": now.et0, "ETc (mm)": now.crop_et, "hujan (mm)": now.rain, "anjuran (mm)": depth,
    }  # fmt: skip
    sentence = say("water.reason", depletion=now.depletion, sd=now.sd, ready=now.ready, probe=heard)
    if plot.crop.weak:
        sentence += " " + say("record.weak", crop=plot.crop.title["id"], weak=plot.crop.weak["id"])
    return Reason(sentence, numbers, f"neraca air FAO-56, {now.method}", SOURCE, "irrigation", inputs)
