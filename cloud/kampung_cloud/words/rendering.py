"""From what is to be said to its words."""

from __future__ import annotations

from kampung_cloud.words.book import Voice
from kampung_cloud.words.digest import digest
from kampung_cloud.words.draft import Draft
from kampung_cloud.words.fitting import fitted
from kampung_cloud.words.group import group
from kampung_cloud.words.gsm import plain
from kampung_cloud.words.one import One
from kampung_cloud.words.saying import PAST, Said, Saying
from kampung_cloud.words.trial import trial


def render(saying: Saying, language: str) -> Said:
    """In ``language`` (``id``, ``jv``, ``osi``, ``mad``, ``en``), each sentence it lacks in Indonesian; an unknown one is Indonesian.

    A rule's own title and message say what is the case; the message files give the frame, until when, what to do where the rule does not
    say it, and whom to call.
    """
    voice = Voice(language)
    draft = _draft(saying, voice)
    over = saying.kind in PAST
    ask = saying.code and not over
    call = plain(saying.contact)
    mark = "." if over or saying.kind == "digest" else ":"
    lines = (
        *draft.lines,
        draft.until,
        draft.todo,
        voice("ask.long", code=saying.code) if ask else "",
        voice("call.long", contact=saying.contact) if call else "",
    )
    parts = {
        "what": tuple(_framed(saying, what, voice) + mark for what in draft.what),
        "fact": draft.fact,
        "until": (draft.until, ""),
        "do": draft.do,
        "ask": (voice("ask.short", code=saying.code), "") if ask else ("",),
        "call": (voice("call.short", contact=saying.contact), "") if call else ("",),
    }
    short = fitted({name: tuple(map(plain, forms)) for name, forms in parts.items()})
    return Said(_framed(saying, draft.title, voice), "\n".join(line for line in lines if line), short, voice.reviewed)


def _draft(saying: Saying, voice: Voice) -> Draft:
    if saying.kind == "test":
        return trial(saying, voice)
    told = [One(alarm, saying, voice) for alarm in saying.gravest]
    if saying.kind == "digest":
        return digest(saying, told, voice)
    return told[0].draft() if len(told) == 1 else group(saying, told, voice)


def _framed(saying: Saying, what: str, voice: Voice) -> str:
    said = voice(f"kind.{saying.kind}", what=what)
    return voice("kind.drill", what=said) if saying.drill else said
