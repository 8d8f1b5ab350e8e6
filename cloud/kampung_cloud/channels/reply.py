"""What a person's answer means: a pure function of its words."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Act = Literal["ok", "false", "silence", "resume", "help", "unknown"]
MOST = 500
"""Characters that are looked at."""
HOUR = 60
LONGEST = 10_000
"""Minutes; more is the same as this."""


@dataclass(frozen=True, slots=True)
class Reply:
    """``codes`` are words that may be the code of a message, in their order; ``minutes`` is for a silence, an hour unless it was said."""

    act: Act
    codes: tuple[str, ...] = ()
    minutes: int = HOUR


@cache
def _words() -> tuple[dict[str, Act], dict[str, int]]:
    table = tomllib.loads(files("kampung_cloud.channels").joinpath("replies.toml").read_text(encoding="utf-8"))
    acts: dict[str, Act] = {word: act for act in get_args(Act) for word in table.get(act, [])}
    return acts, table["minutes"]


def parse(text: str) -> Reply:
    """Never raises. The act is the first word, or the second after a code: ``OK``, ``ok 7k2a``, ``7K2A: salah``, ``SENYAP 2 JAM``."""
    acts, units = _words()
    words = _split(text)
    if not words:
        return Reply("unknown")
    at = 1 if words[0] not in acts and len(words) > 1 and _coded(words[0]) and words[1] in acts else 0
    act = acts.get(words[at], "unknown")
    rest = [*words[:at], *words[at + 1 :]]
    if act in {"help", "unknown"}:
        return Reply(act)
    minutes, rest = _minutes(rest, units) if act == "silence" else (HOUR, rest)
    return Reply(act, tuple(word for word in rest if _code(word)), minutes)


def _split(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text[:MOST]).upper()
    plain = "".join(c for c in plain if unicodedata.category(c) not in {"Cf", "Mn", "Sk"})  # joiners, selectors, skin tones
    return re.findall(r"[^\W_]+|[?👍✅]", re.sub(r"(\d+)\s*(JAM|MENIT|MNT|HARI)\b", r"\1 \2", plain))


def _minutes(words: list[str], units: dict[str, int]) -> tuple[int, list[str]]:
    """A number and its unit, an hour's where there is none; and what is left."""
    for place, word in enumerate(words):
        unit = units.get(words[place + 1]) if place + 1 < len(words) else None
        if word.isascii() and word.isdecimal() and (unit is not None or len(word) <= 2):
            left = words[:place] + words[place + (1 if unit is None else 2) :]
            return max(1, min(int(word[:6]) * (unit or HOUR), LONGEST)), left
        if word in {"SEJAM", "SETENGAH"}:
            return (HOUR if word == "SEJAM" else HOUR // 2), words[:place] + words[place + 1 :]
    return HOUR, words


def _coded(word: str) -> bool:
    """Before the act only what cannot be a word: *belum ok* is no answer."""
    return _code(word) and any(c.isdigit() for c in word)


def _code(word: str) -> bool:
    return 3 <= len(word) <= 8 and word.isascii() and word.isalnum()
