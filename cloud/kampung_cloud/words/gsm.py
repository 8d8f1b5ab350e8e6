"""The alphabet of an SMS (GSM 7 bit, 3GPP TS 23.038 §6.2.1) and how to say anything in it.

A message of 160 places stays one SMS; a single character outside the alphabet makes it UCS-2, of 70.
"""

from __future__ import annotations

import unicodedata

from anyascii import anyascii

MOST = 160
"""Places of one SMS."""
BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
"""127 characters of one place; the 128th, ESC, opens the extension table."""
EXTENSION = "\f^{}\\[~]|€"
"""These take two places."""
_PLACES = dict.fromkeys(BASIC, 1) | dict.fromkeys(EXTENSION, 2)
_INSTEAD = {
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "•": "-",
    "·": "-",
    "°": "",
    "µ": "u",
    "μ": "u",
    "×": "x",
    "`": "'",
    "´": "'",
    "½": "1/2",
}
"""Where a transliteration by letters would say something else, or more than it needs to."""

_SILENT = {"So", "Cc", "Cf", "Cs", "Co", "Cn"}
"""Categories of characters that say nothing to a reader: pictures, controls, halves of pairs."""


def places(text: str) -> int:
    """How many places ``text`` takes. Raises ``ValueError`` for a character outside the alphabet."""
    try:
        return sum(_PLACES[character] for character in text)
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not in the alphabet of an SMS; use plain() first") from None


def plain(text: str) -> str:
    """``text`` in the alphabet, on one line: accents that it lacks are left out, other scripts are transliterated, pictures dropped.

    What a person can read stays readable; nothing becomes a question mark.
    """
    return " ".join("".join(map(_said, unicodedata.normalize("NFC", text))).split())


def _said(character: str) -> str:
    if character in _PLACES:
        return " " if character == "\f" else character
    if character in _INSTEAD:
        return _INSTEAD[character]
    if character.isspace():
        return " "
    if unicodedata.category(character) in _SILENT:
        return ""
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    if bare and all(c in _PLACES for c in bare):
        return bare
    letters = anyascii(character)
    if character.isalnum():
        letters = letters.replace("?", "")  # what it does not know
    return "".join(_INSTEAD.get(c, c) for c in letters if c in _PLACES or c in _INSTEAD)
