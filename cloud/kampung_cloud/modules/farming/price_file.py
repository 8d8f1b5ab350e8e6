"""A file of prices: five columns, read whole or looked through line by line before anything is kept."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kampung_contract.errors import InvalidRequest

from kampung_cloud.modules.farming.prices import Price, WrongPrice, before, check, parsed
from kampung_cloud.records import Records

HEAD = ["commodity", "place", "day", "rupiah", "unit"]
HEAD_ID = ["komoditas", "tempat", "tanggal", "rupiah", "satuan"]
GROUPED = re.compile(r"\d{1,3}(\.\d{3})+(,00)?")
MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A line of a file: its number, its cells, and the price in it, or what is wrong: ``why`` with ``values`` in any language."""

    line: int
    cells: tuple[str, ...]
    price: Price | None
    wrong: str = ""
    why: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    """The cells of a CSV file by line, separated by comma or semicolon. Raises ``InvalidRequest`` for what is no such file."""
    plain = text.removeprefix("\ufeff")
    head = plain.partition("\n")[0]
    try:
        lines = list(csv.reader(io.StringIO(plain), delimiter=";" if head.count(";") > head.count(",") else ",")) or [[]]
    except csv.Error as error:
        raise InvalidRequest(f"line 1 or after: not CSV: {error}") from None
    found = [h.strip().lower() for h in lines[0]]
    if found not in (HEAD, HEAD_ID):
        raise InvalidRequest(f"line 1: {','.join(lines[0])[:80]!r}: expected {','.join(HEAD)} or {','.join(HEAD_ID)}")
    if len(lines) > MOST_LINES:
        raise InvalidRequest(f"line {MOST_LINES}: more than {MOST_LINES:,} lines; cut the file into parts")
    return [(number, cells) for number, cells in enumerate(lines[1:], 2) if any(c.strip() for c in cells)]


def read_line(cells: list[str], today: date) -> Price:
    """Raises ``InvalidRequest``."""
    if len(cells) != len(HEAD):
        raise WrongPrice(f"{len(cells)} cells; expected {len(HEAD)}", "cells", value=len(cells))
    commodity, place, day, rupiah, unit = (c.strip() for c in cells)
    return parsed(commodity, place, day, _whole(rupiah), unit, today=today)


def _whole(text: str) -> str:
    """Rp12.500 as people and spreadsheets write it."""
    plain = text.removeprefix("Rp").strip()
    return plain.replace(".", "").removesuffix(",00") if GROUPED.fullmatch(plain) else plain


def read_file(text: str, today: date) -> list[Price]:
    """Prices of a CSV file: all of them or none. Raises ``InvalidRequest`` by line."""
    out, seen = [], _Seen()
    for number, cells in rows_of(text):
        try:
            out.append(seen.new(number, read_line(cells, today)))
        except InvalidRequest as error:
            raise InvalidRequest(f"line {number}: {error.message}") from None
    return out


class _Seen:
    """Lines by what they are the price of: two for one day would hide one another."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str, date], int] = {}

    def new(self, number: int, price: Price) -> Price:
        """The price. Raises ``InvalidRequest`` for a second one of its day and place."""
        first = self._lines.setdefault((price.commodity, price.place, price.day), number)
        if first != number:
            message = f"{price.commodity} in {price.place} on {price.day} is in line {first} already; leave one of them"
            raise WrongPrice(message, "twice", line=first)
        return price


def review(records: Records, text: str, today: date) -> list[Reviewed]:
    """Every line of a file with its price or what is wrong with it; nothing is kept.

    Raises ``InvalidRequest`` for what is no such file, and ``StorageUnavailable``.
    """
    out, last, seen = [], dict[tuple[str, str], Price](), _Seen()
    with records.session() as session:
        for number, cells in rows_of(text):
            try:
                price = seen.new(number, read_line(cells, today))
                inside = last.get((price.commodity, price.place))
                check(price, inside if inside is not None and inside.day < price.day else before(session, price))
            except WrongPrice as error:
                out.append(Reviewed(number, tuple(cells), None, error.message, error.why, error.values))
            else:
                last[price.commodity, price.place] = price
                out.append(Reviewed(number, tuple(cells), price))
    return out
