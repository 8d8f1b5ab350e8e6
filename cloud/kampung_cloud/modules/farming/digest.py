"""What the morning's digest says of a person's fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from kampung_cloud.messages.person import Person
from kampung_cloud.modules.farming.advice.words import said
from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmFieldRow
from kampung_cloud.modules.farming.stations import day_of
from kampung_cloud.records import Records


class FarmLines:
    """Sentences of today's lists, of the fields that the person named or that name the person, in the person's language."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def lines(self, person: Person, day: int) -> Sequence[str]:
        """``day`` is the local midnight (ms UTC). What was answered already is left out. Raises ``StorageUnavailable``."""
        with self._records.session() as session:
            fields = select(FarmFieldRow).where(FarmFieldRow.ended.is_(None)).order_by(FarmFieldRow.name, FarmFieldRow.id)
            if person.village:
                fields = fields.where(FarmFieldRow.village == person.village)
            mine = [row.id for row in session.scalars(fields) if row.id in person.fields or person.id in row.tell]
            today = select(FarmAdviceRow).where(FarmAdviceRow.day == day_of(day).isoformat(), FarmAdviceRow.field.in_(mine))
            lists = {row.field: row for row in session.scalars(today)}
            return [
                _said(action, person.language)
                for field in mine
                if field in lists
                for action in lists[field].actions
                if action["kind"] not in lists[field].answers
            ]


def _said(action: Mapping[str, Any], language: str) -> str:
    """A list that was made by an earlier release has Indonesian only."""
    return said(action["said"], language) if "said" in action else str(action["sentence"])
