"""Annexes: whatever was answered is set, and nothing known is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.services.annexes import printing
from kampung_cloud.modules.services.annexes.form import Form, form, forms
from kampung_cloud.modules.services.catalogue import Catalogue, Service
from kampung_cloud.modules.services.letters.composing import values
from kampung_cloud.modules.services.letters.printing import Office
from kampung_contract.errors import NotFound

from tests.cloud.conftest import VILLAGE

OFFICE = Office("Tamansari", "Licin", "Banyuwangi", "Jalan Raya Ijen", "Kepala Desa Tamansari", "Contoh Kades")
SERVICES = Catalogue(Path("none")).services(VILLAGE)
PAIRS = [(forms()[code], s) for s in SERVICES.values() for code in s.annexes if code in forms()]
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="•"), min_size=1, max_size=60)
PERSON = st.dictionaries(st.sampled_from(["nama", "nik", "kk", "alamat", "lahir"]), WORDS)


def answers(service: Service) -> st.SearchStrategy[dict[str, object]]:
    kinds = {"person": PERSON, "number": st.integers(0, 9999), "date": st.dates().map(str), "yes": st.booleans()}
    return st.fixed_dictionaries({}, optional={f.id: kinds.get(f.kind, WORDS) for f in service.fields})


@given(data=st.data(), pair=st.sampled_from(PAIRS), person=PERSON)
@settings(max_examples=20, deadline=None)
def test_no_known_value_is_lost(data: st.DataObject, pair: tuple[Form, Service], person: dict[str, str]) -> None:
    """A line holds the first known of its sources, whole; and any text can be set."""
    made, service = pair
    given_ = data.draw(answers(service))
    page = printing.filled(made, service, given_, person, OFFICE, VILLAGE, date(2026, 11, 30))
    known = values(service, given_, person, {"desa": "Tamansari", "kecamatan": "Licin", "kabupaten": "Banyuwangi", "kode": "3510242008"})
    for section, shown in zip(made.sections, page["sections"], strict=True):
        for field, line in zip(section.fields, shown["fields"], strict=True):
            assert line["value"] == next((known[n] for n in field.source if known.get(n)), "")
            assert line["boxes"] in {0, field.boxes}
            assert not line["boxes"] or len(line["value"]) <= line["boxes"]
    assert printing.pdf([page]).startswith(b"%PDF")


def test_every_form_is_set_empty_and_used() -> None:
    """A form that no service names is data for nothing."""
    service = SERVICES["biodata-penduduk"]
    made = printing.pdf([printing.filled(f, service, {}, {}, OFFICE, VILLAGE, date(2026, 11, 30)) for f in forms().values()])
    assert made.startswith(b"%PDF")
    assert {f.code for f, _ in PAIRS} == set(forms())


def test_a_masked_number_is_left_to_the_pen() -> None:
    """Bullets in boxes could not be written over."""
    page = printing.filled(form("F-1.02"), SERVICES["permohonan-ktp"], {}, {"nik": "••••1234"}, OFFICE, VILLAGE, date(2026, 11, 30))
    assert page["sections"][0]["fields"][1] == {"label": "Nomor Induk Kependudukan", "value": "", "boxes": 16}


def test_an_unknown_form_says_which_there_are() -> None:
    """What, value, remedy."""
    with pytest.raises(NotFound, match=r"no form 'F-9.99'; there are .*F-2.01"):
        form("F-9.99")
