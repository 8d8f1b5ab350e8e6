"""Work in heat, noise, light and acute gas: boundaries from both sides, and that worse is never judged better."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.air_station import acute
from kampung_cloud.air_station.setting import AirStation, Crater, check_stations
from kampung_cloud.heat_index import heat_class
from kampung_cloud.modules.environment import heat, noise, uv
from kampung_cloud.words.rules import doubts
from kampung_contract.machine import Machine, Row
from kampung_contract.pack import GOOD
from pydantic import ValidationError

LICIN = "35.10.24.2008"
SHARES: tuple[heat.Share, ...] = ("75-100", "50-75", "25-50", "0-25")
LOADS: tuple[heat.Load, ...] = ("ringan", "sedang", "berat")
NAB = {"75-100": (31.0, 28.0, None), "50-75": (31.0, 29.0, 27.5), "25-50": (32.0, 30.0, 29.0), "0-25": (32.2, 31.1, 30.5)}
"""Permenaker 5/2018 by load, as on the norms page."""


def place(share: heat.Share | None) -> int:
    return len(SHARES) if share is None else SHARES.index(share)


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("share", SHARES)
def test_every_cell_of_the_work_limits_from_both_sides(share: heat.Share, load: heat.Load) -> None:
    limit = heat.NAB[share][load]
    assert limit == NAB[share][LOADS.index(load)]
    if limit is not None:
        assert place(heat.allowed(limit, load)) <= place(share) < place(heat.allowed(limit + 0.01, load))


@given(st.floats(15, 45), st.floats(0, 10), st.sampled_from(LOADS))
def test_hotter_never_allows_more_work(value: float, more: float, load: heat.Load) -> None:
    assert place(heat.allowed(value, load)) <= place(heat.allowed(value + more, load))
    assert heat.advice(value, load).endswith(".")


def test_wet_bulb_of_stulls_own_example() -> None:
    assert heat.wet_bulb(20, 50) == pytest.approx(13.7, abs=0.05)


@pytest.mark.parametrize(
    ("index", "name"),
    [(26.9, "none"), (27, "caution"), (32, "extreme caution"), (40.9, "extreme caution"), (41, "danger"), (54, "extreme danger")],
)
def test_classes_of_felt_temperature(index: float, name: str) -> None:
    assert heat_class(index) == name


def test_noise_limits_of_the_norm() -> None:
    """Kep-48/1996 by use of the place; a little more is beyond, at first within the tolerance."""
    assert noise.LIMITS == {
        "permukiman": 55, "perdagangan": 70, "perkantoran": 65, "ruang-terbuka-hijau": 50, "industri": 70, "pemerintahan": 60,
        "rekreasi": 70, "rumah-sakit": 55, "sekolah": 55, "ibadah": 55,
    }  # fmt: skip
    for area, limit in noise.LIMITS.items():
        said = [noise.judge(limit + more, area) for more in (0, 0.1, 3, 3.1)]
        assert said == ["memenuhi", "dalam toleransi", "dalam toleransi", "melampaui"]


@given(st.lists(st.floats(20, 120), min_size=1, max_size=20))
def test_mean_energy_lies_between_the_levels_and_above_their_mean(levels: list[float]) -> None:
    mean = noise.energy_mean(levels)
    assert min(levels) - 1e-9 <= mean <= max(levels) + 1e-9
    assert mean >= sum(levels) / len(levels) - 1e-9


@pytest.mark.parametrize(
    ("index", "name"),
    [(2.4, "rendah"), (2.5, "sedang"), (5.4, "sedang"), (6, "tinggi"), (8, "sangat tinggi"), (10.4, "sangat tinggi"), (11, "ekstrem")],
)
def test_uv_classes(index: float, name: str) -> None:
    assert uv.uv_class(index).name == name


@pytest.mark.parametrize(
    ("ppm", "name"),
    [(0.199, None), (0.2, "AEGL-1"), (0.749, "AEGL-1"), (0.75, "AEGL-2"), (29.9, "AEGL-2"), (30, "AEGL-3"), (80, "AEGL-3")],
)
def test_acute_levels_from_both_sides(ppm: float, name: str | None) -> None:
    found = acute.level(ppm)
    assert (found and found.name) == name


def test_only_stations_near_a_crater_raise_alarms_for_gas() -> None:
    crater = Crater(name="Kawah Ijen", device="gas-1")
    near = AirStation(id="paltuding", village=LICIN, title="Paltuding", node="k-1", devices=("debu-1", "gas-1"), crater=crater)
    far = AirStation(id="kota", village=LICIN, title="Kota", node="k-1", devices=("gas-2",))
    rules = acute.rules([near, far])
    assert [(r.id, r.severity, r.about, r.place) for r in rules] == [(f"paltuding-so2-{n}", n, "volcano", "Kawah Ijen") for n in (1, 2, 3)]
    assert all(rule.concerns(LICIN, "k-1", "gas-1", "so2") and not rule.concerns(LICIN, "k-1", "gas-2", "so2") for rule in rules)
    assert rules[2].inhibits == ("paltuding-so2-1", "paltuding-so2-2")
    assert all("AEGL" in r.source and {"id", "en"} <= r.message.keys() for r in rules)


def raised(minutes: list[float]) -> list[int]:
    """Severities that are raised by a reading a minute, ppm."""
    station = AirStation(
        id="paltuding", village=LICIN, title="P", node="k-1", devices=("gas-1",), crater=Crater(name="Ijen", device="gas-1")
    )
    out = []
    for rule in acute.rules([station]):
        machine = Machine(rule, lambda _leaf, _source: True)
        changes = [machine.take((Row(n * 60_000, "s", ppm, GOOD),)) for n, ppm in enumerate(minutes, 1)]
        out += [rule.severity for change in changes if change is not None and change.kind == "raised"]
    return out


def test_a_gust_frightens_nobody_and_deadly_gas_waits_for_nobody() -> None:
    """Waspada is held five minutes, Siaga two, Awas none."""
    calm = [0.01] * 5
    assert raised([*calm, 0.3, 0.3, 0.3, *calm]) == []
    assert raised([*calm, *[0.3] * 6, *calm]) == [1]
    assert raised([*calm, *[0.8] * 3, *calm]) == [2]
    assert raised([*calm, 40.0, *calm]) == [3]


def test_what_the_rules_say_fits_an_sms_and_says_what_to_do() -> None:
    station = AirStation(id="a", village=LICIN, title="A", node="k-1", devices=("gas-1",), crater=Crater(name="Kawah Ijen", device="gas-1"))
    assert doubts(acute.rules([station])) == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"crater": {"name": "Kawah Ijen", "device": "gas-9"}}, "crater.device = 'gas-9' is none of its devices"),
        ({"area": "pasar"}, "permukiman"),
        ({"village": "35.10.99.2001"}, "35.10.99.2001"),
    ],
)
def test_a_wrong_station_is_told(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        AirStation.model_validate({"id": "a", "village": LICIN, "title": "A", "node": "k-1", "devices": ["gas-1"], **wrong})


def test_a_device_stands_at_one_place() -> None:
    one = AirStation(id="a", village=LICIN, title="A", node="k-1", devices=("gas-1",))
    with pytest.raises(ValueError, match="device 'gas-1' of 'k-1' stands in two"):
        check_stations([one, one.model_copy(update={"id": "b"})])
    with pytest.raises(ValueError, match="two \\[\\[air\\]\\] tables have the id 'a'"):
        check_stations([one, one])
