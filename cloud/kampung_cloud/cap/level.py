"""How grave an alarm is in CAP's words, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kampung_contract.rules import Rule


@dataclass(frozen=True, slots=True)
class Level:
    """CAP's codes."""

    severity: str
    urgency: str
    certainty: str
    response: str


LEVELS = {
    1: Level("Minor", "Future", "Possible", "Monitor"),
    2: Level("Moderate", "Expected", "Likely", "Prepare"),
    3: Level("Severe", "Immediate", "Observed", "Evacuate"),
}
"""Siaga 3, 2 and 1 (Waspada, Siaga, Awas), after docs/sources.md."""
PAST = Level("Minor", "Past", "Observed", "AllClear")
"""What is over, as PAGASA and Environment Canada write it."""
INSTEAD = {"air": "Shelter", "heat": "Shelter", "weather": "Shelter", "water": "Avoid", "farm": "Execute"}
"""Nobody runs from these: the response in place of Evacuate."""
ISPU = ((300, "Extreme"), (200, "Severe"), (100, "Moderate"))
"""Above an ISPU, its severity, after docs/sources.md."""
CATEGORIES = {
    "flood": "Met", "landslide": "Geo", "air": "Env", "heat": "Met", "water": "Env", "weather": "Met", "volcano": "Geo", "farm": "Env",
}  # fmt: skip
"""After the descriptions of CAP 1.2: Met includes floods, Geo landslides, Env pollution."""
MINUTE_MS = 60_000
REPEAT_MS = {1: 120 * MINUTE_MS, 2: 120 * MINUTE_MS, 3: 30 * MINUTE_MS}
AIR_MS = 720 * MINUTE_MS
"""An alarm that lasts is told anew so often, after docs/sources.md."""


def level(severity: int, about: str, ispu: int | None = None, certainty: str | None = None) -> Level:
    """Of an alarm that stands; ``ispu`` where its rule stands for one, ``certainty`` where it says how sure it is."""
    found = LEVELS[min(max(severity, 1), 3)]
    if certainty is not None:
        found = replace(found, certainty=certainty.capitalize())
    if found.response == "Evacuate":
        found = replace(found, response=INSTEAD.get(about, "Evacuate"))
    if about == "air" and ispu is not None:
        found = replace(found, severity=next((name for above, name in ISPU if ispu > above), found.severity))
    return found


def about(rule: Rule | None) -> str:
    """What an alarm of that rule is about; its rule may be gone."""
    return rule.about if rule else "other"


def category(subject: str) -> str:
    """CAP's category."""
    return CATEGORIES.get(subject, "Other")


def repeat_ms(severity: int, subject: str) -> int:
    """After so long it is told again; it expires after twice that, so that one that is lost does not end a warning."""
    return AIR_MS if subject == "air" else REPEAT_MS[min(max(severity, 1), 3)]
