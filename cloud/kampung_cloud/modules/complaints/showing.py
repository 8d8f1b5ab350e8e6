"""Complaints as the office's pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kampung_contract.times import text
from kampung_contract.villages import village as find_village

from kampung_cloud.access.actor import Actor
from kampung_cloud.calendar import Calendar
from kampung_cloud.local_day import day_of
from kampung_cloud.modules.complaints import seeing
from kampung_cloud.modules.complaints.book import Noted, Words
from kampung_cloud.modules.complaints.clocks import days_between
from kampung_cloud.modules.complaints.models import ComplaintRow, SuggestionRow
from kampung_cloud.modules.complaints.status import ABOUT, BUSY, OFFICES, TITLES


def row(found: ComplaintRow, actor: Actor, calendar: Calendar, now: int) -> dict[str, Any]:
    """As ``ComplaintOut``. ``left``: working days until it is due, counting the last; negative when it is late."""
    left = None
    if found.due is not None and found.state in BUSY:
        last = day_of(found.due - 1)
        left = days_between(day_of(now), last, calendar)
    return {
        "id": found.id,
        "ticket": found.ticket,
        "village": found.village,
        "village_name": find_village(found.village).name,
        "about": ABOUT[found.about],
        "category": found.category,
        "service": found.service,
        "state": found.state,
        "title": TITLES[found.state],
        "office": OFFICES[found.office],
        "opened": found.opened,
        "due": None if found.due is None else text(found.due),
        "left": left,
        "late": left is not None and found.due is not None and now >= found.due,
        "known": found.known,
        "past": found.past,
        "objected": found.objected,
        "acts": list(seeing.acts(actor, found)),
    }


def detail(
    found: tuple[ComplaintRow, Words, Sequence[Noted]], destroyed: str | None, actor: Actor, calendar: Calendar, now: int
) -> dict[str, Any]:
    """As ``DetailOut``; ``destroyed``: by which certificate its words were."""
    complaint, words, steps = found
    return row(complaint, actor, calendar, now) | {
        "text": words.text,
        "destroyed": destroyed if not complaint.said else None,
        "day": words.day or None,
        "written": complaint.written,
        "reference": words.reference,
        "asked": words.asked,
        "head": words.head,
        "writer": seeing.reads_writer(actor, complaint),
        "steps": [
            {"at": text(step.at), "act": step.act, "by": step.by, "state": step.state, "title": TITLES[step.state], "note": step.note}
            for step in steps
        ],
    }


def suggestion(found: SuggestionRow, words: str) -> dict[str, Any]:
    """As ``SuggestionOut``."""
    return {
        "id": found.id, "village": found.village, "service": found.service, "opened": found.opened, "text": words,
        "seen": None if found.seen is None else text(found.seen), "seen_by": found.seen_by,
        "destroyed": not found.text,
    }  # fmt: skip
