"""The farm book and prices, over the records themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.farming.book import LEAST_NEIGHBOURS, Book, csv_of, totals
from kampung_cloud.modules.farming.models import FarmFieldRow
from kampung_cloud.modules.farming.prices import Prices, parsed, read_file
from kampung_cloud.modules.farming.register import Register
from kampung_cloud.records import Records, open_records
from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import village

TODAY = date(2026, 11, 29)
VILLAGE = "35.10.24.2008"
PLACE = village(VILLAGE)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """An empty place."""
    opened = open_records("sqlite:records.sqlite", tmp_path)
    yield opened
    opened.close()


def field(records: Records, name: str, *, area: float = 2500, crop: str = "padi") -> FarmFieldRow:
    given_ = {
        "id": name, "village": VILLAGE, "name": name, "crop": crop, "texture": "clay", "area": area, "latitude": PLACE.latitude,
        "longitude": PLACE.longitude, "planted": TODAY - timedelta(100),
    }  # fmt: skip
    return Register(records).put(given_, 1, TODAY)


def line(kind: str, what: str = "x", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "what": what, "by": "Bu Tani", **more}


def test_a_season_in_rupiah(records: Records) -> None:
    """Costs, a harvest, a sale; per hectare; another season stands apart."""
    row, book = field(records, "sawah"), Book(records)
    book.write(row, line("input", "pupuk urea", amount=25, unit="kg", cost=150_000), 1, TODAY)
    book.write(row, line("activity", "bajak", cost=400_000, day=TODAY - timedelta(99)), 1, TODAY)
    book.write(row, line("harvest", "gabah", amount=15, unit="kuintal"), 1, TODAY)
    book.write(row, line("sale", "gabah", income=9_750_000), 1, TODAY)
    book.write(row, line("activity", "musim lalu", cost=1, day=TODAY - timedelta(120)), 1, TODAY)
    sums = totals(book.lines("sawah", row.planted))
    assert (sums.cost, sums.income, sums.profit, sums.harvest) == (550_000, 9_750_000, 9_200_000, 1.5)
    assert sums.per_hectare(row.area)["harvest"] == 6.0
    assert next(each.what for each in book.lines("sawah")) == "musim lalu"
    with pytest.raises(InvalidRequest, match="kg, kuintal, ton"):
        book.write(row, line("harvest", "gabah", amount=15, unit="karung"), 1, TODAY)
    with pytest.raises(InvalidRequest, match="still to come"):
        book.write(row, line("sale", day=TODAY + timedelta(1)), 1, TODAY)


def test_the_file_is_for_spreadsheets_and_computes_nothing(records: Records) -> None:
    """It comes back as it was written; a cell that begins like a formula is text."""
    row, book = field(records, "sawah"), Book(records)
    book.write(row, line("input", "=1+1", cost=5), 1, TODAY)
    head, cells = list(csv.reader(io.StringIO(csv_of(book.lines("sawah")))))
    assert head[0] == "musim"
    assert cells[3] == "'=1+1"
    assert cells[6] == "5"


def test_neighbours_have_no_names(records: Records) -> None:
    """Fewer than five others: nothing; from five on, quartiles a hectare and how many, and no other field or crop."""
    mine, book = field(records, "sawah-saya"), Book(records)
    for n in range(LEAST_NEIGHBOURS):
        other = field(records, f"sawah-{n}", area=10_000)
        assert book.neighbours(mine, TODAY)["quartiles"] == {}
        book.write(other, line("harvest", "gabah", amount=5 + n, unit="ton"), 1, TODAY)
    chili = field(records, "cabai", crop="cabai")
    book.write(chili, line("harvest", "cabai", amount=99, unit="ton"), 1, TODAY)
    found = book.neighbours(mine, TODAY)
    assert (found["scope"], found["fields"]) == ("village", LEAST_NEIGHBOURS)
    assert found["quartiles"]["harvest"][1] == 7
    assert "sawah-" not in str(found)


def test_prices_and_their_way(records: Records) -> None:
    """Trend over a week and a month; the same day again replaces; a zero too many is asked about."""
    prices = Prices(records)
    days = [(40, 30_000), (8, 40_000), (3, 45_000), (0, 50_000)]
    assert (
        prices.keep([parsed("Cabai rawit", "35.10", TODAY - timedelta(n), r, "kg", today=TODAY) for n, r in days], by="petugas", now=1) == 4
    )
    prices.keep([parsed("cabai rawit", "35.10", TODAY, 52_000, "kg", today=TODAY)], by="petugas", now=2)
    found = prices.trend("Cabai Rawit", "35.10", TODAY, 90)
    assert found["rupiah"] == [30_000, 40_000, 45_000, 52_000]
    assert (found["change_week"], found["change_month"]) == (30.0, 73.3)
    assert prices.trend("bawang", "35.10", TODAY, 90)["change_week"] is None
    with pytest.raises(InvalidRequest, match="check the zeros"):
        prices.keep([parsed("cabai rawit", "35.10", TODAY + timedelta(1), 530_000, "kg", today=TODAY + timedelta(1))], by="x", now=3)
    with pytest.raises(InvalidRequest, match="priced by kg"):
        prices.keep([parsed("cabai rawit", "35.10", TODAY + timedelta(1), 53_000, "ikat", today=TODAY + timedelta(1))], by="x", now=3)
    assert prices.listed("35.10") == ["cabai rawit"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected commodity,place,day,rupiah,unit"),
        ("commodity,place,day,rupiah,unit\ncabai,35.10,2026-11-01,x,kg\n", "line 2: .*whole rupiah"),
        ("commodity,place,day,rupiah,unit\ncabai,35.10,2026-11-01,1,kg\ncabai,35.10.99.2001,2026-11-01,5,kg", "line 3: place"),
        ("commodity,place,day,rupiah,unit\ncabai,35.10,2026-12-24,5,kg", "still to come"),
        ("commodity,place,day,rupiah,unit\ncabai,35.10,2026-11-01,0,kg", "from 1"),
        ("commodity,place,day,rupiah,unit\ncabai,35.10,2026-11-01", "3 cells"),
        ("commodity,place,day,rupiah,unit\n,35.10,2026-11-01,5,kg", "commodity"),
    ],
)
def test_wrong_files_are_told_by_line(text: str, words: str) -> None:
    """And nothing of them is taken."""
    with pytest.raises(InvalidRequest, match=words):
        read_file(text, TODAY)


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_text_is_a_file_or_refused(text: str) -> None:
    """Nothing else."""
    try:
        read_file("commodity,place,day,rupiah,unit\n" + text, TODAY)
    except InvalidRequest as refused:
        assert refused.message.startswith("line")
