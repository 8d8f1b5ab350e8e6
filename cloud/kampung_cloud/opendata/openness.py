"""What is open to everybody: what the regency's configuration names, and what villages decided themselves.

A village's own decision stands before the configuration. Nothing is open while nobody has said who publishes and under which licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from kampung_cloud.config import OpenData
from kampung_cloud.records import Records
from kampung_cloud.records.opening_models import OpeningRow


@dataclass(frozen=True, slots=True)
class Decision:
    """A village's about one quantity; ``by`` is an account, ``name`` whose it was, ``at`` ms UTC."""

    village: str
    quantity: str
    open: bool
    by: str
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Openness:
    """``decisions``: those that stand, by village and quantity."""

    config: OpenData
    decisions: Mapping[tuple[str, str], Decision]

    @property
    def quantities(self) -> list[str]:
        """Names of which something may be open somewhere."""
        named = self.config.quantities if self.config.villages else ()
        return sorted({*named, *(name for (_, name), made in self.decisions.items() if made.open)})

    def shows(self, village: str, quantity: str) -> bool:
        """Whether this is public."""
        made = self.decisions.get((village, quantity))
        if made is None:
            return self.config.shows(village, quantity)
        return made.open and self.config.published


def openness(config: OpenData, records: Records, village: str | None = None) -> Openness:
    """As it stands now, of one village or of all. Raises ``StorageUnavailable``."""
    return Openness(config, {(made.village, made.quantity): made for made in decisions(records, village)})


def decisions(records: Records, village: str | None = None) -> list[Decision]:
    """Everything that was ever decided, the oldest first. Raises ``StorageUnavailable``."""
    question = select(OpeningRow).order_by(OpeningRow.id)
    if village is not None:
        question = question.where(OpeningRow.village == village)
    with records.session() as session:
        rows = session.scalars(question).all()
    return [Decision(r.village, r.quantity, r.open, r.by, r.by_name, r.at) for r in rows]


def decide(records: Records, made: Decision) -> None:
    """Put a decision on record. Raises ``StorageUnavailable``."""
    with records.session() as session:
        session.add(OpeningRow(village=made.village, quantity=made.quantity, open=made.open, by=made.by, by_name=made.name, at=made.at))
