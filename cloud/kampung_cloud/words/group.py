"""Several alarms as one message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kampung_cloud.words.book import Voice
from kampung_cloud.words.draft import Draft
from kampung_cloud.words.figures import near, place, where
from kampung_cloud.words.one import One
from kampung_cloud.words.saying import PAST, Saying

TITLES = 6
"""An SMS has no room for more."""
LINES = 20
"""Alarms that the long form lists; the rest is a number."""


def group(saying: Saying, told: Sequence[One], voice: Voice) -> Draft:
    """The gravest first, which is also the one whose instruction is given."""
    places = {one.alarm.village for one in told}
    far = voice("where.several", count=len(places)) if len(places) > 1 else ""
    first = told[0]
    brief = voice("what.group", count=min(len(told), 9999), where=far or near(place(first.alarm.village)))
    counts = Counter(one.title for one in told)
    names = [name if n == 1 else f"{name} ({n})" for name, n in counts.items()]
    long, do = first.todo()
    return Draft(
        title=voice("what.group", count=len(told), where=far or where(first.alarm.village, voice)),
        lines=listed([f"- {one.title}" if saying.kind in PAST else f"- {one.title}: {one.fact}" for one in told], voice),
        what=(*shown(brief, names, voice), brief),
        until=first.until(),
        todo=long or do[0],
        do=do,
    )


def listed(lines: Sequence[str], voice: Voice) -> tuple[str, ...]:
    """At most so many lines, and how many more there are."""
    return (*lines[:LINES], *([voice("what.more", count=len(lines) - LINES)] if len(lines) > LINES else []))


def shown(head: str, names: Sequence[str], voice: Voice) -> list[str]:
    """``head`` with as many of ``names`` as an SMS may have room for, then with fewer and fewer, each with how many more there are."""
    forms = []
    for count in range(min(len(names), TITLES), 0, -1):
        left = len(names) - count
        forms.append(f"{head}: {'; '.join(names[:count])}" + (f" {voice('what.more', count=left)}" if left else ""))
    return forms
