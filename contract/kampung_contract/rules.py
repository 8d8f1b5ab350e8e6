"""Alarm rules as data, the same at edge and cloud. How one is carried over readings: ``machine`` and ``track``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import msgspec

from kampung_contract.conditions import Band, Condition, Leaf, Reach, Rise, Silence, Threshold, check, duration, leaves
from kampung_contract.errors import InvalidRule
from kampung_contract.times import WIB
from kampung_contract.villages import village

WORDS = ("Aman", "Waspada", "Siaga", "Awas")
"""Severity by ordinal, 0 to 3."""
SIAGA = ("Siaga 4", "Siaga 3", "Siaga 2", "Siaga 1")
"""The same ordinal in the words of river gauges, which count down."""
LONGEST_MS = 7 * 86_400_000
"""An alarm waits at most so long for its beginning or its end."""
_LEAVES = {name for kind in (Threshold, Band, Rise, Reach, Silence) for name in kind.__struct_fields__} | {"type"}


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"begin": "from", "end": "to"}):
    """When a rule may raise: from ``begin`` to ``end`` (``06.00``, WIB; over midnight where ``end`` is earlier), on ``days`` (1 Monday)."""

    begin: str
    end: str
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)

    def check(self) -> None:
        """Raises ``InvalidRule``."""
        if _minute(self.begin) == _minute(self.end):
            raise InvalidRule(f"hours: from {self.begin} to {self.end} is no time at all; leave hours out for the whole day")
        if not self.days or not set(self.days) <= set(range(1, 8)):
            raise InvalidRule(f"hours: days {list(self.days)}; write numbers from 1 (Monday) to 7")

    def hold(self, t: int) -> bool:
        """Whether the moment (ms UTC) lies within."""
        at = datetime.fromtimestamp(t / 1000, WIB)
        minute, day = at.hour * 60 + at.minute, at.isoweekday()
        begin, end = _minute(self.begin), _minute(self.end)
        if begin < end:
            return begin <= minute < end and day in self.days
        return (minute >= begin and day in self.days) or (minute < end and (day - 2) % 7 + 1 in self.days)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True, kw_only=True, rename={"hold": "for"}):
    """In the style of Prometheus alerting rules.

    Fires when ``when`` is beyond for ``for``; resolves when it is inside for ``clear_for``. Readings further apart than ``fresh`` prove
    nothing of the time between them. Readings that failed quality control are not looked at; a suspect one counts when the sensor's
    reading before it was on the same side (``suspect = "twice"``), never, or like any other (``"counts"``). ``title`` and ``message`` by
    language; ``{value}``, ``{threshold}``, ``{place}`` and ``{time}`` are filled in. ``source`` names where the numbers come from.
    While it fires, the rules named in ``inhibits`` (``*`` for the rest of a name) tell nobody anything in the same village.

    ``watches``: the village whose sensors it looks at, where that is another than the one it warns: the one upstream. ``begins`` (ms UTC):
    readings before it are of another zero, or another sensor, and are not looked at. ``certainty``: how sure its alarms are, in CAP's
    words, where the severity does not say.
    """

    id: str
    village: str
    when: Condition
    severity: int
    title: dict[str, str]
    message: dict[str, str]
    source: str
    about: Literal["flood", "landslide", "air", "heat", "water", "weather", "volcano", "farm", "device", "other"] = "other"
    place: str = ""
    hold: str = "0s"
    clear_for: str = "0s"
    fresh: str = "1h"
    suspect: Literal["twice", "never", "counts"] = "twice"
    scale: Literal["waspada", "siaga"] = "waspada"
    hours: Hours | None = None
    inhibits: tuple[str, ...] = ()
    watches: str | None = None
    begins: int = 0
    certainty: Literal["observed", "likely", "possible"] | None = None

    def __post_init__(self) -> None:
        village(self.village)
        if self.watches is not None:
            village(self.watches)
        try:
            self._check()
        except InvalidRule as error:
            raise InvalidRule(f"rule {self.id!r}: {error.message}") from None

    def _check(self) -> None:
        if not self.id or len(self.id) > 100 or any(c in self.id for c in " :*\n"):
            raise InvalidRule("an id is 1 to 100 characters without blanks, ':' and '*'")
        check(self.when)
        if not 1 <= self.severity <= 3:
            raise InvalidRule(f"severity {self.severity}; 1 is Waspada, 2 Siaga, 3 Awas")
        if not self.source.strip():
            raise InvalidRule("no source; a threshold nobody can look up is not used: name the regulation, paper or decision it is from")
        if "id" not in self.title or "id" not in self.message:
            raise InvalidRule("title and message need Indonesian: write title = { id = … } and message = { id = … }")
        for key, value in (("for", self.hold), ("clear_for", self.clear_for), ("fresh", self.fresh)):
            try:
                length = duration(value)
            except ValueError as error:
                raise InvalidRule(f"{key}: {error}") from None
            if length > LONGEST_MS or (key == "fresh" and not length):
                raise InvalidRule(f"{key}: {value!r}; it is at most a week, and fresh more than nothing")
        if self.hours is not None:
            self.hours.check()

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Its conditions, from left to right."""
        return tuple(leaves(self.when))

    @cached_property
    def single(self) -> bool:
        """Whether each sensor has an alarm of its own; else there is one for all that the rule looks at."""
        return isinstance(self.when, Leaf) and self.when.at_least == 1

    @cached_property
    def hold_ms(self) -> int:
        """``for`` in milliseconds."""
        return duration(self.hold)

    @cached_property
    def clear_ms(self) -> int:
        """``clear_for`` in milliseconds."""
        return duration(self.clear_for)

    @cached_property
    def fresh_ms(self) -> int:
        """``fresh`` in milliseconds."""
        return duration(self.fresh)

    @cached_property
    def memory_ms(self) -> int:
        """How far back a reading can still matter to what its sensor says."""
        return max(self.fresh_ms, *(leaf.span_ms for leaf in self.leaves))

    @property
    def watched(self) -> str:
        """The village whose sensors it looks at."""
        return self.watches or self.village

    def concerns(self, village_code: str, node: str, device: str, name: str) -> bool:
        """Whether this rule looks at that series."""
        return self.watched == village_code and any(leaf.concerns(node, device, name) for leaf in self.leaves)

    def reads(self, unit: str, name: str) -> bool:
        """Whether that unit is the one it expects of the quantity."""
        return any(leaf.quantity == name and leaf.unit == unit for leaf in self.leaves)

    def scope(self, series: str) -> str:
        """What an alarm of this rule is about when ``series`` raised it: the series itself, or the village."""
        return series if self.single else self.village


LATER = ("watches", "begins", "certainty")
"""Fields that kiosks of older versions do not know: they would refuse the whole rule, so they are left out where they say nothing."""


def shown(rule: Rule) -> dict[str, Any]:
    """The rule as JSON, as it is sent to kiosks."""
    table: dict[str, Any] = msgspec.to_builtins(rule)
    return {key: value for key, value in table.items() if value or key not in LATER}


def word(severity: int, scale: str = "waspada") -> str:
    """The ordinal in people's words."""
    return (SIAGA if scale == "siaga" else WORDS)[severity]


def parse_rule(table: dict[str, Any]) -> Rule:
    """A rule from a table of a configuration file; a single condition may stand in the table itself instead of under ``when``.

    Raises ``InvalidRule`` naming the rule, the key and the value.
    """
    if "when" not in table:
        own = set(Rule.__struct_encode_fields__)
        inner = {key: value for key, value in table.items() if key in _LEAVES and key not in own}
        table = {key: value for key, value in table.items() if key not in inner} | {"when": {"type": "threshold", **inner}}
    try:
        return msgspec.convert(table, Rule)
    except msgspec.ValidationError as error:
        raise InvalidRule(f"rule {table.get('id', '?')!r}: {error}") from None


def check_rules(rules: Sequence[Rule]) -> None:
    """That no two have one name, and that none silences itself in a circle. Raises ``InvalidRule``."""
    names = [rule.id for rule in rules]
    double = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if double:
        raise InvalidRule(f"two rules have the id {double[0]!r}; give each its own")
    below = {rule.id: sorted(_named(rule, rules)) for rule in rules if rule.inhibits}
    for name in below:
        path = _circle(name, below)
        if path:
            raise InvalidRule(
                f"rule {name!r}: inhibits in a circle ({' → '.join(path)}); none of them would ever be heard: take one of these names out"
            )


def version(rules: Iterable[Rule]) -> str:
    """Twelve hexadecimal digits that name this set of rules: the same rules have the same version everywhere."""
    body = msgspec.json.encode(sorted(msgspec.json.encode(rule).decode() for rule in rules))
    return hashlib.sha256(body).hexdigest()[:12]


def inhibited(rule: str, by: Rule) -> bool:
    """Whether ``by`` silences the rule of that name."""
    return any(rule == name or (name.endswith("*") and rule.startswith(name[:-1])) for name in by.inhibits)


def _named(rule: Rule, rules: Sequence[Rule]) -> set[str]:
    return {other.id for other in rules if other.village == rule.village and inhibited(other.id, rule)}


def _circle(name: str, below: dict[str, list[str]]) -> list[str]:
    """The way from ``name`` back to itself, or nothing."""
    came, waiting = {name: ""}, [name]
    while waiting:
        at = waiting.pop()
        for following in below.get(at, ()):
            if following == name:
                path = [name]
                while at:
                    path.append(at)
                    at = came[at]
                return path[::-1]
            if following not in came:
                came[following] = at
                waiting.append(following)
    return []


def _minute(text: str) -> int:
    hour, _, minute = text.partition(".")
    if not (hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and int(hour) * 60 + int(minute) <= 1440 and int(minute) < 60):
        raise InvalidRule(f"hours: {text!r} is no time of day; write 06.00")
    return int(hour) * 60 + int(minute)


# One conversion at import, by one thread: msgspec 0.22 crashes when several convert to a nested struct for the first time at once.
parse_rule(
    {
        "id": "x",
        "village": "35.10.24.2008",
        "when": {"type": "threshold", "quantity": "water_level", "unit": "m", "threshold": 1, "clear": 1},
        "severity": 1,
        "title": {"id": ""},
        "message": {"id": ""},
        "source": "x",
        "hours": {"from": "06.00", "to": "18.00"},
    }
)
