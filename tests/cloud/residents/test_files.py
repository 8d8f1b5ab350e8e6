"""Spreadsheets of residents: as OpenSID writes them, as villages do, and as they go wrong."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.records.resident_models import ResidentImportRow
from kampung_cloud.residents.files.columns import guess
from kampung_cloud.residents.files.days import day
from kampung_cloud.residents.files.sheet import read
from kampung_contract.errors import InvalidRequest, TooMuch
from kampung_sim.residents import household

from ..conftest import until
from ..desk import code
from .conftest import Office

TODAY = date(2026, 11, 30)


def xlsx(rows: list[list[Any]], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(office: Office, data: bytes, name: str = "penduduk.xlsx") -> dict[str, Any]:
    answer = office.siti.ask("POST", f"residents/imports?file={name}", content=data)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def check(office: Office, found: dict[str, Any]) -> dict[str, Any]:
    answer = office.siti.ask("POST", f"residents/imports/{found['id']}/check", {"mapping": found["mapping"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def take(office: Office, found: dict[str, Any], **body: Any) -> dict[str, Any]:
    path = f"residents/imports/{found['id']}"
    answer = office.siti.ask("POST", f"{path}/take", body)
    assert answer.status_code == 202, answer.text
    look: Callable[[], Any] = lambda: office.siti.ask("GET", path).json()  # noqa: E731
    assert until(lambda: look()["state"] == "done")
    return dict(look())


TITLE: list[Any] = ["DATA PENDUDUK DESA CONTOH", None, None, None, None, None, None]
HEADS: list[Any] = ["No. KK", "Nama Lengkap", "N I K", "L/P", "Tgl. Lahir", "SHDK", "Dusun"]


def test_a_villages_own_sheet(office: Office) -> None:
    """Title rows, merged family numbers, dates as text and as Excel's, codes and words, twins, one-word names: all are in, each once."""
    kk = "3510992002100001"
    rows = [
        TITLE, [], HEADS,
        [kk, "Sarip", "3510991708800011", "L", "17-08-1980", "KEPALA KELUARGA", "Krajan"],
        [None, "Sumiati", "3510995203850012", "Perempuan", datetime(1985, 3, 12), "Istri", "Krajan"],
        [None, "Laras Ayu", "3510994501140013", 2, "5 Januari 2014", 4, "Krajan"],
        [None, "Laras Ati", "3510994501140014", "P", "05/01/2014", "ANAK", "Krajan"],
    ]  # fmt: skip
    found = bring(office, xlsx(rows, ("A1:G1", "A4:A7")))
    assert {c["head"]: found["mapping"].get(str(c["place"])) for c in found["columns"]} == dict(
        zip(HEADS, ["no_kk", "nama", "nik", "sex", "tanggallahir", "kk_level", "dusun"], strict=True)
    )
    assert found["columns"][2]["samples"][0] == "3510••••••••0011", "numbers are masked in the preview"
    checked = check(office, found)
    assert (checked["good"], checked["wrong"], checked["problems"]) == (4, 0, [])
    assert office.search("laras") == [], "a check writes nothing"
    done = take(office, found)
    assert done["became"] == {"new": 4}
    assert office.search("laras") == ["Laras Ati", "Laras Ayu"]
    assert office.search(kk) == ["Sarip", "Sumiati", "Laras Ayu", "Laras Ati"]
    again = bring(office, xlsx(rows, ("A1:G1", "A4:A7")))
    check(office, again)
    assert take(office, again)["became"] == {"same": 4}, "a file that comes twice changes nothing"
    assert code(office.siti.ask("POST", f"residents/imports/{again['id']}/take", {})) == (409, "conflict")


def test_heads_over_two_lines_are_no_residents() -> None:
    """Merged downwards, or with "Kelahiran" above place and day, or printed again on the next page."""
    heads = [["No. KK", "Nama", "NIK", "Kelahiran", None], [None, None, None, "Tempat Lahir", "Tgl Lahir"]]
    person = ["3510990101200901", "Wiji", "3510991708800981", "Banyuwangi", "17 Agustus 1980"]
    found = read(
        xlsx([*heads, person, ["No. KK", "Nama", "NIK", "Tempat Lahir", "Tgl Lahir"], person], ("A1:A2", "B1:B2", "C1:C2", "D1:E1"))
    )
    assert [line.at for line in found.lines] == [3, 5]
    assert len(guess(found.heads)) == 5
    down = read(xlsx([["Nama", "NIK"], [None, None], ["Wiji", "3510991708800981"]], ("A1:A2", "B1:B2")))
    assert [line.cells[0].text for line in down.lines] == ["Wiji"]


def test_who_has_no_nik_is_known_again(office: Office) -> None:
    """A file that comes twice doubles no newborn; twins who are both called Bayi stay two; the NIK that comes later is his."""
    card = "3510990101200955"
    head, born = "nama;nik;no_kk;tanggallahir;sex\r\n", f"{card};2026-11-20;L\r\n"
    first = (head + f"Bayi;;{born}Bayi;;{born}Rama;;{born}Ragil;;;;\r\n").encode()
    for became in ({"new": 4}, {"same": 3, "new": 1}):  # of Ragil there is a name and nothing else: nobody knows who he is
        found = bring(office, first, "bayi.csv")
        check(office, found)
        assert take(office, found, without_wrong=True)["became"] == became
    later = bring(office, (head + f"RAMA;3510992011260077;{born}Bayi;3510992011260078;{born}Shinta;;{born}").encode(), "bayi.csv")
    check(office, later)
    assert take(office, later, without_wrong=True)["became"] == {"changed": 1, "new": 2}, "which Bayi has the number, no file can tell"
    again = bring(office, (head + f"Rama;3510992011260077;{born}").encode(), "bayi.csv")
    check(office, again)
    assert take(office, again, without_wrong=True)["became"] == {"changed": 1}, "only the name's letters"
    assert sorted(office.search(card)) == ["Bayi", "Bayi", "Bayi", "Rama", "Shinta"]


def changed(sheet: bytes, old: bytes, new: bytes) -> bytes:
    """A workbook with other words in its sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet)) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            made.writestr(name, given.read(name).replace(old, new) if name.endswith("sheet1.xml") else given.read(name))
    return out.getvalue()


def test_a_workbook_that_names_more_than_it_holds() -> None:
    """Millions of merged cells in a few bytes are refused before any is made; a number without an end is a text like another."""
    plain = xlsx([["nama", "nik"], ["Wiji", 12345.5]])
    wide = b"</sheetData><mergeCells count='1'><mergeCell ref='A3:DP40000'/></mergeCells>"
    with pytest.raises(TooMuch, match="merged"):
        read(changed(plain, b"</sheetData>", wide))
    assert read(changed(plain, b"12345.5", b"1.5e400")).lines[0].cells[1].text == "inf"


@pytest.mark.parametrize(
    ("element", "said"),
    [
        (b"<mergeCell ref='a3:dp40000'/>", "cover more than"),
        (b"<mergeCell" + b" " * 100_000 + b'ref="A3:DP40000"/>', "cover more than"),
        (b'<mergeCell ref="A:ZZ"/>', "do not write"),
        (b'<mergeCell ref = "A3:DP40000"/>', "do not write"),
        (b'<mergeCell ref="&#65;3:DP40000"/>', "do not write"),
    ],
)
def test_merged_cells_are_counted_however_they_are_said(element: bytes, said: str) -> None:
    """The library understands small letters, whole columns and entities; so nothing that was not counted may come to it."""
    wide = b"</sheetData><mergeCells count='1'>" + element + b"</mergeCells>"
    plain = changed(xlsx([["nama", "nik"], ["Wiji", 1]]), b"</sheetData>", wide)
    with pytest.raises((TooMuch, InvalidRequest), match=said):
        read(plain)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            data = given.read(name).replace(b"worksheets/sheet1.xml", b"sheet1.dat")
            made.writestr(name.replace("worksheets/sheet1.xml", "sheet1.dat"), data)
    with pytest.raises((TooMuch, InvalidRequest), match=said):
        read(out.getvalue())


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"</sheetData>", b""), (b'r="A1"', b'r="A1" s="9999"'), (b"<?xml", b"\xff\xfe"), (b"<worksheet", b"<!DOCTYPE x><worksheet")],
)
def test_a_workbook_that_is_broken_inside_is_no_fault_of_ours(old: bytes, new: bytes) -> None:
    sheet = changed(changed(xlsx([["nama", "nik"], ["Wiji", 1]]), b"<worksheet", b"<?xml version='1.0'?><worksheet"), old, new)
    with pytest.raises(InvalidRequest, match="save it again"):
        read(sheet)


def test_what_is_wrong_is_told_by_line_and_nothing_is_half_in(office: Office) -> None:
    """Until somebody says that wrong lines are to be left out, no line is written; then the report says how many were."""
    csv = "nama;nik;tanggallahir;sex\r\nBenar Satu;3510990101900021;01-01-1990;1\r\n;3510990101900022;01-01-1990;1\r\n"
    csv += "Tanggal Aneh;3510990101900023;31-02-1990;1\r\nKembar Nomor;3510990101900021;01-01-1990;1\r\nKelamin;3510990101900024;;x\r\n"
    csv += "Desa Lain;0351025200600001;01-01-1990;1\r\nTanpa NIK;-;01-01-1990;1\r\nNIK Pendek;12345;01-01-1990;1\r\n"
    found = bring(office, csv.encode("cp1252"), "a.csv")
    checked = check(office, found)
    assert (checked["good"], checked["wrong"], checked["doubtful"]) == (3, 5, 2)
    grave = {(p["line"], p["column"]) for p in checked["problems"] if p["grave"]}
    assert grave == {(3, "Nama"), (4, "Tanggal lahir"), (5, "NIK"), (6, "Jenis kelamin"), (7, "NIK")}
    assert "baris 2" in next(p["words"] for p in checked["problems"] if p["line"] == 5)
    assert not any("3510990101" in p["words"] for p in checked["problems"])
    path = f"residents/imports/{found['id']}"
    assert code(office.siti.ask("POST", f"{path}/take", {})) == (422, "invalid_request")
    assert office.search("benar satu") == []
    done = take(office, found, without_wrong=True)
    assert (done["became"], done["taken"]) == ({"new": 3, "left_out": 5}, 8)
    assert office.search("tanpa nik") == ["Tanpa NIK"]
    assert code(office.tono.ask("GET", path)) == (403, "forbidden")


def test_an_import_that_ended_in_the_middle_goes_on(office: Office) -> None:
    """It says how far it is; another call takes the rest, and no line twice, with a NIK or without."""
    lines = "\n".join(f"Orang {chr(97 + n % 26)}{n}x,{'' if n % 2 else f'351099010190{n:04}'},01-01-1990" for n in range(230))
    found = bring(office, f"nama,nik,tgl lahir\n{lines}\n".encode(), "b.csv")
    check(office, found)
    from kampung_cloud.modules.population.api_files import _imports

    imports = _imports(office.app._services)
    imports.begin(found["id"], 1, without_wrong=False)
    row = imports.find(found["id"])
    from kampung_cloud.access.actor import PROGRAM
    from kampung_cloud.residents.files import taking

    sheet = read(imports._store.get(found["id"]))
    mapped = taking._mapped(row.mapping, 3)
    imports._lot(found["id"], row.village, taking._lines(sheet, mapped, row.village, TODAY)[:200], 0, PROGRAM, 1_790_000_000_000)
    shown = office.siti.ask("GET", f"residents/imports/{found['id']}").json()
    assert (shown["state"], shown["taken"], shown["lines"]) == ("taking", 200, 230)
    done = take(office, found)
    assert (done["became"], done["taken"]) == ({"new": 230}, 230)
    with office.app._records.session() as session:
        assert session.get_one(ResidentImportRow, found["id"]).state == "done"
    assert not list((office.app.config.data / "imports").glob(found["id"])), "the file is gone"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again_as_it_was(office: Office, kind: str) -> None:
    """OpenSID's columns, whole numbers as texts; it goes on record; a name that would be a formula stays a name."""
    number = f"35109901019088{70 + len(kind)}"
    office.add(f"=1+1 Rumus {kind}", nik=number, kk="3510990101900078", born="1990-01-01", sex="L", relation="anak")
    answer = office.siti.ask("GET", f"residents/export.{kind}?purpose=pemutakhiran")
    assert answer.status_code == 200
    sheet = read(answer.content)
    assert {"nama", "nik", "no_kk"} <= set(guess(sheet.heads).values())
    places = {name: place for place, name in guess(sheet.heads).items()}
    line = next(line for line in sheet.lines if f"Rumus {kind}" in line.cells[places["nama"]].text)
    assert (line.cells[places["nik"]].text, line.cells[places["no_kk"]].text) == (number, "3510990101900078")
    assert office.siti.ask("GET", "residents/log?limit=1").json()[0]["what"] == "export"
    found = bring(office, answer.content, f"keluar.{kind}")
    checked = check(office, found)
    assert checked["wrong"] == 0, checked["problems"]
    became = take(office, found)["became"]
    assert set(became) <= {"same", "new"}, "those without a NIK come as new ones; nobody else is changed"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no heads"),
        (b"PK\x03\x04broken", "not an Excel file"),
        (b"\xd0\xcf\x11\xe0old", ".xls"),
        (b"a;b\nc;d", "no heads"),
        (b"nama;nik\x00\nx", "no text"),
    ],
)
def test_files_that_are_none(data: bytes, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        read(data)


def test_files_that_are_too_much(office: Office) -> None:
    """20 MB, 50,000 lines; a NIK that was a number in Excel is wondered about, since its last digit may be gone."""
    with pytest.raises(TooMuch):
        read(b"x" * (20 * 1024**2 + 1))
    with pytest.raises(TooMuch, match="50,001"):
        read(b"nama,nik\n" + b"a,1\n" * 50_000)
    found = bring(office, xlsx([["nama", "nik"], ["Angka Excel", 3510990101900030]]))
    checked = check(office, found)
    assert "Excel" in " ".join(p["words"] for p in checked["problems"])
    assert code(office.siti.ask("POST", f"residents/imports/{found['id']}/check", {"mapping": {"0": "nik"}}))[0] == 422
    assert code(office.siti.ask("POST", f"residents/imports/{found['id']}/check", {"mapping": {"9": "nama"}}))[0] == 422
    assert office.siti.ask("DELETE", f"residents/imports/{found['id']}").status_code == 204


@given(st.dates(date(1900, 1, 1), TODAY))
def test_days_are_read_as_they_are_written_here(born: date) -> None:
    months = ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"]
    for text in (
        f"{born:%d-%m-%Y}", f"{born:%d/%m/%Y}", f"{born:%Y-%m-%d}", f"{born.day} {months[born.month - 1]} {born.year}",
        f"{born.day}.{born.month}.{born.year}", f"{born:%Y-%m-%d} 00:00:00", f"{born:%d-%b-%Y}",
    ):  # fmt: skip
        assert day(text, TODAY) == born


@given(st.text(max_size=12))
def test_no_text_is_a_day_by_accident(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert date(1890, 1, 1) <= day(text, TODAY) <= TODAY


def test_synthetic_households_pass_their_own_rules(office: Office) -> None:
    """The simulators' residents bear numbers that nobody can ever bear, and the register has nothing to wonder about."""
    dice = random.Random(3)
    lines = [person for n in range(40) for person in household(dice, n, TODAY)]
    assert all(person["nik"].startswith("351099") and person["no_kk"].startswith("351099") for person in lines)
    heads = list(lines[0])
    text = "\n".join([";".join(heads), *(";".join(person[h] for h in heads) for person in lines)])
    checked = check(office, bring(office, text.encode(), "buatan.csv"))
    assert (checked["good"], checked["problems"]) == (len(lines), [])
