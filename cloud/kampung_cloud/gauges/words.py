"""The words of gauges' alarms, out of ``words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from kampung_contract.alarm import decimal


@cache
def _book() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    return found


def said(key: str, part: str, values: Mapping[str, str | Mapping[str, str]], before: str = "") -> dict[str, str]:
    """``part`` (title or message) of ``key`` by language, ``before`` it what another key says, in the languages that have all of it.

    ``values`` fill names in braces; one that is a mapping gives a value for each language. Other names stay for the alarm to fill.
    """
    book = _book()
    texts, first = book[key][part], book[before][part] if before else None
    out = {}
    for language, text in texts.items():
        if first is not None and language not in first:
            continue
        whole = (first[language] if first is not None else "") + text
        for name, value in values.items():
            whole = whole.replace(f"{{{name}}}", value if isinstance(value, str) else value.get(language, value["id"]))
        out[language] = whole
    return out


def eta(minutes: tuple[float, float]) -> dict[str, str]:
    """``± 4 jam`` or ``25-45 menit`` by language: ``about`` where the ends lie within a quarter of the middle."""
    low, high = minutes
    middle = (low + high) / 2
    large = middle >= 90
    size, unit = (60.0, "hour") if large else (1.0, "minute")

    def number(value: float, language: str) -> str:
        shown = round(value / size * 2) / 2 if large else float(round(value))
        return decimal(shown, 0 if shown == int(shown) else 1, language)

    out = {}
    for language, forms in _book()["eta"].items():
        key = "about" if high - low <= middle / 4 else "range"
        words = {"n": number(middle, language), "a": number(low, language), "b": number(high, language), "unit": forms[unit]}
        text = forms[key]
        for name, value in words.items():
            text = text.replace(f"{{{name}}}", value)
        out[language] = text
    return out
