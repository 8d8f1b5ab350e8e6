"""From what is to be said to its words."""

from __future__ import annotations

from collections import Counter

from kampung_contract.alarm import Alarm
from kampung_contract.rules import Rule

from kampung_cloud.words.book import FALLBACK, Voice
from kampung_cloud.words.figures import figures, level, moment, place, where
from kampung_cloud.words.fitting import fitted
from kampung_cloud.words.gsm import plain
from kampung_cloud.words.saying import Said, Saying
from kampung_cloud.words.schema import NAME
from kampung_cloud.words.sentences import parted
from kampung_cloud.words.subject import named, remedy, shape, subject

TITLES = 6
"""An SMS has no room for more."""
LINES = 20
"""Alarms that the long form of a group lists; the rest is a number."""
PAST = {"resolved": "over", "cancelled": "never"}
_LASTS = {"air", "heat", "weather"}
_FARM = {"irrigation", "awd", "disease", "farm"}


def render(saying: Saying, language: str) -> Said:
    """In ``language`` (``id``, ``jv``, ``osi``, ``mad``, ``en``), each sentence it lacks in Indonesian; an unknown one is Indonesian.

    A rule's own title and message say what is the case; the message files give the frame, until when, what to do where the rule does not
    say it, and whom to call.
    """
    voice = Voice(language)
    if not saying.alarms:
        return _alone(saying, voice)
    alarms = saying.gravest
    told = [_Told(alarm, saying, voice) for alarm in alarms]
    what: tuple[str, ...]
    lines: tuple[str, ...]
    if len(told) == 1 and saying.kind != "digest":
        title, what = told[0].title, told[0].heads
        lines = told[0].lines
    else:
        title, what, lines = _several(saying, told, voice)
    until = _until(saying, told[0], voice)
    long_do, short_do = _do(saying, told[0], voice)
    over = saying.kind in PAST
    ask = saying.code and not over
    text = [
        *lines,
        until,
        long_do,
        voice("ask.long", code=saying.code) if ask else "",
        voice("call.long", contact=saying.contact) if saying.contact else "",
    ]
    mark = "." if over else ":"
    parts = {
        "what": tuple(_framed(saying, plain(form), voice) + mark for form in what),
        "fact": tuple(map(plain, told[0].facts)) if len(told) == 1 and saying.kind != "digest" else ("",),
        "until": (plain(until), ""),
        "do": tuple(map(plain, short_do)),
        "ask": (voice("ask.short", code=saying.code), "") if ask else ("",),
        "call": (plain(voice("call.short", contact=saying.contact)), "") if plain(saying.contact) else ("",),
    }
    short = fitted({name: tuple(map(plain, forms)) for name, forms in parts.items()})
    return Said(_framed(saying, title, voice), "\n".join(line for line in text if line), short, voice.reviewed)


class _Told:
    """What one alarm is in words."""

    def __init__(self, alarm: Alarm, saying: Saying, voice: Voice) -> None:
        rule: Rule | None = saying.rules.get(alarm.rule)
        ispu = saying.ispu.get(alarm.rule)
        values, over = figures(alarm, rule, voice), saying.kind in PAST
        message = voice.own(alarm.message)
        facts, dos = parted(message, voice.written(alarm.message))
        spot = rule.place if rule is not None else ""
        self.alarm, self.subject, self.remedy = alarm, subject(alarm, rule), remedy(alarm, rule, ispu)
        head = voice(f"what.{named(alarm, rule, ispu)}", level=level(alarm))
        self.own = voice.own(alarm.title).strip().rstrip(".") or head
        self.title = self.own
        self.dos = () if over else dos
        name = place(alarm.village)
        self.heads = (_joined(_joined(self.own, spot), name), _joined(f"{head} {spot}".strip(), name), f"{head} {_cut(name)}")
        fact = voice(f"fact.{shape(alarm, rule)}", **values)
        further = voice("fact.worst", **values) if alarm.worst != alarm.value else ""
        own, brief = " ".join(facts) or fact, voice("fact.brief", **values)
        self.facts = {
            "worse": (further or own, brief, ""),
            "resolved": (further, ""),
            "cancelled": ("",),
        }.get(saying.kind, (f"{own} {further}".strip(), own, fact, brief, ""))
        here = {"where": where(alarm.village, voice), "since": values["since"]}
        lies = voice("fact.here", place=spot, **here) if spot else voice("fact.there", **here)
        self.lines = ("" if over else message or own, "" if saying.kind == "cancelled" else further, lies)
        self.line = f"- {self.own}" if over else f"- {self.own}: {message if saying.kind == 'digest' else own}"


def _joined(text: str, more: str) -> str:
    return text if not more or more.casefold() in text.casefold() else f"{text}, {more}"


def _cut(name: str) -> str:
    """A village's name in ``NAME`` places, at a word's end where that leaves anything."""
    short = plain(name)[:NAME]
    while len(plain(name)) > NAME and " " in short and not plain(name)[len(short)].isspace():
        short = short.rpartition(" ")[0]
    return short.rstrip(" ,")


def _framed(saying: Saying, what: str, voice: Voice) -> str:
    said = voice(f"kind.{saying.kind}", what=what)
    return voice("kind.drill", what=said) if saying.drill else said


def _several(saying: Saying, told: list[_Told], voice: Voice) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A group's title, its forms in a short message, and its lines."""
    villages = {one.alarm.village for one in told}
    far = len(villages) > 1
    at = voice("where.several", count=len(villages)) if far else where(told[0].alarm.village, voice)
    near = at if far else _cut(place(told[0].alarm.village))
    key = "what.digest" if saying.kind == "digest" else "what.group"
    title = voice(key, count=len(told), where=at)
    brief = voice(key, count=min(len(told), 9999), where=near)
    counts = Counter(one.own for one in told)
    names = [name if n == 1 else f"{name} ({n})" for name, n in counts.items()]
    forms = []
    for shown in range(min(len(names), TITLES), 0, -1):
        left = len(names) - shown
        forms.append(f"{brief}: {'; '.join(names[:shown])}" + (f" {voice('what.more', count=left)}" if left else ""))
    lines = [one.line for one in told[:LINES]]
    if len(told) > LINES:
        lines.append(voice("what.more", count=len(told) - LINES))
    return title, (*forms, brief), tuple(lines)


def _until(saying: Saying, first: _Told, voice: Voice) -> str:
    now = saying.at or max(first.alarm.since, first.alarm.worst_at)
    if saying.kind == "cancelled":
        return voice("until.never")
    if saying.kind == "resolved":
        ended = [one.until for one in saying.alarms if one.until is not None]
        return voice("until.ended", ended=moment(max(ended), saying.at or max(ended))) if ended else ""
    if saying.until is None:
        return ""
    key = "valid" if first.subject in _LASTS else "farm" if first.subject in _FARM else "watch"
    return voice(f"until.{key}", until=moment(saying.until, now))


def _do(saying: Saying, first: _Told, voice: Voice) -> tuple[str, tuple[str, ...]]:
    """What to do: the sentence to add to the long form, and the forms of the short one."""
    remedy = PAST.get(saying.kind, "digest" if saying.kind == "digest" else first.remedy)
    long, short = voice(f"do.{remedy}"), voice(f"short.{remedy}")
    if remedy.endswith("_3") and not voice.book.reviewed(f"do.{remedy}"):
        # Where lives hang on it, what nobody who speaks the language has read is said in Indonesian, too.
        sure = Voice(FALLBACK)
        long, short = f"{long} {sure(f'do.{remedy}')}", f"{short} {sure(f'short.{remedy}')}"
    own = first.dos if saying.kind != "digest" else ()
    if not own:
        return long, (long, long, short)
    said = len(saying.alarms) == 1
    return "" if said else " ".join(own), (" ".join(own), own[0], short)


def _alone(saying: Saying, voice: Voice) -> Said:
    """A test, or a morning without alarms."""
    kind = saying.kind
    title = _framed(saying, voice(f"what.{kind}", where=where(saying.village, voice)), voice)
    near = _framed(saying, voice(f"what.{kind}", where=_cut(place(saying.village))), voice)
    fact, do = voice("fact.test" if kind == "test" else "fact.none"), voice("do.test") if kind == "test" else ""
    call = voice("call.long", contact=saying.contact) if saying.contact else ""
    ask = voice("ask.long", code=saying.code) if saying.code else ""
    parts = {
        "what": (near + ":",),
        "fact": (fact, ""),
        "until": ("",),
        "do": (do,),
        "ask": (voice("ask.short", code=saying.code), "") if saying.code else ("",),
        "call": (voice("call.short", contact=saying.contact), "") if plain(saying.contact) else ("",),
    }
    short = fitted({name: tuple(map(plain, forms)) for name, forms in parts.items()})
    return Said(title, "\n".join(line for line in (fact, do, ask, call) if line), short, voice.reviewed)
