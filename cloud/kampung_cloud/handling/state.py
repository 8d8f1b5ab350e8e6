"""What became of an alarm in people's hands: it follows from the lines of the trail, in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kampung_contract.times import text

from kampung_cloud.records.message_models import AlarmHandlingRow, AlarmLogRow

Verdict = Literal["false", "true"]


@dataclass(frozen=True, slots=True)
class Handling:
    """Times in ms UTC. The first who acknowledged counts, the last to whom it was given, the last verdict."""

    alarm: str
    village: str
    acknowledged: int | None = None
    acknowledged_by: str | None = None
    acknowledged_via: str | None = None
    assigned: int | None = None
    assigned_to: str | None = None
    verdict: str | None = None
    verdict_by: str | None = None

    def row(self) -> AlarmHandlingRow:
        """As written to records."""
        return AlarmHandlingRow(**{name: getattr(self, name) for name in self.__dataclass_fields__})

    @classmethod
    def of(cls, row: AlarmHandlingRow) -> Handling:
        """As read from records."""
        return cls(**{name: getattr(row, name) for name in cls.__dataclass_fields__})

    def shown(self) -> dict[str, object]:
        """For the API and the event stream."""
        times = {name: None if at is None else text(at) for name in ("acknowledged", "assigned") for at in (getattr(self, name),)}
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("alarm", "village")} | times


def follows(alarm: str, village: str, lines: Iterable[AlarmLogRow]) -> Handling:
    """The handling after these lines. One moment's lines are put in the order of their keys, so that all see them alike."""
    found: dict[str, object] = {}
    for line in sorted(lines, key=lambda line: (line.at, line.key)):
        if line.kind == "acknowledged" and "acknowledged" not in found:
            found |= {"acknowledged": line.at, "acknowledged_by": line.actor, "acknowledged_via": line.via}
        elif line.kind == "assigned":
            found |= {"assigned": line.at, "assigned_to": line.body["to"]}
        elif line.kind == "marked":
            found |= {"verdict": line.body["verdict"], "verdict_by": line.actor}
    return Handling(alarm, village, **found)  # type: ignore[arg-type]
