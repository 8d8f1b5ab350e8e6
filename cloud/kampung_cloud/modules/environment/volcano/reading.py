"""MAGMA Indonesia's pages of reports, read: pure functions from bytes to notices.

There is no documented public API; the pages are those of MAGMA's own program (``laporan/search/q`` and ``laporan/{id}``). What does not
look like a report is refused: a wrong level is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from kampung_contract.errors import KampungError
from kampung_contract.times import text

from kampung_cloud.modules.environment.volcano.page import Piece, pieces

LEVELS = {"I": (1, "Normal"), "II": (2, "Waspada"), "III": (3, "Siaga"), "IV": (4, "Awas")}
MONTHS = ("januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus", "september", "oktober", "november", "desember")
ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}
AHEAD_MS = 2 * 3_600_000
"""A report's period may end a little after it was made."""
MOST_LINES, LONGEST = 20, 600
TITLE = re.compile(
    r"^(?P<name>.+?), \w+ - (?P<day>\d{1,2}) (?P<month>\w+) (?P<year>\d{4}), "
    r"periode (?P<period>\d\d:\d\d-(?P<end>\d\d:\d\d) (?P<zone>WIB|WITA|WIT))$"
)
LEVEL = re.compile(r"^Level (?P<roman>I|II|III|IV) \((?P<word>\w+)\)$")
NUMBERED = re.compile(r"^\(?\d{1,2}[.)]\s*")


class InvalidReport(KampungError):
    """A page that is no report, or one of another volcano."""

    code = "invalid_report"


@dataclass(frozen=True, slots=True)
class Notice:
    """A report as PVMBG wrote it. ``reported``: the end of its period, ms UTC; ``recommendations`` line by line, word for word."""

    code: str
    name: str
    level: int
    roman: str
    word: str
    period: str
    reported: int
    recommendations: tuple[str, ...]
    author: str
    url: str

    @property
    def radius(self) -> tuple[str, ...]:
        """The recommendations that name a radius: what people look for first."""
        return tuple(line for line in self.recommendations if "radius" in line.lower())

    def told(self, fetched: int, *, simulated: bool) -> dict[str, Any]:
        """``NoticeOut``."""
        return {
            "code": self.code, "name": self.name, "level": self.level, "roman": self.roman, "word": self.word, "period": self.period,
            "reported": text(self.reported), "fetched": text(fetched), "recommendations": list(self.recommendations),
            "radius": list(self.radius), "author": self.author, "url": self.url, "simulated": simulated,
        }  # fmt: skip


def newest_link(body: bytes) -> str | None:
    """Where the newest report of a search is, as the page has it; None when it found none."""
    for piece in pieces(body):
        if piece.tag == "a" and "card-link" in piece.classes and "/gunung-api/laporan/" in piece.href:
            return piece.href
    return None


def report(body: bytes, code: str, name: str, url: str, now: int) -> Notice:
    """A report of the volcano ``name``. Raises ``InvalidReport`` saying what does not fit."""
    found = pieces(body)
    title = _first(found, TITLE, "h5", f"{name}: no heading '{name}, … periode …'")
    if title["name"].strip().lower() != name.lower():
        raise InvalidReport(f"the report is of {title['name'][:40]!r}, and {name} was asked for")
    level = _first(found, LEVEL, "span", f"{name}: no level between I and IV")
    number, word = LEVELS[level["roman"]]
    if word != level["word"]:
        raise InvalidReport(f"{name}: level {level['roman']} is {word}, and the page says {level['word'][:20]!r}")
    reported = _moment(title)
    if reported > now + AHEAD_MS:
        raise InvalidReport(f"{name}: the report's period ends at {text(reported)}, which is still to come")
    author = next((p.text.removeprefix("Dibuat oleh,").strip() for p in found if p.tag == "p" and "card-subtitle" in p.classes), "")
    return Notice(code, name, number, level["roman"], word, title["period"], reported, _recommendations(found, name), author[:LONGEST], url)


def _first(found: Sequence[Piece], pattern: re.Pattern[str], tag: str, missing: str) -> dict[str, str]:
    for piece in found:
        if piece.tag == tag and (match := pattern.match(piece.text)):
            return match.groupdict()
    raise InvalidReport(f"{missing} in the page; MAGMA may have changed its pages: look at it, and tell the maintainers")


def _moment(title: dict[str, str]) -> int:
    try:
        month = MONTHS.index(title["month"].lower()) + 1
        hour, minute = map(int, title["end"].split(":"))
        day = datetime(int(title["year"]), month, int(title["day"]), tzinfo=timezone(timedelta(hours=ZONES[title["zone"]])))
        if not (0 <= hour <= 24 and 0 <= minute < 60):
            raise ValueError
    except (ValueError, OverflowError):
        said = " ".join(title[key] for key in ("day", "month", "year", "period"))
        raise InvalidReport(f"{said[:60]!r} is no time; expected as '16 Mei 2026 00:00-24:00 WIB'") from None
    return round((day + timedelta(hours=hour, minutes=minute)).timestamp() * 1000)


def _recommendations(found: Sequence[Piece], name: str) -> tuple[str, ...]:
    for at, piece in enumerate(found):
        if piece.tag == "h6" and piece.text == "Rekomendasi":
            body = next((p.text for p in found[at + 1 :] if p.tag == "p"), "")
            lines = [NUMBERED.sub("", line).strip() for line in body.split("\n")]
            kept = tuple(line[:LONGEST] for line in lines if line)[:MOST_LINES]
            if kept:
                return kept
    raise InvalidReport(f"{name}: no recommendation in the page; a level without what to do is not relayed")
