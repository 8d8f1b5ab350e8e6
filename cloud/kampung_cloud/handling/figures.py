"""What the alarms of a rule were worth: how many there were, how many somebody acknowledged, how many were false."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kampung_cloud.records.message_models import AlarmHandlingRow
from kampung_cloud.records.models import AlarmRow

DAYS = 365
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over the ``days`` before; shares from 0 to 1, None of nothing."""

    days: int
    alarms: int
    acknowledged: int
    false: int

    def shown(self) -> dict[str, object]:
        """For the API."""
        shares = {f"{name}_share": getattr(self, name) / self.alarms if self.alarms else None for name in ("acknowledged", "false")}
        return asdict(self) | shares


def of_rule(session: Session, rule: str, now: int, days: int = DAYS) -> Figures:
    """Of alarms that began in the ``days`` before ``now`` (ms UTC), that people were told of, and that were not taken back."""
    mine = (AlarmRow.rule == rule, AlarmRow.since >= now - days * DAY_MS, AlarmRow.announced.is_(True), AlarmRow.withdrawn.is_(False))
    seen, false = AlarmHandlingRow.acknowledged, AlarmHandlingRow.verdict
    counted = select(
        func.count(AlarmRow.id),
        func.count(seen),
        func.count(AlarmRow.id).filter(false == "false"),
    ).outerjoin(AlarmHandlingRow, AlarmHandlingRow.alarm == AlarmRow.id)
    alarms, acknowledged, wrong = session.execute(counted.where(*mine)).one()
    return Figures(days, alarms, acknowledged, wrong)
