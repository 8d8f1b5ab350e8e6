"""What an alarm is about, finely enough to say what to do."""

from __future__ import annotations

from kampung_contract.alarm import Alarm
from kampung_contract.conditions import Leaf, Reach, Rise, Silence
from kampung_contract.rules import Rule

ISPU = (301, 201, 101)
"""Lower ends of the bands from unhealthy upwards (Permen LHK P.14/2020)."""
BY_SEVERITY = ("flood", "landslide", "air", "volcano", "other")
"""What to do depends on the severity."""
INDEX = "warning_index"
"""The quantity of series that the regency works out itself: 1 and more warns."""
_FARM = {"soil_moisture": "irrigation", "water_level": "awd", "relative_humidity": "disease", "air_temperature": "disease"}
"""After the quantity that raised it."""


def measured(alarm: Alarm) -> str:
    """The quantity that raised it."""
    return alarm.series.rpartition(".")[2]


def leaf(alarm: Alarm, rule: Rule | None) -> Leaf | None:
    """The condition that its words are about."""
    if rule is None:
        return None
    return next((own for own in rule.leaves if own.quantity == measured(alarm)), rule.leaves[0])


def subject(alarm: Alarm, rule: Rule | None) -> str:
    """flood, landslide, air, heat, water, weather, volcano, irrigation, awd, disease, farm, silent, stuck or other."""
    about = rule.about if rule is not None else alarm.about
    if about == "farm":
        return _FARM.get(measured(alarm), "farm")
    if about == "device" or isinstance(leaf(alarm, rule), Silence):
        return "silent" if rule is None or isinstance(leaf(alarm, rule), Silence) else "stuck"
    return about


def shape(alarm: Alarm, rule: Rule | None) -> str:
    """How it came about: level, rise, fall, reach, silent, several (sensors that agree) or plain, where that is not known."""
    found = leaf(alarm, rule)
    if rule is None or found is None:
        return "silent" if subject(alarm, rule) == "silent" else "plain"
    if isinstance(found, Silence):
        return "silent"
    if isinstance(found, Rise):
        return "rise" if found.rising else "fall"
    if isinstance(found, Reach):
        return "reach"
    if not rule.single:
        return "several"
    return "plain" if found.mark is None else "level"


def named(alarm: Alarm, rule: Rule | None, ispu: int | None) -> str:
    """The key under ``what``."""
    found = subject(alarm, rule)
    if found == "air" and (band := _band(ispu)):
        return f"air_{band}"
    pace = {"rise": "rise", "reach": "reach"}.get(shape(alarm, rule))
    return pace if found == "flood" and pace else found


def remedy(alarm: Alarm, rule: Rule | None, ispu: int | None) -> str:
    """The key under ``do``."""
    found = subject(alarm, rule)
    if found not in BY_SEVERITY:
        return found
    severity = min(max(alarm.severity, 1), 3)
    if found == "air" and (band := _band(ispu)):
        severity = band // 100
    return f"{found}_{severity}"


def _band(ispu: int | None) -> int | None:
    return None if ispu is None else next((low for low in ISPU if ispu >= low), None)
