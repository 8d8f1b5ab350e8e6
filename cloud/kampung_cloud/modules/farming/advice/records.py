"""What has to be known before anything can be advised, and the planting window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from kampung_cloud.modules.farming import season
from kampung_cloud.modules.farming.advice.action import Action, Reason
from kampung_cloud.modules.farming.advice.calendar import calendar
from kampung_cloud.modules.farming.advice.morning import Morning
from kampung_cloud.modules.farming.advice.words import Titled, say

LATE = 21
"""Days after the expected harvest from which the farmer is asked about it."""
BLIND = 2
"""Days without weather from which the station is to be looked at."""
WET_SEASON = (9, 10, 11, 12)
"""Months in which the season's beginning matters for planting here."""


def propose(morning: Morning) -> Iterator[Action]:
    """Planting date, harvest, silent sensors; when to plant."""
    plot, age = morning.plot, morning.age
    if plot.planted is None and plot.crop.stages is not None:
        yield from _window(morning)
        reason = Reason(say("record.planting_reason"))
        yield Action("planting", "hari ini", 8.0, say("record.planting", field=plot.name), reason)
    elif age is not None and plot.length is not None:
        harvest = calendar(morning).harvest
        if age > harvest + LATE:
            sentence = say("record.harvest_reason", age=age, crop=Titled(plot.crop.title), length=harvest)
            yield Action("harvest", "minggu ini", 3.0, say("record.harvest", field=plot.name), Reason(sentence))
    if plot.planted is not None:
        blind = 0
        for day in reversed(morning.days):
            if day.tmin is not None:
                break
            blind += 1
        if blind >= BLIND:
            yield Action("weather", "minggu ini", 1.0, say("record.weather", days=blind), Reason(say("record.weather_reason")))
        if morning.probe_silent_since is not None:
            since = morning.probe_silent_since.strftime("%d-%m")
            yield Action("probe", "minggu ini", 1.5, say("record.probe", field=plot.name, since=since), Reason(say("record.probe_reason")))


def _window(morning: Morning) -> Iterator[Action]:
    if morning.onset is not None and morning.onset >= morning.today - timedelta(60):
        sentence = say("season.plant", date=morning.onset.strftime("%d-%m-%Y"), field=morning.plot.name)
        yield Action("plant", "minggu ini", 2.5, sentence, Reason(say("season.plant_reason"), source=season.SOURCE))
    elif morning.onset is None and morning.today.month in WET_SEASON:
        sentence = say("season.wait", field=morning.plot.name)
        yield Action("plant", "catatan", 1.5, sentence, Reason(say("season.wait_reason"), source=season.SOURCE))
