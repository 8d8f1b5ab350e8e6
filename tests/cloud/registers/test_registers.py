"""Dukcapil and DTSEN through their adapters, against the simulators' own HTTP on loopback: what agrees, what goes wrong, what is marked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.config import parse
from kampung_cloud.registers import opened
from kampung_cloud.registers.answer import WORDS, Unanswered
from kampung_cloud.registers.asking import FAILURES, REST_S, Asking, Breaker
from kampung_cloud.registers.dtsen import Dtsen
from kampung_cloud.registers.dtsen import read as read_decile
from kampung_cloud.registers.dukcapil import AGREES, Dukcapil, elements, read
from kampung_cloud.registers.population import TITLES, Known, Verified
from kampung_cloud.registers.settings import DtsenSettings, DukcapilSettings, RegisterSettings
from kampung_cloud.registers.welfare import Decile
from kampung_contract.errors import ConfigurationError
from kampung_sim.registers.fault import Fault
from kampung_sim.registers.people import Entry
from kampung_sim.registers.service import SimulatedRegisters

SITI = Entry("3510995708900011", "Siti Contoh", "Banyuwangi", date(1990, 8, 17), "P", "3510990101200011", "found", 3)
GONE = replace(SITI, nik="3510990101300012", state="deceased", decile=None)
KNOWN = Known(SITI.nik, "Siti Contoh", "Banyuwangi", SITI.born, "P", SITI.kk)


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedRegisters]:
    running = SimulatedRegisters(known={e.nik: e for e in (SITI, GONE)})
    running.start()
    yield running
    running.stop()


@pytest.fixture
def dukcapil(simulated: SimulatedRegisters, tmp_path: Path) -> Iterator[Dukcapil]:
    key = tmp_path / "key"
    key.write_text("simulasi\n")
    given_to_us = DukcapilSettings(url=simulated.dukcapil, key_file=key, user="simulasi", simulated=True)
    adapter = Dukcapil(given_to_us, Asking("Dukcapil", 30, 4096, wait=lambda _: None))
    yield adapter
    adapter.close()
    simulated.faults.set("dukcapil", Fault())


@pytest.fixture
def dtsen(simulated: SimulatedRegisters, tmp_path: Path) -> Iterator[Dtsen]:
    key = tmp_path / "key"
    key.write_text("simulasi\n")
    adapter = Dtsen(DtsenSettings(url=simulated.dtsen, key_file=key), Asking("DTSEN", 30, 4096, wait=lambda _: None))
    yield adapter
    adapter.close()
    simulated.faults.set("dtsen", Fault())


def test_what_agrees_and_what_does_not_field_by_field(dukcapil: Dukcapil) -> None:
    """A misspelt name is told with its likeness, another day plainly; what the office does not have is neither sent nor told."""
    found = dukcapil.verify(KNOWN)
    assert isinstance(found, Verified)
    assert found.agrees
    assert [m.field for m in found.matches] == ["nik", "name", "birthplace", "born", "sex", "kk"]
    found = dukcapil.verify(replace(KNOWN, name="Suti Contoh", born=date(1990, 8, 18), birthplace="", kk=""))
    assert isinstance(found, Verified)
    assert [(m.field, m.agrees, m.likeness) for m in found.matches] == [
        ("nik", True, None), ("name", True, 91), ("born", False, None), ("sex", True, None),
    ]  # fmt: skip
    assert not found.agrees
    assert found.simulated


def test_who_is_not_there_and_who_has_died(dukcapil: Dukcapil) -> None:
    assert dukcapil.verify(replace(KNOWN, nik="3510990000000000")) == Verified("not_found", (), True)
    assert dukcapil.verify(replace(KNOWN, nik=GONE.nik)) == Verified("deceased", (), True)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("down", "unreachable"),
        ("hangup", "unreachable"),
        ("slow", "unreachable"),
        ("quota", "quota"),
        ("login", "refused"),
        ("wrong", "unreadable"),
    ],
)
def test_each_fault_is_a_value_with_a_remedy(simulated: SimulatedRegisters, dukcapil: Dukcapil, kind: Any, why: str) -> None:
    simulated.faults.set("dukcapil", Fault(kind, 0.4))
    if kind == "slow":
        dukcapil._asking = Asking("Dukcapil", 0.1, 4096, wait=lambda _: None)
    found = dukcapil.verify(KNOWN)
    assert isinstance(found, Unanswered)
    assert (found.why, found.simulated) == (why, True)
    assert SITI.nik not in f"{found} {found.title} {found.remedy}"
    assert "berkas asli" in found.remedy


def test_what_passes_by_itself_is_asked_again(simulated: SimulatedRegisters, dukcapil: Dukcapil) -> None:
    simulated.faults.set("dukcapil", Fault("down", count=2))
    assert isinstance(dukcapil.verify(KNOWN), Verified)


def test_a_decile_with_its_day_and_a_simulator_that_nobody_declared(simulated: SimulatedRegisters, dtsen: Dtsen) -> None:
    """Configured as the real one: the answer's own mark counts."""
    assert not dtsen.simulated
    found = dtsen.decile(SITI.nik)
    assert isinstance(found, Decile)
    assert (found.decile, found.simulated) == (3, True)
    assert found.as_of is not None
    assert dtsen.decile(GONE.nik) == Decile(None, None, True)
    for kind, why in (("quota", "quota"), ("login", "refused"), ("wrong", "unreadable"), ("down", "unreachable")):
        simulated.faults.set("dtsen", Fault(kind))  # type: ignore[arg-type]
        wrong = dtsen.decile(SITI.nik)
        assert isinstance(wrong, Unanswered)
        assert wrong.why == why


def test_a_register_that_fails_is_left_alone_for_a_while() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    assert [breaker.told(False) for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    assert breaker.open
    asking = Asking("Dukcapil", 1, 10, breaker=breaker)
    found = asking.post("http://127.0.0.1:9/", b"", {})
    assert isinstance(found, Unanswered)
    assert "not asked" in found.detail
    now[0] = REST_S
    assert not breaker.open
    assert not breaker.told(True)
    assert not breaker.open


def test_nothing_is_connected_unless_it_is_named(tmp_path: Path) -> None:
    registers = opened(RegisterSettings())
    for found in (registers.population.verify(KNOWN), registers.welfare.decile(SITI.nik)):
        assert isinstance(found, Unanswered)
        assert found.title.endswith("belum tersambung.")
    table = {"url": "https://dukcapil.example/get_json/X", "user": "u", "key_file": "none.key"}
    with pytest.raises(ConfigurationError, match=r"registers\.dukcapil\.key_file = .*none\.key.*cannot be read"):
        parse({"registers": {"dukcapil": table}}, tmp_path)
    (tmp_path / "none.key").write_text("x")
    assert opened(parse({"registers": {"dukcapil": table}}, tmp_path).registers).population.connected
    with pytest.raises(ConfigurationError, match="did you mean 'dukcapil'"):
        parse({"registers": {"dukcapill": table}}, tmp_path)
    assert all("{name}" in title for title, _ in WORDS.values())


SAID = st.none() | st.booleans() | st.integers(0, 20) | st.sampled_from(["Sesuai", "Tidak Sesuai (3)", "05", "Data Ganda", "", "[]"])
NAMES = st.sampled_from(["NIK", "RESPON", "RESPONSE_CODE", "desil", "tanggal"])
FIELDS = st.dictionaries(NAMES, SAID, max_size=4)
JUNK = FIELDS | st.fixed_dictionaries({"content": SAID | st.lists(FIELDS | SAID, max_size=2)}) | SAID


@settings(max_examples=50, deadline=None)
@given(status=st.sampled_from([200, 401, 404, 429, 500]), body=st.binary(max_size=40) | JUNK.map(lambda j: json.dumps(j).encode()))
def test_whatever_comes_is_an_answer_or_a_reason(status: int, body: bytes) -> None:
    """And an answer says nothing of what was not asked."""
    found = read(status, body, KNOWN)
    assert isinstance(found, Unanswered) or {m.field for m in found.matches} <= set(KNOWN.fields)
    decile = read_decile(status, body)
    assert isinstance(decile, Unanswered) or decile.decile in {None, *range(1, 11)}


@settings(max_examples=30, deadline=None)
@given(st.booleans(), st.none() | st.integers(0, 100), st.sampled_from(["", " ", "  "]))
def test_what_dukcapil_says_of_a_field_is_read_as_written(agrees: bool, percent: int | None, gap: str) -> None:
    said = f"{gap}{'' if agrees else 'Tidak '}Sesuai{gap}{'' if percent is None else f' ({percent})'}"
    body = json.dumps({"content": [{"NIK": said}]}).encode()
    found = read(200, body, Known(SITI.nik))
    assert isinstance(found, Verified)
    assert [(m.agrees, m.likeness) for m in found.matches] == [(agrees, percent)]
    assert AGREES.fullmatch(f"{said}x") is None


@given(
    st.builds(Known, st.just(SITI.nik), st.text(max_size=5), st.text(max_size=5), st.none() | st.dates(), st.sampled_from(["", "L", "P"]))
)
def test_only_what_the_office_has_goes_out(known: Known) -> None:
    sent = elements(known)
    assert len(sent) == len(known.fields) <= len(TITLES)
    assert all(sent.values())
