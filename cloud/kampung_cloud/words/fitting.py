"""Fits a message into an SMS: parts go one after another in a fixed order, each whole; none is cut in the middle."""

from __future__ import annotations

from collections.abc import Mapping

from kampung_cloud.words.gsm import MOST, places

ORDER = (("fact", None), ("do", 1), ("until", None), ("what", 1), ("do", None), ("what", None), ("ask", None), ("call", None))
"""Which part is said in fewer words first, and down to which of its forms (None: to its last)."""
PARTS = ("what", "fact", "until", "do", "ask", "call")
"""In reading order: what and where, how much, until when, what to do, how to answer, whom to call with the number last."""


def fitted(parts: Mapping[str, tuple[str, ...]], most: int = MOST) -> str:
    """``parts`` by name, each in its forms from the fullest to the least (empty: it goes), on one line of at most ``most`` places.

    All in GSM-7 already. What was shortened early comes back where later steps made room for it. The forms that come last fit together
    (``schema.check`` holds the message files to that), but for a number of more than 22 places, which is left out whole.
    """
    form = dict.fromkeys(parts, 0)
    for name, least in ORDER:
        last = len(parts[name]) - 1
        while form[name] < (last if least is None else min(least, last)) and _too_long(parts, form, most):
            form[name] += 1
    for name, _ in reversed(ORDER):
        form[name] = next(n for n in range(form[name] + 1) if n == form[name] or not _too_long(parts, {**form, name: n}, most))
    return _line(parts, form)


def _too_long(parts: Mapping[str, tuple[str, ...]], form: Mapping[str, int], most: int) -> bool:
    return places(_line(parts, form)) > most


def _line(parts: Mapping[str, tuple[str, ...]], form: Mapping[str, int]) -> str:
    return " ".join(said for name in PARTS if (said := parts[name][form[name]]))
