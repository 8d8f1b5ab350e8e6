"""A message that tries whether messages arrive."""

from __future__ import annotations

from kampung_cloud.words.book import Voice
from kampung_cloud.words.draft import Draft
from kampung_cloud.words.figures import near, place, where
from kampung_cloud.words.saying import Saying


def trial(saying: Saying, voice: Voice) -> Draft:
    """It says what it is for, and that nothing is to be done."""
    return Draft(
        title=voice("what.test", where=where(saying.village, voice)),
        lines=(voice("fact.test"),),
        what=(voice("what.test", where=near(place(saying.village))),),
        fact=(voice("fact.test"), ""),
        todo=voice("do.test"),
        do=(voice("do.test"), voice("short.test")),
    )
