"""What a message file must hold: its strings, what is filled into them, and that the shortest message fits an SMS."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kampung_contract.rules import SIAGA, WORDS

from kampung_cloud.words.gsm import MOST, places, plain
from kampung_cloud.words.saying import CODE, KINDS
from kampung_cloud.words.subject import BY_SEVERITY

NAME = 20
"""Places of a village's name in the shortest message; a longer one is cut there."""
CONTACT = 22
"""Places of a phone number; a message with a longer one may have to leave it out, whole."""
_SUBJECTS = ("heat", "water", "weather", "irrigation", "awd", "disease", "farm", "silent", "stuck")
_PACE = {"flood": ("flood", "rise", "reach"), "air": ("air", "air_101", "air_201", "air_301")}
"""What an alarm may be called beside its subject's own name."""
_REMEDIES = (*_SUBJECTS, *(f"{about}_{severity}" for about in BY_SEVERITY for severity in (1, 2, 3)), "over", "never", "test", "digest")
_HEADS = tuple(head for found in (*_SUBJECTS, *BY_SEVERITY) for head in _PACE.get(found, (found,)))
KEYS: dict[str, tuple[str, ...]] = {
    "kind": (*KINDS, "drill"),
    "where": ("desa", "kelurahan", "regency", "several"),
    "what": (*_HEADS, "group", "digest", "test", "more"),
    "fact": ("plain", "level", "several", "rise", "fall", "reach", "silent", "brief", "worst", "here", "there", "test", "none"),
    "until": ("watch", "valid", "farm", "ended", "never"),
    "do": _REMEDIES,
    "short": _REMEDIES,
    "ask": ("long", "short"),
    "call": ("long", "short"),
    "span": ("s", "m", "h", "d"),
    "event": ("flood", "landslide", "air", "heat", "water", "weather", "volcano", "farm", "device", "other"),
    "note": ("exercise", "test"),
    "reply": (
        "again",
        "ack",
        "ack_before",
        "heard",
        "false",
        "doubt",
        "silence",
        "resumed",
        "not_silent",
        "not_allowed",
        "over",
        "no_code",
        "no_code_bare",
        "none",
        "more",
        "help",
        "unknown",
        "too_long",
    ),
}
"""Every string that is ever asked for; Indonesian has all of them."""


def check(strings: Mapping[str, str], reference: Mapping[str, str] | None) -> None:
    """Raises ``ValueError`` naming key, value and remedy. ``reference`` is Indonesian, None when it is itself checked."""
    known = {f"{table}.{key}" for table, keys in KEYS.items() for key in keys}
    for key, said in strings.items():
        if key not in known:
            raise ValueError(f"{key}: no such string; Indonesian (id.toml) has all there are")
        if not said.strip() or said != " ".join(said.split()):
            raise ValueError(f"{key} = {said!r}: expected a sentence on one line without blanks around it; leave it out to fall back")
        own, other = _names(said), _names((reference or strings)[key])
        if own != other:
            raise ValueError(f"{key} = {said!r}: it fills in {_list(own)}, Indonesian {_list(other)}; use the same names")
    for key in ("call.long", "call.short"):
        if key in strings and not strings[key].endswith("{contact}"):
            raise ValueError(f"{key} = {strings[key]!r}: the number comes last; end with {{contact}}")
    if reference is None and (missing := sorted(known - set(strings))):
        raise ValueError(f"{missing[0]} is missing; add it")
    least = shortest(strings, reference)
    if places(least) > MOST:
        raise ValueError(f"the shortest message takes {places(least)} of {MOST} places: {least!r}; shorten one of its parts")


def shortest(strings: Mapping[str, str], reference: Mapping[str, str] | None) -> str:
    """The longest message that is left when all that may go has gone."""
    own = {**(reference or {}), **strings}
    level = max((*SIAGA, *WORDS), key=len).upper()
    group = own["what.group"].replace("{count}", "9999").replace("{where}", "n" * NAME)
    kind = max((own[f"kind.{kind}"] for kind in KINDS), key=lambda said: places(plain(said)))
    ask, call = own["ask.short"].replace("{code}", "M" * CODE), own["call.short"].replace("{contact}", "0" * CONTACT)
    found = []
    for remedy in _REMEDIES:
        about = remedy.rpartition("_")[0] or remedy
        do = own[f"short.{remedy}"] + (f" {reference[f'short.{remedy}']}" if reference and remedy.endswith("_3") else "")
        heads = [f"{own[f'what.{head}']} {'n' * NAME}" for head in _PACE.get(about, (about,) if about in _HEADS else _HEADS)]
        for what in (*heads, group):
            framed = own["kind.drill"].replace("{what}", kind.replace("{what}", what.replace("{level}", level)))
            found.append(plain(f"{framed}: {do} {ask} {call}"))
    return max(found, key=places)


def _names(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def _list(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "nothing"
