"""The catalogue: ours is whole, a village's own stands before it, and what is wrong is said with its remedy."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.modules.services.catalogue.definition import COMPONENTS
from kampung_cloud.modules.services.catalogue.loading import DATA as FOLDER
from kampung_cloud.modules.services.catalogue.loading import OFFICE, ours, read
from kampung_cloud.modules.services.catalogue.loading import office as common
from kampung_contract.errors import ConfigurationError
from kampung_contract.questions import asked, check

TODAY = date(2026, 11, 30)
LETTERS = Path(__file__).parent / "village_letters.csv"


def test_every_letter_of_the_table_is_there_with_what_the_table_says_of_it():
    table = {row["slug"]: row for row in csv.DictReader(LETTERS.read_text().splitlines())}
    found = {s.table: s for s in ours().values() if s.table}
    assert set(found) == set(table) and len(table) == 42
    for slug, row in table.items():
        service = found[slug]
        assert set(row["annex"].split()) <= set(service.annexes), slug
        assert service.self_service == (row["self_service"] == "1"), slug
        if service.letter is not None:
            assert service.letter.validity == (1 if row["validity"] == "1d" else 30), slug
            assert service.qr == (row["qr"] == "1"), slug


def test_there_are_more_than_ten_beside_the_table():
    assert len([s for s in ours().values() if not s.table]) >= 10


def test_every_service_says_all_fourteen_components():
    assert len(COMPONENTS) == 14
    for service in ours().values():
        assert all(getattr(service.standard, c).strip() for c in COMPONENTS)


def test_no_document_of_civil_registration_asks_for_a_tree():
    assert [s.id for s in ours().values() if s.civil and s.oksigen] == []
    assert {"permohonan-ktp", "permohonan-kk", "keterangan-kelahiran", "keterangan-kematian"} <= {s.id for s in ours().values() if s.civil}


def test_nothing_asks_for_money():
    assert {s.fee for s in ours().values()} == {0}


def text(**changes):
    """A small service as TOML."""
    head = {
        "id": "surat-uji",
        "title": "Surat uji",
        "summary": "Untuk uji.",
        "code": "470",
        "self_service": True,
        "source": "uji",
        "mark": "K",
        **{k: v for k, v in changes.items() if k not in ("body", "fields", "standard", "more")},
    }
    lines = [f"{k} = {json.dumps(v)}" for k, v in head.items()]
    standard = {
        "persyaratan": "KTP.",
        "jangka_waktu": "15 menit.",
        "produk": "Surat.",
        "dasar_hukum": "UU 25/2009.",
        **changes.get("standard", {}),
    }
    lines += ["[standard]", *(f"{k} = {json.dumps(v)}" for k, v in standard.items())]
    lines += ["[letter]", 'title = "Surat uji"', f"body = {json.dumps(changes.get('body', ['Untuk {keperluan}.']))}"]
    lines += [changes.get("fields", '[[fields]]\nid = "keperluan"\nkind = "text"\nquestion = "Untuk apa?"'), changes.get("more", "")]
    return "\n".join(lines).encode()


def loaded(**changes):
    return read(text(**changes), "surat-uji.toml", common(FOLDER))


def test_a_small_service_loads():
    assert loaded().field("keperluan").question == "Untuk apa?"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": ["Untuk {keprluan}."]}, "letter.body[1]: {keprluan} tidak dikenal; yang ada: keperluan"),
        ({"body": ["Nama {pemohon.shoe}."]}, "{pemohon.shoe} tidak dikenal dari seseorang"),
        ({"body": ["Untuk {keperluan."]}, "ada kurung yang tidak ditutup"),
        ({"body": ["{keperluan!r}"]}, "tulis satu nama saja di antara kurung"),
        ({"body": []}, "letter.body: kosong"),
        ({"standard": {"produk": " "}}, "standard.produk: kosong; ke-14 komponen"),
        ({"civil": True, "oksigen": True}, "tidak meminta pohon"),
        ({"kind": "forward"}, "forward_to: kind = 'forward' memerlukan tujuan"),
        ({"id": "Surat Uji"}, "huruf kecil, angka dan"),
        ({"fee": -1}, "fee: -1: rupiah"),
        ({"colour": "red"}, "colour: tidak dikenal; yang ada: id, title"),
        ({"mark": "X"}, "mark: 'X' tidak dikenal; pilih"),
        ({"fields": '[[fields]]\nid = "keperluan"\nkind = "choice"\nquestion = "?"'}, "memerlukan pilihan"),
        (
            {"fields": '[[fields]]\nid = "keperluan"\nkind = "text"\nquestion = "?"\nonly = {field = "x", equals = true}'},
            "'x' tidak ditanyakan sebelum ini",
        ),
        ({"fields": '[[fields]]\nid = "keperluan"\nkind = "colour"\nquestion = "?"'}, "fields[1].kind: 'colour' tidak dikenal; pilih"),
    ],
)
def test_a_definition_that_cannot_be_used_says_what_and_how(changes, said):
    with pytest.raises(ConfigurationError) as caught:
        loaded(**changes)
    assert said in caught.value.message and caught.value.message.startswith("surat-uji.toml")


def test_a_standard_with_thirteen_components_does_not_load():
    thirteen = {k: v for k, v in common(FOLDER).items() if k != "sarana"}
    with pytest.raises(ConfigurationError, match=r"standard\.sarana: belum ada"):
        read(text(), "surat-uji.toml", thirteen)


def test_a_village_adds_and_says_otherwise_without_code(tmp_path):
    own = tmp_path / "35.10.24.2008"
    own.mkdir()
    catalogue = Catalogue(tmp_path)
    (own / "surat-uji.toml").write_bytes(text())
    assert catalogue.service("35.10.24.2008", "surat-uji").title == "Surat uji"
    assert "surat-uji" not in catalogue.services("35.10.24.2007")
    (own / OFFICE).write_text('sarana = "Loket dan kursi roda."')
    assert catalogue.service("35.10.24.2008", "keterangan-usaha").standard.sarana == "Loket dan kursi roda."
    (own / "surat-uji.toml").write_bytes(text(body=["{salah}"]))
    assert catalogue.service("35.10.24.2008", "surat-uji").letter.body == ("Untuk {keperluan}.",)  # the last that could be used stays
    assert "surat-uji.toml" in catalogue.troubles["35.10.24.2008"]
    (own / "surat-uji.toml").write_bytes(text(title="Surat uji baru"))
    assert catalogue.service("35.10.24.2008", "surat-uji").title == "Surat uji baru"
    assert catalogue.troubles == {}


def test_answers_that_do_not_fit_are_told_all_at_once_beside_their_field():
    service = ours()["keterangan-jual-beli"]
    clean, wrong = check(service.fields, {"barang": "x" * 300, "harga": "banyak", "shoe": 1}, TODAY)
    assert clean == {}
    assert wrong == {
        "pembeli": "belum dijawab",
        "barang": "300 huruf; paling banyak 200",
        "harga": "'banyak' bukan bilangan bulat; tulis seperti 1.250",
        "shoe": "pertanyaan ini tidak ada pada layanan ini",
    }
    clean, wrong = check(service.fields, {"pembeli": {"nama": "Siti"}, "barang": " Sapi  betina ", "harga": "Rp12.500.000"}, TODAY)
    assert (clean, wrong) == ({"pembeli": {"nama": "Siti"}, "barang": "Sapi betina", "harga": 12_500_000}, {})


def test_a_question_is_asked_only_where_its_condition_holds():
    service = ours()["permohonan-ktp"]
    assert [f.id for f in asked(service.fields, {"sebab": "Hilang"})] == ["sebab"]
    assert [f.id for f in asked(service.fields, {"sebab": "Data berubah"})] == ["sebab", "data_berubah"]
    assert check(service.fields, {"sebab": "Hilang", "data_berubah": "nama"}, TODAY) == ({"sebab": "Hilang"}, {})


def test_dates_that_have_not_happened_or_are_over_are_told():
    died, feast = ours()["keterangan-kematian"], ours()["pengantar-izin-keramaian"]
    assert check(died.fields, {"hari": "2026-12-01"}, TODAY)[1]["hari"].startswith("tanggal ini belum terjadi")
    assert check(feast.fields, {"mulai": "2026-11-29"}, TODAY)[1]["mulai"].startswith("tanggal ini sudah lewat")
    assert check(feast.fields, {"mulai": "30-11-2026"}, TODAY)[1]["mulai"].startswith("'30-11-2026' bukan tanggal")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(max_size=8), s, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_whatever_is_answered_is_kept_or_told(data):
    service = data.draw(st.sampled_from(sorted(ours().values(), key=lambda s: s.id)))
    answers = data.draw(st.dictionaries(st.sampled_from([f.id for f in service.fields] or ["x"]), junk))
    clean, wrong = check(service.fields, answers, TODAY)
    assert not set(clean) & set(wrong)
    assert check(service.fields, clean, TODAY)[0] == clean  # what is kept stays as it is
