"""Reports as the API shows them: to staff, to their writer, to everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from kampung_contract.times import text

from kampung_cloud.modules.reports.book import Near
from kampung_cloud.modules.reports.kinds import kinds
from kampung_cloud.modules.reports.models import CitizenReportRow as Row
from kampung_cloud.modules.reports.models import CitizenStepRow as Step
from kampung_cloud.modules.reports.places import rounded
from kampung_cloud.modules.reports.status import NEXT, STATUSES, WORDS, Status, deadline


def for_staff(row: Row, now: int) -> dict[str, Any]:
    """``ReportOut``."""
    due = _due(row)
    names = ("id", "ticket", "text", "spot", "latitude", "longitude", "accuracy", "origin", "level", "handler", "into", "released")
    return _head(row) | {name: getattr(row, name) for name in names} | {
        "deadline": None if due is None else text(due), "left": None if due is None else due - now, "photo": row.has_photo,
        "contact": row.contact is not None,
    }  # fmt: skip


def detail(row: Row, steps: Iterable[Step], near: Iterable[Near], destroyed: str | None, now: int) -> dict[str, Any]:
    """``DetailOut``; ``destroyed``: by which certificate its words were."""
    return for_staff(row, now) | {
        "destroyed": destroyed,
        "steps": [_step(each) for each in steps],
        "next": [s for s in STATUSES if s in NEXT[cast(Status, row.status)] and s != "merged"],
        "near": [{"report": for_staff(each.row, now), "metres": each.metres} for each in near],
    }


def for_writer(row: Row, steps: Iterable[Step], number: str, destroyed: str | None, now: int) -> dict[str, Any]:
    """``FollowedOut``: officials by their work, not by name."""
    due = _due(row)
    return _head(row) | {
        "ticket": number, "deadline": None if due is None else text(due), "late": due is not None and now > due,
        "destroyed": destroyed,
        "steps": [_step(each) | {"by": None, "body": {}} for each in steps],
    }  # fmt: skip


def for_everybody(row: Row) -> dict[str, Any]:
    """``PublicOut``."""
    shown = {name: value for name, value in _head(row).items() if name != "since"}
    return shown | {"id": row.id, "place": rounded(row.latitude, row.longitude), "photo": row.has_photo and row.released}


def _head(row: Row) -> dict[str, Any]:
    return {
        "village": row.village, "kind": row.kind, "title": kinds()[row.kind].title, "at": text(row.at), "status": row.status,
        "word": WORDS[cast(Status, row.status)], "since": text(row.since),
    }  # fmt: skip


def _due(row: Row) -> int | None:
    return deadline(cast(Status, row.status), row.at, kinds()[row.kind])


def _step(step: Step) -> dict[str, Any]:
    said = {name: getattr(step, name) for name in ("kind", "by", "status", "note", "public", "body")}
    return said | {"at": text(step.at), "word": WORDS[cast(Status, step.status)] if step.status else None}
