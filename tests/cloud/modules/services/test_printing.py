"""Every service that prints a letter prints one, as PDF/A, on the paper it names; a template that cannot be set says why."""

from dataclasses import replace
from datetime import date

import pytest
from kampung_cloud.modules.services.catalogue.loading import ours
from kampung_cloud.modules.services.letters import printing
from kampung_cloud.modules.services.letters.composing import compose, digest
from kampung_cloud.modules.services.settings import Settings
from kampung_contract.errors import ConfigurationError

DAY = date(2026, 11, 30)
WARGA = {"nama": "Contoh Warga", "nik": "3510••••••••0001", "lahir": "Banyuwangi, 17 Agustus 1990", "alamat": "Dusun Krajan RT 02 RW 01"}
SAID = {
    "text": "Contoh", "long": "Contoh jawaban yang panjang", "number": 3, "money": 1_250_000, "date": "2026-11-30", "time": "09.30",
    "yes": True, "person": WARGA, "phone": "0812-0000-1234", "place": "Dusun Krajan",
}  # fmt: skip
OFFICE = Settings().of("35.10.24.2008").office


def answers(service):
    return {f.id: f.choices[0] if f.kind == "choice" else SAID[f.kind] for f in service.fields}


@pytest.mark.parametrize("name", sorted(n for n, s in ours().items() if s.letter))
def test_it_is_said_whole(name):
    """No brace and no unanswered place is left, and it is of a village of Banyuwangi."""
    page = compose(ours()[name], answers(ours()[name]), WARGA, OFFICE, DAY, "470/001/429.523.03/XI/2026")
    said = " ".join([page.opening, *page.body, page.closing])
    assert "{" not in said and "……" not in said and "  " not in said
    assert len(digest(page)) == 16


@pytest.mark.parametrize("name", ["keterangan-usaha", "sporadik", "keterangan-nikah"])
def test_it_is_set_as_pdf_a(name):
    service = ours()[name]
    page = compose(service, answers(service), WARGA, OFFICE, DAY, "470/001/429.523.03/XI/2026")
    data = printing.pdf(replace(page, code="SK1:ABC", codeword="Periksa keaslian surat ini.", signed="ditandatangani secara elektronik"))
    assert data.startswith(b"%PDF-1.7") and b"pdfaid:part" in data and b"609.4" in data
    assert printing.image(page).startswith(b"\x89PNG")


def test_a_draft_says_that_it_is_one():
    page = compose(ours()["keterangan-usaha"], answers(ours()["keterangan-usaha"]), WARGA, OFFICE, DAY, None)
    assert page.number is None and printing.image(page) != printing.image(replace(page, number="500/001/X/XI/2026"))


def test_one_changed_word_changes_the_digest():
    service = ours()["keterangan-usaha"]
    page = compose(service, answers(service), WARGA, OFFICE, DAY, "1")
    other = compose(service, {**answers(service), "usaha": "Warung teh"}, WARGA, OFFICE, DAY, "1")
    assert digest(page) != digest(other) == digest(replace(other, paper="A4"))


def test_a_template_that_is_not_there_or_cannot_be_set_says_why(tmp_path, monkeypatch):
    page = compose(ours()["keterangan-usaha"], answers(ours()["keterangan-usaha"]), WARGA, OFFICE, DAY, "1")
    with pytest.raises(ConfigurationError, match=r"letter.template = 'kain': no such template; there are letter"):
        printing.pdf(replace(page, template="kain"))
    (tmp_path / "broken.typ").write_text("#unknown-thing")
    (tmp_path / "mark.svg").write_text("<svg/>")
    monkeypatch.setattr(printing, "TEMPLATES", tmp_path)
    with pytest.raises(ConfigurationError, match=r"template broken.typ: .*unknown"):
        printing.pdf(replace(page, template="broken"))


def test_a_code_too_long_for_paper_is_refused():
    with pytest.raises(ConfigurationError, match="shorten names or number format"):
        printing.qr("A" * 1000)


def test_a_service_that_goes_elsewhere_prints_no_letter():
    with pytest.raises(ValueError, match="goes on to Dinas Kependudukan"):
        compose(ours()["permohonan-ktp"], {}, WARGA, OFFICE, DAY, None)
