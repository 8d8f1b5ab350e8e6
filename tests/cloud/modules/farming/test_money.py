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
from kampung_cloud.api.errors import STATUS
from kampung_cloud.content import Contents
from kampung_cloud.modules.farming.book import LEAST_NEIGHBOURS, Book, csv_of, totals
from kampung_cloud.modules.farming.market import MOST_POINTS, Market
from kampung_cloud.modules.farming.models import FarmFieldRow
from kampung_cloud.modules.farming.price_file import read_file, review
from kampung_cloud.modules.farming.prices import Prices, parsed
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


def test_what_was_said_twice_counts_once_and_a_stroke_undoes(records: Records) -> None:
    """A phone that sends again, a line that was wrong; what is struck is in no sum and no file, and stays in the book."""
    row, other, book = field(records, "sawah"), field(records, "lain"), Book(records)
    first = book.write(row, line("input", "urea", cost=150_000, id="hp-00000001"), 1, TODAY)
    assert book.write(row, line("input", "urea", cost=150_000, id="hp-00000001"), 2, TODAY).id == first.id
    with pytest.raises(InvalidRequest, match="another field"):
        book.write(other, line("input", "urea", id="hp-00000001"), 2, TODAY)
    old = book.write(row, line("sale", "gabah lama", income=9, day=TODAY - timedelta(120)), 1, TODAY)
    book.write(row, line("strike", "salah catat", strikes=old.id, id="hp-00000002"), 3, TODAY)
    book.write(row, line("strike", "salah catat", strikes=old.id, id="hp-00000002"), 4, TODAY)
    lines = book.lines("sawah")
    assert (totals(lines).cost, totals(lines).income) == (150_000, 0)
    assert [each.kind for each in lines] == ["sale", "input", "strike"]
    assert {each.season for each in lines if each.kind != "input"} == {old.season}
    assert "gabah lama" not in csv_of(lines)
    for wrong, words, code in (
        ({"strikes": old.id}, "struck out already", "already_struck"), ({"strikes": 999}, "no such line", "no_such_line"),
        ({}, "no such line", "no_such_line"), ({"strikes": first.id, "cost": 5}, "has no amount", "invalid_request"),
    ):  # fmt: skip
        with pytest.raises(InvalidRequest, match=words) as refused:
            book.write(row, line("strike", "x", **wrong), 5, TODAY)
        assert (refused.value.code, STATUS[code]) == (code, 422)
    with pytest.raises(InvalidRequest, match="no such line"):
        book.write(other, line("strike", "x", strikes=first.id), 5, TODAY)
    with pytest.raises(InvalidRequest, match="needs what was paid"):
        book.write(row, line("sale", "gabah"), 5, TODAY)


def test_an_indonesian_spreadsheet_opens_it(records: Records) -> None:
    """Semicolons, decimal commas, kinds in its words."""
    row, book = field(records, "sawah"), Book(records)
    book.write(row, line("harvest", "gabah", amount=12.5, unit="kuintal"), 1, TODAY)
    text = csv_of(book.lines("sawah"), indonesian=True)
    assert text.startswith("\ufeffmusim;tanggal;")
    assert "panen;gabah;12,5;kuintal;0;0" in text


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


def test_a_file_is_looked_through_line_by_line(records: Records) -> None:
    """Each line with its price or its fault, zeros and units against the file itself too; nothing is kept. As spreadsheets here save."""
    day = [(TODAY - timedelta(n)).isoformat() for n in (3, 2, 1, 0)]
    text = (
        "\ufeffkomoditas;tempat;tanggal;rupiah;satuan\n"
        f"Cabai rawit;35.10;{day[0]};Rp45.000;kg\n;;;;\n"
        f"cabai rawit;35.10;{day[1]};450.000,00;kg\n"
        f"cabai rawit;35.10;{day[2]};47.500;kg\n"
        f"cabai rawit;35.10;{day[3]};47.500;ikat\n"
        f"cabai rawit;35.10;{day[2]};48.000;kg\n"
        f"gabah;{VILLAGE};besok;6500;kg\n"
    )
    found = review(records, text, TODAY)
    assert [each.line for each in found] == [2, 4, 5, 6, 7, 8]
    assert [each.price.rupiah if each.price else 0 for each in found] == [45_000, 0, 47_500, 0, 0, 0]
    for each, words in zip(found, ("", "zeros", "", "priced by kg", "line 5 already", "YYYY-MM-DD"), strict=True):
        assert words in each.wrong
    assert Prices(records).listed("35.10") == []


def test_the_board_and_what_kiosks_get(records: Records) -> None:
    """The village's own before the district's; a long history is thinned to what a small chart shows, its newest price always in it."""
    prices = Prices(records)
    prices.keep([parsed("cabai", "35.10", TODAY - timedelta(n), 40_000 + n, "kg", today=TODAY) for n in range(80)], by="x", now=7)
    prices.keep([parsed("gabah", VILLAGE, TODAY, 6_500, "kg", today=TODAY)], by="x", now=8)
    assert [(each["commodity"], each["place"]) for each in prices.board(VILLAGE, TODAY, 90)] == [("gabah", VILLAGE), ("cabai", "35.10")]
    assert len(prices.board(None, TODAY, 10)[0]["day"]) == 11
    assert prices.entered() == 8
    told: list[bytes] = []
    contents = Contents(records, lambda _topic, payload: told.append(payload))
    Market(records, contents).tell(VILLAGE, TODAY)
    document = contents.get(VILLAGE, "prices")
    assert document is not None
    district = document.document["prices"][1]
    assert len(district["day"]) <= MOST_POINTS
    assert (district["day"][-1], district["rupiah"][-1]) == (TODAY.isoformat(), 40_000)
    assert len(told[0]) < 4_000


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
