"""A message before it is framed and cut to length."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """``title``, ``lines``, ``until`` and ``todo`` are for the long form, ``what``, ``fact`` and ``do`` for the short one: each from its
    fullest form to its least. ``until`` is in both.
    """

    title: str
    lines: tuple[str, ...]
    what: tuple[str, ...]
    fact: tuple[str, ...] = ("",)
    until: str = ""
    todo: str = ""
    do: tuple[str, ...] = ("",)
