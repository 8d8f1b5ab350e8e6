"""One alarm in words."""

from __future__ import annotations

from functools import cached_property

from kampung_contract.alarm import Alarm
from kampung_contract.rules import Rule

from kampung_cloud.words.book import FALLBACK, Voice
from kampung_cloud.words.draft import Draft
from kampung_cloud.words.figures import figures, level, moment, near, place, where
from kampung_cloud.words.saying import PAST, Saying
from kampung_cloud.words.sentences import parted
from kampung_cloud.words.subject import INDEX, measured, named, remedy, shape, subject

_LASTS = {"air", "heat", "weather"}
_FARM = {"irrigation", "awd", "disease", "farm"}


class One:
    """What the rule says of it in its own words, and what the message files say of its kind."""

    def __init__(self, alarm: Alarm, saying: Saying, voice: Voice) -> None:
        self.alarm, self._saying, self._voice = alarm, saying, voice
        self._rule: Rule | None = saying.rules.get(alarm.rule)
        self._ispu = saying.ispu.get(alarm.rule)
        self.message = voice.own(alarm.message)
        self._head = voice(f"what.{named(alarm, self._rule, self._ispu)}", level=level(alarm))
        self.title = voice.own(alarm.title).strip().rstrip(".") or self._head

    @cached_property
    def _values(self) -> dict[str, str]:
        return figures(self.alarm, self._rule, self._voice)

    @cached_property
    def _parted(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return parted(self.message, self._voice.written(self.alarm.message))

    @property
    def dos(self) -> tuple[str, ...]:
        """The rule's own sentences on what to do."""
        return self._parted[1]

    def draft(self) -> Draft:
        """The whole of a message about it alone."""
        over = self._saying.kind in PAST
        further = "" if self._saying.kind == "cancelled" else self._further
        long, do = self.todo()
        return Draft(
            title=self.title,
            lines=("" if over else self.message or self.fact, further, self._here()),
            what=self._heads(),
            fact=self._short_facts(),
            until=self.until(),
            todo=long,
            do=do,
        )

    @property
    def fact(self) -> str:
        """What is the case."""
        return " ".join(self._parted[0]) or self._voice(f"fact.{shape(self.alarm, self._rule)}", **self._values)

    def until(self) -> str:
        """When it is looked at again, until when it holds, or when it ended."""
        saying, alarm = self._saying, self.alarm
        if saying.kind == "cancelled":
            return self._voice("until.never")
        if saying.kind == "resolved":
            ended = max((one.until for one in saying.alarms if one.until is not None), default=None)
            return "" if ended is None else self._voice("until.ended", ended=moment(ended, saying.at or ended))
        if saying.until is None:
            return ""
        kind = subject(alarm, self._rule)
        key = "valid" if kind in _LASTS else "farm" if kind in _FARM else "watch"
        return self._voice(f"until.{key}", until=moment(saying.until, saying.at or max(alarm.since, alarm.worst_at)))

    def todo(self) -> tuple[str, tuple[str, ...]]:
        """What to do: the sentence that the long form needs beside the rule's message, and the forms of the short one."""
        key = PAST.get(self._saying.kind) or remedy(self.alarm, self._rule, self._ispu)
        long, short = self._voice(f"do.{key}"), self._voice(f"short.{key}")
        if key.endswith("_3") and not self._voice.book.reviewed(f"do.{key}"):
            # Where lives hang on it, what nobody who speaks the language has read is said in Indonesian, too.
            sure = Voice(FALLBACK)
            long, short = f"{long} {sure(f'do.{key}')}", f"{short} {sure(f'short.{key}')}"
        if not self.dos or self._saying.kind in PAST:
            return long, (long, long, short)
        return "", (" ".join(self.dos), self.dos[0], short)

    @property
    def _further(self) -> str:
        return self._voice("fact.worst", **self._values) if self.alarm.worst != self.alarm.value else ""

    def _short_facts(self) -> tuple[str, ...]:
        further, brief = self._further, self._voice("fact.brief", **self._values)
        match self._saying.kind:
            case "cancelled":
                return ("",)
            case "resolved":
                return (further, "")
            case "worse":
                return (further or self.fact, brief, "")
        if measured(self.alarm) == INDEX:
            return (self.fact, "")  # its number says nothing to people
        general = self._voice(f"fact.{shape(self.alarm, self._rule)}", **self._values)
        return (f"{self.fact} {further}".strip(), self.fact, general, brief, "")

    def _heads(self) -> tuple[str, ...]:
        """What and where: in the rule's words, in those of its kind, and with the village alone."""
        spot, name = self._spot, place(self.alarm.village)
        own = self.title if _names(self.title, spot) else f"{self.title}, {spot}"
        return (_in(own, spot, name), _in(f"{self._head} {spot}".strip(), spot, name), f"{self._head} {near(name)}")

    def _here(self) -> str:
        here = {"where": where(self.alarm.village, self._voice), "since": self._values["since"]}
        return self._voice("fact.here", place=self._spot, **here) if self._spot else self._voice("fact.there", **here)

    @property
    def _spot(self) -> str:
        return self._rule.place if self._rule is not None else ""


def _names(text: str, spot: str) -> bool:
    """Whether ``text`` names the place: by its own name, the last word, whatever the language calls a river."""
    return not spot.strip() or spot.rsplit(maxsplit=1)[-1].casefold() in text.casefold()


def _in(text: str, spot: str, village: str) -> str:
    """``text`` and its village, unless it says so beside the place: Kali Bomo flows through more than Bomo."""
    beside = text.casefold().replace(spot.casefold(), "") if spot else text.casefold()
    return text if not village or village.casefold() in beside else f"{text}, {village}"
