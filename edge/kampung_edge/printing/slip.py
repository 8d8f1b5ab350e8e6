"""A slip of paper, as the edge composes it out of its own data, and the lines it makes on a roll."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import Literal

import msgspec
from anyascii import anyascii

Style = Literal["plain", "bold", "big"]
BIG = 2
"""A big letter is so many columns wide."""


class Row(msgspec.Struct, frozen=True):
    """A name, and what it is."""

    label: str
    value: str


class Slip(msgspec.Struct, frozen=True):
    """``big`` is what is read from afar: a reference, a number of the queue. ``qr`` is empty for none."""

    title: str
    big: str = ""
    rows: tuple[Row, ...] = ()
    qr: str = ""
    foot: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """``text`` has only letters of the code page and never more than the paper's columns hold in its style."""

    text: str
    style: Style = "plain"
    centred: bool = False


def lines(slip: Slip, columns: int, code_page: str) -> tuple[list[Line], list[Line]]:
    """What stands above the QR code and what below it."""

    def wrapped(text: str, width: int) -> list[str]:
        return textwrap.wrap(plain(text, code_page), width) or []

    above = [Line(text, "bold", True) for text in wrapped(slip.title, columns)]
    above += [Line(text, "big", True) for text in wrapped(slip.big, columns // BIG)]
    for row in slip.rows:
        label, value = plain(row.label, code_page), plain(row.value, code_page)
        if len(label) + 1 + len(value) <= columns:
            above.append(Line(label + value.rjust(columns - len(label))))
        else:
            above += [Line(text) for text in wrapped(row.label, columns)]
            above += [Line("  " + text) for text in wrapped(row.value, columns - 2)]
    below = [Line(text, "plain", True) for each in slip.foot for text in wrapped(each, columns)]
    return above, below


def plain(text: str, code_page: str) -> str:
    """One line in the letters that the printer has: others are written as they sound, and what steers a printer is left out."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        if unicodedata.category(letter).startswith(("C", "Z")):
            out.append(" ")
        else:
            out.append(letter if _has(letter, code_page) else "".join(c for c in anyascii(letter) if c.isprintable()))
    return " ".join("".join(out).split())


def _has(letter: str, code_page: str) -> bool:
    try:
        letter.encode(code_page)
    except UnicodeEncodeError:
        return False
    return True
