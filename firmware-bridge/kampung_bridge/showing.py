"""Results on standard output: columns for people at a terminal, JSON lines for programs and files."""

import json
import math
import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from kampung_contract.times import WIB

from kampung_bridge.reading import FAIL, GOOD, MISSING, NOT_EVALUATED, SUSPECT

JsonOption = Annotated[bool, typer.Option("--json", help="JSON lines, also at a terminal.")]
WORDS = {GOOD: "good", NOT_EVALUATED: "not evaluated", SUSPECT: "suspect", FAIL: "failed", MISSING: "missing"}
COLOURS = {GOOD: "green", SUSPECT: "yellow", FAIL: "red"}
RAW_SHOWN = 16  # bytes of a damaged frame
CALM = 0.5  # seconds between two errors shown to people; a noisy line has hundreds
NARROW = 30  # characters a last column needs beside the others


class Display:
    """Shows the objects of `command.objects`, of which `at_ms` (ms UTC) or `at` (seconds) say when. From any thread.

    `closed` is set when nobody reads any more (`… | head`).
    """

    def __init__(self, json_lines: bool = False) -> None:
        self.people = sys.stdout.isatty() and not json_lines
        self.closed = threading.Event()
        self.readings = self.errors = 0
        self._headed = False
        self._told, self._untold = -math.inf, 0  # errors: when, and how many since

    def show(self, entry: Mapping[str, Any]) -> None:
        self.readings += "quantity" in entry
        self.errors += "error" in entry and entry["error"] not in ("garbage", "text")
        try:
            if self.people and not self._held_back(entry):
                self._head(entry)
                typer.echo(_line(entry) + self._more(), color=colours())
            elif self.people:
                self._untold += 1
            else:
                typer.echo(json.dumps(entry))
        except BrokenPipeError:
            self.closed.set()
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the interpreter flushes it at its end

    def _held_back(self, entry: Mapping[str, Any]) -> bool:
        """Of a live line's errors people see some, and how many there were."""
        if "at_ms" not in entry or "error" not in entry or entry["error"] == "text":
            return False
        early = time.monotonic() - self._told < CALM
        self._told = self._told if early else time.monotonic()
        return early

    def _more(self) -> str:
        count, self._untold = self._untold, 0
        return typer.style(f"  ({count} more errors before)", dim=True) if count else ""

    def _head(self, entry: Mapping[str, Any]) -> None:
        if not self._headed:
            self._headed = True
            typer.echo(typer.style(f"{_when_title(entry)}{'quantity':<24}{'value':>12} {'unit':<8}quality", bold=True), color=colours())

    @property
    def summary(self) -> str:
        """For the end of a watch."""
        return f"{_counted(self.readings, 'reading')}, {_counted(self.errors, 'damaged or missing frame')}"


def show_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they must be. At a terminal with their titles, and the last ones joined and broken to what room there is."""
    people, room = sys.stdout.isatty(), shutil.get_terminal_size().columns
    widths = [max(map(len, column)) + 2 for column in zip(titles, *rows, strict=True)][:-1]
    while people and len(widths) > 1 and sum(widths) + NARROW > room:
        widths.pop()
    if people:
        typer.echo(typer.style(_row(titles, widths, ", "), bold=True), color=colours())
    for row in rows:
        line = _row(row, widths, ": ")
        hanging = " " * sum(widths)
        lines = textwrap.wrap(line[sum(widths) :], max(NARROW, room - sum(widths)), break_long_words=False) if people else []
        typer.echo(line[: sum(widths)] + f"\n{hanging}".join(lines) if people else line)


def _row(row: Sequence[str], widths: Sequence[int], joint: str) -> str:
    return "".join(map(str.ljust, row, widths)) + joint.join(row[len(widths) :])


def colours() -> bool:
    """At a terminal that is not asked to do without (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _when_title(entry: Mapping[str, Any]) -> str:
    return f"{'time':<10}" if "at_ms" in entry else f"{'s':>9}  " if "at" in entry else ""


def _when(entry: Mapping[str, Any]) -> str:
    if "at_ms" in entry:
        return f"{datetime.fromtimestamp(entry['at_ms'] / 1000, WIB):%H:%M:%S}  "
    return f"{entry['at']:9.3f}  " if "at" in entry else ""


def _line(entry: Mapping[str, Any]) -> str:
    when = typer.style(_when(entry), dim=True)
    if "error" in entry:
        raw = bytes.fromhex(entry.get("frame", ""))
        shown = f"  {raw[:RAW_SHOWN].hex(' ').upper()}{' …' * (len(raw) > RAW_SHOWN)}" if raw and entry["error"] != "text" else ""
        name = typer.style(f"{entry['error']}: ", fg="cyan" if entry["error"] == "text" else "red")
        return f"{when}{name}{entry['detail']}{typer.style(shown, dim=True)}"
    quality = entry["quality"]
    word = typer.style(WORDS.get(quality, str(quality)), fg=COLOURS.get(quality))
    return f"{when}{entry['quantity']:<24}{format(entry['value'], '.10g'):>12} {entry['unit']:<8}{word}"
