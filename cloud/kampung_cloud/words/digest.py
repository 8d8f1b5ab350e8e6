"""The morning's message to a farmer: what stands, what he is advised, what is over."""

from __future__ import annotations

from collections.abc import Sequence

from kampung_cloud.words.book import Voice
from kampung_cloud.words.draft import Draft
from kampung_cloud.words.figures import near, place, where
from kampung_cloud.words.group import listed, shown
from kampung_cloud.words.one import One
from kampung_cloud.words.saying import Saying


def digest(saying: Saying, told: Sequence[One], voice: Voice) -> Draft:
    """A line for each thing; the short form has them with what to do, then by name, then as many as there is room for."""
    standing = [one for one in told if one.alarm.until is None]
    over = [voice("kind.resolved", what=one.title) for one in told if one.alarm.until is not None]
    advice = [line.strip().rstrip(".") for line in saying.lines]
    lines = [f"- {one.title}: {one.message or one.fact}" for one in standing] + [f"- {line}" for line in (*saying.lines, *over)]
    code = saying.village or next((one.alarm.village for one in told), "")
    head = voice("what.digest", where=near(place(code)))
    full = [f"{one.title}: {one.todo()[1][1].rstrip('.')}" for one in standing]
    names = [*(one.title for one in standing), *advice, *over]
    first = shown(head, [*full, *advice, *over], voice)[:1]
    return Draft(
        title=voice("what.digest", where=where(code, voice)),
        lines=listed(lines, voice) if lines else (voice("fact.none"),),
        what=(*first, *shown(head, names, voice), head),
        fact=("",) if lines else (voice("fact.none"),),
        todo=voice("do.digest") if lines else "",
        do=(voice("do.digest"), voice("short.digest"), "") if lines else ("",),
    )
