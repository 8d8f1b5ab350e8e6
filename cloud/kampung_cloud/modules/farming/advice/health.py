"""Diseases that the weather suits, heat at flowering, salt and pH. All of it says: go and look."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from kampung_cloud.modules.farming import anthracnose, epirice, growth, soil
from kampung_cloud.modules.farming.advice.action import Action, Reason
from kampung_cloud.modules.farming.advice.calendar import calendar
from kampung_cloud.modules.farming.advice.morning import Morning
from kampung_cloud.modules.farming.advice.words import Titled, listed, say
from kampung_cloud.modules.farming.diseases import diseases

KIND = "look"
WEEK = 7
RELATIVE = 0.3
"""Part of the best infection rate from which a day suits a disease (assumed for this project, mark K)."""
BEGIN, HOLD = 4, 2
"""Suitable days of the last seven from which to send somebody, and down to which the word stands (assumed for this project, mark K)."""
AROUND = 7
LOSS = 90.0
"""% of yield that salt leaves, below which it is said (assumed for this project, mark K)."""


def propose(morning: Morning) -> Iterator[Action]:
    """At most a line for each."""
    yield from _rice(morning)
    yield from _chili(morning)
    yield from _soil(morning)


def _rice(morning: Morning) -> Iterator[Action]:
    plot, age = morning.plot, morning.age
    if plot.crop.name != "rice" or age is None or not 0 <= age <= epirice.SEASON or not morning.days:
        return
    last = list(islice(reversed(morning.days), WEEK))
    weather = [(age - 1 - n, epirice.Weather(_mean(d.tmin, d.tmax), _mean(d.rhmin, d.rhmax), d.rain)) for n, d in enumerate(last)]
    yield from _look(morning, weather)
    dates, hottest = calendar(morning), morning.days[-1].tmax
    if abs(age - dates.flowering) <= AROUND and hottest is not None and hottest >= growth.STERILE_FROM:
        reason = Reason(
            say("health.sterile_reason", temperature=hottest), {"Tmax (°C)": hottest}, "panas saat berbunga",
            "spikelet sterility from 35 °C; well known", "flowering_heat",
            {"maxima": [hottest]},
        )  # fmt: skip
        yield Action("sterile", "sekarang", 5.0, say("health.sterile", field=plot.name), reason)


def _look(morning: Morning, weather: list[tuple[int, epirice.Weather]]) -> Iterator[Action]:
    """One line for all diseases that the week suits, the most suited first: who goes to look sees them all."""
    least = HOLD if KIND in morning.before else BEGIN
    weeks = [(d, [epirice.infection_rate(d, a, w) / d.rate if a >= d.onset else 0.0 for a, w in weather]) for d in diseases().values()]
    suited = [(sum(1 for r in week if r >= RELATIVE), sum(week), d) for d, week in weeks]
    named = sorted((each for each in suited if each[0] >= least), key=lambda each: (-each[0], -each[1], each[2].name))
    if not named:
        return
    (days, _, worst), titles = named[0], [Titled(d.title) for _, _, d in named]
    inputs = [{"temperature": w.temperature, "humidity": w.humidity, "rain": w.rain} for _, w in weather]
    reason = Reason(
        say("health.look_reason", days=days, disease=titles[0]),
        {f"hari cocok, {d.title['id']}": n for n, _, d in named},
        "laju infeksi EPIRICE menurut umur, suhu dan daun basah",
        worst.source,
        "epirice",
        {"disease": worst.name, "weather": inputs},
    )
    yield Action(KIND, "minggu ini", 2 + days / WEEK, say("health.look", field=morning.plot.name, disease=listed(titles)), reason)


def _chili(morning: Morning) -> Iterator[Action]:
    plot, wet = morning.plot, morning.wet
    if plot.crop.name != "chili" or wet is None or not morning.days:
        return
    rain = morning.days[-1].rain or 0.0
    chance = anthracnose.infection(wet.hours, wet.temperature, rain)
    if chance >= (anthracnose.WATCH if "look.anthracnose" in morning.before else anthracnose.ACT):
        inputs = {"wet_hours": wet.hours, "temperature": wet.temperature, "rain": rain}
        reason = Reason(
            say("health.anthracnose_reason", hours=wet.hours, temperature=wet.temperature, rain=rain),
            {"peluang": chance}, "Wilson-Madden, indikatif", anthracnose.SOURCE, "anthracnose", inputs,
        )  # fmt: skip
        yield Action("look.anthracnose", "minggu ini", 4 + chance, say("health.anthracnose", field=plot.name), reason, indicative=True)


def _soil(morning: Morning) -> Iterator[Action]:
    plot, crop = morning.plot, morning.plot.crop
    if crop.salinity is not None and morning.conductivity is not None:
        left = soil.relative_yield(morning.conductivity, crop.salinity.threshold, crop.salinity.slope)
        if left < LOSS:
            reason = Reason(
                say("health.salt_reason", ec=morning.conductivity, left=left),
                {"EC (dS/m)": morning.conductivity, "hasil (%)": left},
                "Maas-Hoffman", crop.salinity.source, "salinity_yield", {"crop": crop.name, "ece": morning.conductivity},
            )  # fmt: skip
            yield Action("salt", "hari ini", 4.0 + (100 - left) / 100, say("health.salt", field=plot.name), reason, indicative=True)
    if crop.ph is not None and morning.ph is not None and soil.acidity(morning.ph, crop.ph.low, crop.ph.high) != "good":
        sentence = say("health.acid", field=plot.name, ph=morning.ph, crop=Titled(crop.title), low=crop.ph.low, high=crop.ph.high)
        reason = Reason(
            say("health.acid_reason"), {"pH": morning.ph}, "pH dibanding kebutuhan tanaman", crop.ph.source, "ph_window",
            {"crop": crop.name, "ph": morning.ph},
        )  # fmt: skip
        yield Action("acid", "catatan", 1.0, sentence, reason)


def _mean(low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else (low + high) / 2
