"""The alarm as it is told and shown, the same at edge and cloud, and its wording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kampung_contract.episode import Episode
from kampung_contract.quantities import quantity
from kampung_contract.rules import Rule, word
from kampung_contract.times import clock, milliseconds, text

_INNER = ("announced", "withdrawn", "became")


@dataclass(frozen=True, slots=True)
class Alarm:
    """Times in milliseconds UTC; ``until`` is None while it is firing. ``scope`` is what its rule looks at: a series, or the village.

    ``series`` raised it with ``value``; it was furthest with ``worst`` at ``worst_at``. ``withdrawn``: it never was, as late readings show.
    """

    id: str
    rule: str
    village: str
    node: str
    scope: str
    series: str
    severity: int
    since: int
    until: int | None
    value: float
    unit: str
    threshold: float | None
    title: dict[str, str]
    message: dict[str, str]
    source: str
    announced: bool
    worst: float
    worst_at: int
    scale: str = "waspada"
    about: str = "other"
    withdrawn: bool = False
    became: str | None = None
    """Of one that was withdrawn since it began at another time, or is a part of another: the alarm that it is now."""

    @staticmethod
    def name(rule: str, scope: str, since: int) -> str:
        """Edge and cloud call an alarm by what they agree on."""
        return f"{rule}:{scope}:{since}"

    @classmethod
    def told(cls, shown: dict[str, Any]) -> Alarm:
        """From what ``shown`` gave at the other end. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        own = {name: shown[name] for name in cls.__dataclass_fields__ if name not in _INNER}
        own |= {"since": milliseconds(own["since"]), "worst_at": milliseconds(own["worst_at"])}
        own["until"] = None if own["until"] is None else milliseconds(own["until"])
        return cls(**own, announced=True, withdrawn=shown["state"] == "withdrawn")

    @property
    def episode(self) -> Episode:
        """What it is to the rule's track."""
        return Episode(self.since, self.until, self.value, self.series, self.worst, self.worst_at)

    def at(self, episode: Episode) -> Alarm:
        """The same, as it is known now."""
        since, until, value, source, worst, worst_at = episode
        name = self.name(self.rule, self.scope, since)
        return replace(self, id=name, since=since, until=until, value=value, series=source, worst=worst, worst_at=worst_at)

    def ended(self, at: int) -> Alarm:
        """The same, over."""
        return replace(self, until=at)

    def shown(self) -> dict[str, object]:
        """The alarm object of the API, the event stream and the kiosks' document."""
        return {
            "id": self.id,
            "rule": self.rule,
            "village": self.village,
            "node": self.node,
            "about": self.about,
            "scale": self.scale,
            "scope": self.scope,
            "series": self.series,
            "severity": self.severity,
            "word": word(self.severity, self.scale),
            "state": "withdrawn" if self.withdrawn else "firing" if self.until is None else "resolved",
            "since": text(self.since),
            "until": None if self.until is None else text(self.until),
            "value": self.value,
            "unit": self.unit,
            "threshold": self.threshold,
            "title": self.title,
            "message": self.message,
            "source": self.source,
            "worst": self.worst,
            "worst_at": text(self.worst_at),
            "became": self.became,
        }


def decimal(value: float, decimals: int, language: str) -> str:
    """``1.234,5`` in Indonesian and the local languages, ``1,234.5`` in English."""
    english = f"{value:,.{decimals}f}"
    return english if language == "en" else english.translate(str.maketrans(",.", ".,"))


def begun(rule: Rule, scope: str, episode: Episode) -> Alarm:
    """The alarm that an episode is to people."""
    node, _, name = episode.source.partition(".")
    measured = name.rpartition(".")[2]
    unit = next((leaf.unit for leaf in rule.leaves if leaf.quantity == measured), rule.leaves[0].unit)
    words = {language: words_for(rule, measured, episode, language) for language in {*rule.title, *rule.message}}
    return Alarm(
        id=Alarm.name(rule.id, scope, episode.since),
        rule=rule.id,
        village=rule.village,
        node=node,
        scope=scope,
        series=episode.source,
        severity=rule.severity,
        since=episode.since,
        until=episode.until,
        value=episode.value,
        unit=unit,
        threshold=rule.leaves[0].mark,
        title={language: fill(said, words[language]) for language, said in rule.title.items()},
        message={language: fill(said, words[language]) for language, said in rule.message.items()},
        source=rule.source,
        announced=False,
        worst=episode.worst,
        worst_at=episode.worst_at,
        scale=rule.scale,
        about=rule.about,
    )


def renewed(alarm: Alarm, rule: Rule, episode: Episode) -> Alarm:
    """The alarm as it is known now; in other words where another value raised it."""
    if alarm.value == episode.value and alarm.since == episode.since:
        return alarm.at(episode)
    return replace(begun(rule, alarm.scope, episode), announced=alarm.announced)


def words_for(rule: Rule, measured: str, episode: Episode, language: str) -> dict[str, str]:
    """What stands for {value}, {threshold}, {place} and {time} in a rule's texts."""
    known, mark = quantity(measured), rule.leaves[0].mark
    decimals = known.decimals if known else 2
    return {
        "{value}": decimal(episode.value, decimals, language),
        "{threshold}": "" if mark is None else decimal(mark, decimals, language),
        "{place}": rule.place,
        "{time}": clock(episode.since),
    }


def fill(words: str, values: dict[str, str]) -> str:
    """``words`` with ``values`` in place of their names."""
    for name, value in values.items():
        words = words.replace(name, value)
    return words
