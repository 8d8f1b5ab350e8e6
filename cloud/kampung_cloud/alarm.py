"""The alarm as it is kept, listed and shown, and its wording."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kampung_contract.episode import Episode
from kampung_contract.quantities import quantity
from kampung_contract.rules import Rule, word
from kampung_contract.times import clock, text
from sqlalchemy import select

from kampung_cloud.records import Records
from kampung_cloud.records.models import AlarmRow
from kampung_cloud.telemetry.store import SeriesKey

FRESH_MS = 5 * 60_000


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """Times in milliseconds UTC."""

    t: int
    value: float
    flag: int
    received: int

    @property
    def fresh(self) -> bool:
        """Not older than five minutes when it arrived."""
        return self.received - self.t <= FRESH_MS


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
    withdrawn: bool = False

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
        }


MOST = 1_000


def listed(records: Records, village: str | None, state: str, start: int | None = None, stop: int | None = None) -> list[Alarm]:
    """Alarms that began from ``start`` to before ``stop`` (ms UTC), newest first, at most ``MOST``.

    ``firing`` leaves out what is not announced; ``resolved`` and ``all`` hold historic ones too. Those that never were are in
    ``withdrawn`` alone.
    """
    query = select(AlarmRow).where(AlarmRow.withdrawn.is_(state == "withdrawn")).order_by(AlarmRow.since.desc(), AlarmRow.id)
    if village is not None:
        query = query.where(AlarmRow.village == village)
    if start is not None:
        query = query.where(AlarmRow.since >= start)
    if stop is not None:
        query = query.where(AlarmRow.since < stop)
    if state == "firing":
        query = query.where(AlarmRow.until.is_(None), AlarmRow.announced.is_(True))
    elif state == "resolved":
        query = query.where(AlarmRow.until.is_not(None))
    with records.session() as session:
        return [from_row(row) for row in session.scalars(query.limit(MOST))]


def decimal(value: float, decimals: int, language: str) -> str:
    """``1.234,5`` in Indonesian, ``1,234.5`` in English."""
    english = f"{value:,.{decimals}f}"
    return english.translate(str.maketrans(",.", ".,")) if language == "id" else english


def begun(rule: Rule, scope: str, key: SeriesKey, episode: Episode) -> Alarm:
    """The alarm that an episode is to people."""
    words = {language: words_for(rule, key, episode, language) for language in {*rule.title, *rule.message}}
    return Alarm(
        id=f"{rule.id}:{scope}:{episode.since}",
        rule=rule.id,
        village=rule.village,
        node=key.node,
        scope=scope,
        series=key.id,
        severity=rule.severity,
        since=episode.since,
        until=episode.until,
        value=episode.value,
        unit=key.unit,
        threshold=rule.leaves[0].mark,
        title={language: fill(said, words[language]) for language, said in rule.title.items()},
        message={language: fill(said, words[language]) for language, said in rule.message.items()},
        source=rule.source,
        announced=False,
        worst=episode.worst,
        worst_at=episode.worst_at,
        scale=rule.scale,
    )


def words_for(rule: Rule, key: SeriesKey, episode: Episode, language: str) -> dict[str, str]:
    """What stands for {value}, {threshold}, {place} and {time} in a rule's texts."""
    known, mark = quantity(key.quantity), rule.leaves[0].mark
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


_FIELDS = tuple(Alarm.__dataclass_fields__)


def from_row(row: AlarmRow) -> Alarm:
    """As read from records."""
    return Alarm(**{name: getattr(row, name) for name in _FIELDS})


def to_row(alarm: Alarm) -> AlarmRow:
    """As written to records."""
    return AlarmRow(**{name: getattr(alarm, name) for name in _FIELDS})
