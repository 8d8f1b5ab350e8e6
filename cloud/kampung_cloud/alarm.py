"""The alarm as it is kept, listed and shown, and its wording."""

from __future__ import annotations

from dataclasses import dataclass

from kampung_contract.quantities import quantity
from kampung_contract.rules import WORDS, Rule, Transition
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
    """Times in milliseconds UTC; ``until`` is None while it is firing."""

    id: str
    rule: str
    village: str
    node: str
    series: str
    severity: int
    since: int
    until: int | None
    value: float
    unit: str
    threshold: float
    title: dict[str, str]
    message: dict[str, str]
    source: str
    announced: bool

    def shown(self) -> dict[str, object]:
        """The alarm object of the API, the event stream and the kiosks' document."""
        return {
            "id": self.id,
            "rule": self.rule,
            "village": self.village,
            "node": self.node,
            "series": self.series,
            "severity": self.severity,
            "word": WORDS[self.severity],
            "state": "firing" if self.until is None else "resolved",
            "since": text(self.since),
            "until": None if self.until is None else text(self.until),
            "value": self.value,
            "unit": self.unit,
            "threshold": self.threshold,
            "title": self.title,
            "message": self.message,
            "source": self.source,
        }


MOST = 1_000


def listed(records: Records, village: str | None, state: str, start: int | None = None, stop: int | None = None) -> list[Alarm]:
    """Alarms that began from ``start`` to before ``stop`` (ms UTC), newest first, at most ``MOST``.

    ``firing`` leaves out what is not announced; ``resolved`` and ``all`` hold historic ones too.
    """
    query = select(AlarmRow).order_by(AlarmRow.since.desc(), AlarmRow.id)
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


def words_for(rule: Rule, key: SeriesKey, transition: Transition, language: str) -> dict[str, str]:
    """What stands for {value}, {threshold}, {place} and {time} in a rule's texts."""
    known = quantity(key.quantity)
    decimals = known.decimals if known else 2
    return {
        "{value}": decimal(transition.value, decimals, language),
        "{threshold}": decimal(rule.threshold, decimals, language),
        "{place}": rule.place,
        "{time}": clock(transition.at),
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
