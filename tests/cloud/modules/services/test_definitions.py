"""A village's own definition: everything wrong with it is said, it counts only once it is put in force, and it can be taken back."""

from __future__ import annotations

import itertools
import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.modules.services.catalogue.definition import Service
from kampung_cloud.modules.services.catalogue.loading import DATA, OFFICE, office, ours, tried
from kampung_cloud.modules.services.own.book import Definitions
from kampung_cloud.modules.services.own.trying import look
from kampung_contract.errors import InvalidRequest, NotFound

from tests.cloud.conftest import VILLAGE

COMMON = office(DATA)
TOML = """
id = "surat-warung"
title = "Surat izin warung"
summary = "Untuk berjualan di tanah kas desa."
code = "510"
self_service = true
source = "Perdes contoh"
mark = "K"
[standard]
persyaratan = "KTP."
jangka_waktu = "15 menit."
produk = "Surat."
dasar_hukum = "Perdes contoh."
[letter]
title = "Surat izin warung"
body = ["{pemohon.nama} boleh berjualan {dagangan}."]
[[fields]]
id = "dagangan"
kind = "text"
question = "Apa yang dijual?"
"""
USAHA = (DATA / "keterangan-usaha.toml").read_text(encoding="utf-8")
FILES = [p.read_text(encoding="utf-8") for p in sorted(DATA.glob("*.toml")) if p.name != OFFICE]
JUNK = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.text(max_size=20), st.lists(st.text(max_size=3), max_size=2))


def toml(raw: object) -> str:
    """Tables in line: enough of TOML for a definition."""
    if isinstance(raw, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in raw.items() if v is not None) + "}"
    if isinstance(raw, list):
        return "[" + ", ".join(toml(v) for v in raw) + "]"
    return json.dumps(raw, ensure_ascii=True) if isinstance(raw, str) else str(raw).lower()


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=25, deadline=None)
def test_a_file_with_anything_in_it_is_a_service_or_its_faults_are_said(text: str, data: st.DataObject) -> None:
    """Never an error inside; and what is taken can be shown whole."""
    raw = tomllib.loads(text)
    for _ in range(data.draw(st.integers(1, 3))):
        lists = [v for v in raw.values() if isinstance(v, list)]
        at = data.draw(st.sampled_from([v for v in (raw, *raw.values(), *itertools.chain(*lists)) if isinstance(v, dict)]))
        at[data.draw(st.sampled_from([*at, "asing"]))] = data.draw(JUNK)
    service, faults = tried("\n".join(f"{json.dumps(k)} = {toml(v)}" for k, v in raw.items() if v is not None).encode(), COMMON)
    assert (service is None) == bool(faults)
    assert all(f.said.strip() for f in faults)
    assert isinstance(service, Service | None)


@settings(max_examples=40)
@given(st.one_of(st.text(max_size=80), st.binary(max_size=80).map(lambda b: b.decode("latin-1"))))
def test_what_is_no_toml_is_told_with_its_line(text: str) -> None:
    """Any text at all."""
    tried_ = look(text, COMMON, ours(), ours())
    assert tried_.service is None and tried_.faults


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """Each with its place in the file and what to do."""
    wrong = TOML.replace('title = "Surat izin warung"\nsummary', 'titel = "Surat izin warung"\nsummary').replace("true", '"ya"')
    said = {f.at: f.said for f in look(wrong, COMMON, ours(), ours()).faults}
    assert said["title"] == "belum ada; harus ditulis"
    assert said["titel"].startswith("tidak dikenal; yang ada: id, title, summary")
    assert said["self_service"] == "harus true atau false, bukan teks dalam tanda kutip"
    found = look(TOML.replace("{dagangan}", "{dagagan}").replace("510", "5" * 30), COMMON, ours(), ours()).faults
    assert [f.at for f in found] == ["code", "letter.body[1]"]
    assert found[1].said.startswith("{dagagan} tidak dikenal; yang ada: dagangan, berlaku")


def test_what_would_break_later_is_refused_now() -> None:
    """Days that no calendar has, a text of no letters, a value too deep to be written, a letter longer than anybody waits for."""
    for kind, bound in (
        ("date", "most = 3_000_000"),
        ("date", "least = -9_007_199_254"),
        ("text", "most = -3"),
        ("long", "most = 9_000_000"),
    ):
        more = f'[[fields]]\nid = "lain"\nkind = "{kind}"\nquestion = "Apa?"\n{bound}\n'
        found = look(TOML + more, COMMON, ours(), ours()).faults
        assert [f.at for f in found] == ["fields[2] 'lain'"] and bound.split()[0] in found[0].said
    deep = look(TOML.replace('mark = "K"', "mark" + ".a" * 20_000 + " = 1"), COMMON, ours(), ours()).faults
    assert [str(f) for f in deep] == ["mark: tabel tidak dikenal; pilih 'V' atau 'S' atau 'K'"]
    long = TOML.replace("{dagangan}", "{dagangan}" * 500).replace("[letter]", '[letter]\nrows = ["dagangan", "dagangan"]')
    assert [f.at for f in look(long, COMMON, ours(), ours()).faults] == ["letter.rows", "letter.body"]


def test_a_right_stays_a_right_and_free() -> None:
    """A village cannot make a document of civil registration something else, nor take money for it."""
    ktp = (DATA / "permohonan-ktp.toml").read_text(encoding="utf-8")
    assert [f.at for f in look(ktp.replace("civil = true", "civil = false"), COMMON, ours(), ours()).faults] == ["civil"]
    paid = look(ktp.replace("civil = true", "civil = true\nfee = 10_000"), COMMON, ours(), ours())
    assert [str(f) for f in paid.faults] == ["fee: 10000: dokumen kependudukan tidak dipungut biaya (UU 24/2013 Ps 79A); tulis 0"]
    assert look(ktp, COMMON, ours(), ours()).changes == ()
    assert look('id = "statistics"' + TOML.split("\n", 2)[2].join(["\n", ""]), COMMON, ours(), ours()).faults[0].at == "id"


def test_what_would_change_is_named() -> None:
    """Before it is put in force."""
    changed = look(USAHA.replace('title = "', 'title = "Contoh: ', 1), COMMON, ours(), ours())
    assert changed.changes == ("title",) and not changed.faults
    new = look(TOML.replace('mark = "K"', 'mark = "K"\nannexes = ["F-9.99"]'), COMMON, ours(), ours())
    assert new.changes == () and "F-9.99" in new.notes[0]


def test_in_force_and_back_across_processes(records, tmp_path) -> None:
    """The last change counts, an update of the platform that makes one unusable leaves that one out, and nothing is ever lost."""
    first, second = Definitions(records), Definitions(records)
    first.put(VILLAGE, "surat-warung", TOML, by="op", note="perdes baru", now=1)
    first.put(VILLAGE, "surat-warung", TOML, by="op", note="sama", now=2)
    first.put(VILLAGE, "keterangan-usaha", "rusak", by="op", note="dari versi lama", now=3)
    catalogue = Catalogue(tmp_path, second)
    second.refresh(now=True)
    assert catalogue.service(VILLAGE, "surat-warung").title == "Surat izin warung"
    assert catalogue.service(VILLAGE, "keterangan-usaha") == ours()["keterangan-usaha"]
    assert "keterangan-usaha" in catalogue.troubles[VILLAGE]
    assert "surat-warung" not in catalogue.services("35.10.24.2007")
    first.put(VILLAGE, "surat-warung", None, by="op", note="dicabut", now=4)
    second.refresh(now=True)
    assert "surat-warung" not in catalogue.services(VILLAGE)
    assert [(r.text is None, r.note) for r in first.history(VILLAGE, "surat-warung")] == [(True, "dicabut"), (False, "perdes baru")]
    with pytest.raises(InvalidRequest, match="tidak ada yang dicabut"):
        first.put(VILLAGE, "surat-warung", None, by="op", note="lagi", now=5)
    with pytest.raises(NotFound, match="versi 999"):
        first.version(VILLAGE, "surat-warung", 999)
    first.put(VILLAGE, "keterangan-usaha", None, by="op", note="bersih", now=6)
