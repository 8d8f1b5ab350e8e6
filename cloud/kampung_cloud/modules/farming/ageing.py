"""What farmers said and showed that is over its time: photos of leaves first, of a field that was given up later also who and where.

What was measured, harvested and paid stays, and so do the neighbours' quartiles. A field in use keeps its book: it is the farmer's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmBookRow, FarmFieldRow, FarmKeyRow, FarmReportRow
from kampung_cloud.modules.farming.photos import NAME, path_of
from kampung_cloud.retention.discarding import discard
from kampung_cloud.retention.kind import Item, Pile

ROUNDED = 2
"""Decimals of a degree that stay of a field's place, about 1.1 km: weather and kecamatan still fit, the plot is nobody's."""
NUMBER = re.compile(r"\d{1,9}")
STAYS = ("event", "village")
"""Of a registration: by which kiosk's event it came, so that it still counts once."""


class LeafPhotos:
    """Photos beside leaf readings; the readings stay."""

    name = "foto-daun"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        counted = select(func.count(), func.min(FarmReportRow.at)).join(FarmFieldRow, FarmFieldRow.id == FarmReportRow.field)
        count, oldest = session.execute(counted.where(*_pictured(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        chosen = select(FarmReportRow).join(FarmFieldRow, FarmFieldRow.id == FarmReportRow.field).where(*_pictured(village, before))
        rows = session.scalars(chosen.order_by(FarmReportRow.at, FarmReportRow.id).limit(limit))
        return [Item(str(row.id), f"foto daun, {row.field}", row.at) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by the reading's number, or by the photo's name."""
        if not NUMBER.fullmatch(said) and not NAME.fullmatch(said):
            return None
        mine = FarmReportRow.id == int(said) if NUMBER.fullmatch(said) else FarmReportRow.body["photo"].as_string() == said
        chosen = select(FarmReportRow.id).join(FarmFieldRow, FarmFieldRow.id == FarmReportRow.field)
        found = session.scalar(chosen.where(FarmFieldRow.village == village, FarmReportRow.kind == "leaves", mine).limit(1))
        return None if found is None else str(found)

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says; the file goes once the caller's transaction is through."""
        chosen = select(FarmReportRow).join(FarmFieldRow, FarmFieldRow.id == FarmReportRow.field)
        row = session.scalar(chosen.where(*_pictured(village, before), FarmReportRow.id == int(subject)))
        if row is None:
            return False, None
        _without_photo(session, row, village, certificate)
        return True, None


class GivenUpFields:
    """Fields that were given up: name, exact place, who said and paid what, keys, and the photos that are left."""

    name = "lahan-petani"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(FarmFieldRow.ended)).where(*_given_up(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        rows = session.scalars(
            select(FarmFieldRow).where(*_given_up(village, before)).order_by(FarmFieldRow.ended, FarmFieldRow.id).limit(limit)
        )
        return [Item(row.id, f"lahan {row.crop}", row.ended or 0) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by its id."""
        row = session.get(FarmFieldRow, said.lower())
        return row.id if row is not None and row.village == village else None

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        row = session.scalar(select(FarmFieldRow).where(*_given_up(village, before), FarmFieldRow.id == subject))
        if row is None:
            return False, None
        row.name, row.tell = "", []
        row.latitude, row.longitude = round(row.latitude, ROUNDED), round(row.longitude, ROUNDED)
        session.execute(delete(FarmKeyRow).where(FarmKeyRow.field == subject))
        session.execute(update(FarmBookRow).where(FarmBookRow.field == subject).values(by="", what=""))
        for report in session.scalars(select(FarmReportRow).where(FarmReportRow.field == subject)):
            report.by = ""
            if report.kind in {"registered", "changed", "refused"}:
                report.body = {key: report.body[key] for key in STAYS if key in report.body}
            _without_photo(session, report, village, certificate)
        for advice in session.scalars(select(FarmAdviceRow).where(FarmAdviceRow.field == subject)):
            advice.actions, advice.answers = [], {kind: _unsigned(answer) for kind, answer in advice.answers.items()}
        return True, None


def _without_photo(session: Session, row: FarmReportRow, village: str, certificate: str) -> None:
    name = row.body.get("photo")
    if name is not None:
        row.body = {key: value for key, value in row.body.items() if key != "photo"}
        discard(session, village, path_of(row.field, str(name)), certificate)


def _unsigned(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "by"}


def _pictured(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    photo = FarmReportRow.body["photo"].as_string()
    return FarmFieldRow.village == village, FarmReportRow.kind == "leaves", FarmReportRow.at < before, photo.is_not(None)


def _given_up(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return FarmFieldRow.village == village, FarmFieldRow.ended < before, FarmFieldRow.name != ""
