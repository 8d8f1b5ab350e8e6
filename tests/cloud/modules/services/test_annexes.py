"""Annexes: every one that the catalogue names is set, whatever was answered; nothing known is lost and nothing is made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.services.annexes import printing
from kampung_cloud.modules.services.annexes.form import Copy, Form, Part, form, forms
from kampung_cloud.modules.services.annexes.printing import Filing
from kampung_cloud.modules.services.catalogue import Catalogue, Service
from kampung_cloud.modules.services.catalogue.placeholders import RESIDENT
from kampung_cloud.modules.services.letters.composing import values
from kampung_cloud.modules.services.letters.printing import Office
from kampung_contract.errors import NotFound

from tests.cloud.conftest import VILLAGE

OFFICE = Office("Tamansari", "Licin", "Banyuwangi", "Jalan Raya Ijen", "Kepala Desa Tamansari", "Contoh Kades")
SERVICES = Catalogue(Path("none")).services(VILLAGE)
PAIRS = [(forms()[code], s) for s in SERVICES.values() for code in s.annexes]
PLACE = {"desa", "kecamatan", "kabupaten", "provinsi", "kode", "nomor", "jabatan", "kades"}
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="•…"), min_size=1, max_size=60)
PERSON = st.dictionaries(st.sampled_from(["nama", "nik", "kk", "alamat", "lahir", "agama"]), WORDS)


def answers(service: Service) -> st.SearchStrategy[dict[str, object]]:
    kinds = {"person": PERSON, "number": st.integers(0, 9999), "date": st.dates().map(str), "yes": st.booleans()}
    chosen = {f.id: st.sampled_from(f.choices) if f.choices else kinds.get(f.kind, WORDS) for f in service.fields}
    return st.fixed_dictionaries({}, optional=chosen)


def filing(service: Service, answered: dict[str, Any], person: dict[str, str], number: str | None = None) -> Filing:
    return Filing(service, answered, person, OFFICE, VILLAGE, date(2026, 11, 30), number, None if number is None else date(2026, 12, 1))


def named(copy: Copy, name: str) -> str:
    head, dot, tail = name.partition(".")
    return copy.names.get(head, head) + dot + tail


def places(made: Form) -> Iterator[Part]:
    for section in made.sections:
        for field in section.fields:
            yield field
            yield from field.parts


@given(data=st.data(), pair=st.sampled_from(PAIRS), person=PERSON)
@settings(max_examples=12, deadline=None)
def test_no_known_value_is_lost(data: st.DataObject, pair: tuple[Form, Service], person: dict[str, str]) -> None:
    """A place holds the first known of its sources, whole; and any text can be set."""
    made, service = pair
    given_ = data.draw(answers(service))
    pages = printing.filled(made, filing(service, given_, person))
    known = values(service, given_, person, {"desa": "Tamansari", "kecamatan": "Licin", "kabupaten": "Banyuwangi", "kode": "3510242008"})
    known |= {"provinsi": "Jawa Timur", "kades": "Contoh Kades"}
    assert len(pages) == len(made.needed(given_))
    for copy, page in zip(made.needed(given_), pages, strict=True):
        shown = [x for s in page["sections"] for f in s["fields"] for x in (f, *f["parts"])]
        for place, line in zip(places(made), shown, strict=True):
            names = [named(copy, n) for n in place.source]
            assert line["value"] == next((v for n in names if (v := known.get(n) or copy.says.get(n))), "")
            assert not line["boxes"] or len(line["value"]) <= line["boxes"] == place.boxes
            ticked = [c["label"] for c in line.get("choices", ()) if c["ticked"]]
            assert len(ticked) <= 1 or not line["value"]
            assert ticked or not (line.get("choices") and line["value"])
    if pages:
        assert printing.pdf(pages).startswith(b"%PDF")


def test_every_annex_of_the_catalogue_is_a_form_that_is_set() -> None:
    """All 18, also empty; and a form that no service names is data for nothing."""
    assert {code for s in SERVICES.values() for code in s.annexes} == set(forms())
    assert len(forms()) == 18
    empty = [
        page for f, s in {f.code: (f, s) for f, s in PAIRS}.values() for copy in f.copies
        for page in printing.filled(f, filing(s, {copy.only.field: copy.only.equals} if copy.only else {}, {}))
    ]  # fmt: skip
    assert {p["code"] for p in empty} >= set(forms())
    assert printing.pdf(empty).startswith(b"%PDF")


@pytest.mark.parametrize("made", forms().values(), ids=lambda f: f.code)
def test_a_form_asks_only_for_what_a_request_can_know(made: Form) -> None:
    """A name that is written wrong would be left empty for ever; so would an answer that is no choice of the question."""
    using = [s for f, s in PAIRS if f is made]
    fields = {f.id: f for s in using for f in s.fields}
    others = {f.id for s in SERVICES.values() for f in s.fields}  # F-1.02 and F-2.01 serve several services
    for copy in made.copies:
        sources = [*(p.source for p in places(made)), *(s.source for s in made.signatures)]
        for name in (named(copy, n) for source in sources for n in source):
            head, dot, tail = name.partition(".")
            assert name in PLACE | set(copy.says) or head in others | {"pemohon"}, name
            assert not dot or tail in RESIDENT | {"telepon"}, name
        assert copy.only is None or copy.only.equals in fields[copy.only.field].choices
        for field in (f for s in made.sections for f in s.fields if f.choices and f.source):
            known = [fields[n] for n in (named(copy, n) for n in field.source) if n in fields and fields[n].choices]
            taken = {a for c in field.choices for a in (c.label, *c.answers)}
            assert all(set(c.answers) <= set(k.choices) for k in known for c in field.choices), field.label
            assert all(taken & set(k.choices) for k in known), field.label
    assert {x for c in (*[c for s in made.sections for c in s.choices], *[c for s in made.sections for f in s.fields for c in f.choices])
            for x in c.services} <= {s.id for s in using}  # fmt: skip


def test_the_office_s_own_forms_bear_the_letter_s_number_and_day() -> None:
    """N-1 is the office's, so it waits for the number; what the applicant signs has the day of today."""
    service = SERVICES["keterangan-nikah"]
    married = {"suami": {"nama": "Sutrisno"}, "istri": {"nama": "Suminah"}, "status_suami": "Duda", "status_istri": "Perawan"}
    first, second = printing.filled(form("N-1"), filing(service, married, {}, "474.2/001/429.523.03/XII/2026"))
    assert (first["copy"], second["copy"]) == ("Calon suami", "Calon istri")
    assert first["sections"][0]["fields"][3]["value"] == "474.2/001/429.523.03/XII/2026"
    assert (first["place"], second["sections"][1]["fields"][0]["value"]) == ("Tamansari, 1 Desember 2026", "Suminah")
    assert [p["copy"] for p in printing.filled(form("N-6"), filing(service, married, {}))] == ["Istri terdahulu dari calon suami"]
    assert printing.filled(form("N-4"), filing(service, married, {}, "1"))[0]["place"] == "Tamansari, 30 November 2026"
    assert printing.filled(form("N-6"), filing(service, married | {"status_suami": "Jejaka"}, {})) == []


def test_how_far_somebody_moves_decides_the_form_s_number() -> None:
    """The older rules number the same form by distance."""
    service = SERVICES["keterangan-pindah"]
    found = [printing.filled(form("F-1.25"), filing(service, {"sejauh": c}, {}))[0]["code"] for c in service.fields[0].choices]
    assert found == ["F-1.23", "F-1.25", "F-1.29", "F-1.34", "F-1.34"]


def test_a_masked_number_and_a_head_without_a_name_are_left_to_the_pen() -> None:
    """Bullets in boxes could not be written over."""
    page = printing.filled(form("F-1.02"), filing(SERVICES["permohonan-ktp"], {}, {"nik": "••••1234"}))[0]
    assert {k: page["sections"][0]["fields"][1][k] for k in ("value", "boxes")} == {"value": "", "boxes": 16}
    nobody = Office("Tamansari", "Licin", "Banyuwangi", "", "Kepala Desa Tamansari", "……………")
    made = Filing(SERVICES["permohonan-kk"], {}, {}, nobody, VILLAGE, date(2026, 11, 30))
    assert printing.filled(form("F-1.15"), made)[0]["signatures"][1] == {"role": "Kepala Desa Tamansari", "name": "", "note": ""}


def test_an_unknown_form_says_which_there_are() -> None:
    """What, value, remedy."""
    with pytest.raises(NotFound, match=r"no form 'F-9.99'; there are .*F-2.01"):
        form("F-9.99")
