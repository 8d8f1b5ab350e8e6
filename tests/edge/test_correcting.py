"""Corrected dust on the edge: beside the raw value, by the humidity of the same air, and nothing where that is missing."""

from __future__ import annotations

import pytest
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import GOOD, decode
from kampung_contract.pm_correction import method
from kampung_contract.quality import parse_quality
from kampung_edge.config import load

AT = 1_790_000_000_000
FILE = """
[[port]]
url = "dev/dust"
[[port.device]]
name = "dust-1"
profile = "{profile}"
[port.device.correct]
{correct}
[[port]]
url = "dev/dust2"
[[port.device]]
name = "dust-2"
profile = "pms5003"
[[port]]
url = "dev/air"
[[port.device]]
name = "air-1"
profile = "xy-md02"
"""
USUAL = 'method = "epa-2021"\nhumidity = "air-1"'


def edge_of(make_edge, correct: str):
    return make_edge(more="[spool]\ncommit_ms = 20\n" + FILE.format(profile="pms5003", correct=correct))


def columns(edge, until, count: int) -> dict:
    def stored():
        packs = [decode(w.payload) for w in edge.spool.peek(20)]
        return [c for p in packs for c in p.series] if sum(p.count for p in packs) >= count else None

    out: dict[str, list] = {}
    for column in until(stored, "they are stored"):
        flags = column.q or [GOOD] * len(column.v)
        out.setdefault(column.n, []).extend(zip([t - AT for t in column.times()], column.v, flags, strict=True))
    return {name: sorted(rows) for name, rows in out.items()}


def test_a_series_of_its_own(make_edge, until):
    """Raw stays as it is; the corrected one has the same time and the worse flag; old humidity is no humidity."""
    edge = edge_of(make_edge, USUAL)
    take = edge.intake.take
    take("dust-1", "pm25", 100.0, "ug/m3", GOOD, AT)
    take("air-1", "relative_humidity", 80.0, "%RH", GOOD, AT + 1_000)
    take("dust-1", "pm25", 100.0, "ug/m3", GOOD, AT + 2_000)
    take("dust-1", "pm25", 1500.0, "ug/m3", GOOD, AT + 3_000)
    take("dust-1", "pm25", 100.0, "ug/m3", GOOD, AT + 602_000)
    found = columns(edge, until, 6)
    assert found["dust-1/pm25"] == [(0, 100.0, 1), (2_000, 100.0, 1), (3_000, 1500.0, 4), (602_000, 100.0, 1)]
    assert found["dust-1/pm25_corrected"] == [(2_000, method("epa-2021").corrected(100.0, 80.0), 1)]
    assert edge.health.object()["intake"]["uncorrected"] == {"dust-1": 2}
    spoken = parse_quality(edge.doubts.tell(all_of_it=True), AT + 10**12).spoken
    assert sorted((s.n, s.test, s.flag, s.since - AT, s.count) for s in spoken) == [
        ("dust-1/pm25", "range", 4, 3_000, 1),
        ("dust-1/pm25_corrected", "humidity", 9, 0, 1),
        ("dust-1/pm25_corrected", "humidity", 9, 602_000, 1),
    ]


def test_a_doubtful_humidity_makes_a_doubtful_value(make_edge, until):
    edge = edge_of(make_edge, USUAL)
    edge.intake.take("air-1", "relative_humidity", 20.0, "%RH", GOOD, AT)
    edge.intake.take("dust-1", "pm25", 100.0, "ug/m3", GOOD, AT + 2_000)
    assert columns(edge, until, 3)["dust-1/pm25_corrected"] == [(2_000, method("epa-2021").corrected(100.0, 20.0), 3)]


def test_a_pair_is_averaged_while_it_agrees(make_edge, until):
    """And where it does not, both are doubted and nothing is corrected."""
    edge = edge_of(make_edge, USUAL + '\npair = "dust-2"')
    take = edge.intake.take
    take("air-1", "relative_humidity", 80.0, "%RH", GOOD, AT)
    take("dust-2", "pm25", 90.0, "ug/m3", GOOD, AT + 1_000)
    take("dust-1", "pm25", 100.0, "ug/m3", GOOD, AT + 2_000)
    take("dust-1", "pm25", 20.0, "ug/m3", GOOD, AT + 3_000)
    found = columns(edge, until, 5)
    assert found["dust-1/pm25_corrected"] == [(2_000, method("epa-2021").corrected(95.0, 80.0), 1)]
    assert found["dust-1/pm25"] == [(2_000, 100.0, 1), (3_000, 20.0, 3)]


def test_what_was_doubted_goes_into_the_spool(make_edge, until):
    """As an event of its own, which the regency can read."""
    edge = edge_of(make_edge, USUAL)
    edge.intake.take("dust-2", "pm25", 1500.0, "ug/m3", GOOD, AT)
    edge._tell_doubts(all_of_it=True)
    events = until(
        lambda: [e for w in edge.spool.peek(20) for e in decode(w.payload).events if e["type"] == "quality"], "the event is stored"
    )
    (stretch,) = parse_quality(events[0], 2 * AT).spoken
    assert (stretch.n, stretch.test, stretch.flag, stretch.since, stretch.count) == ("dust-2/pm25", "range", 4, AT, 1)


def test_the_corrected_series_is_introduced(write_config):
    config = load(write_config(more=FILE.format(profile="pms5003", correct=USUAL)))
    assert config.devices[0].quantities["pm25_corrected"] == "ug/m3"


@pytest.mark.parametrize(
    ("profile", "correct", "words"),
    [
        ("pms5003", 'method = "lrapa"\nhumidity = "air-1"', "there are epa-2021, barkjohn-2021"),
        ("pms5003", 'method = "barkjohn-2021"\nhumidity = "air-1"', r"fitted to values for factories \(CF=1\)"),
        ("sds011", USUAL, "fitted to values of pms5003, pms5003t, and dust-1 is a sds011"),
        ("xy-md02", USUAL, "delivers no pm25"),
        ("pms5003", 'method = "epa-2021"', "correct.humidity: dust-1 measures none; name the device"),
        ("pms5003", 'method = "epa-2021"\nhumidity = "dust-2"', "delivers no relative_humidity"),
        ("pms5003", 'method = "epa-2021"\nhumidity = "air-9"', "no port has such a device"),
        ("pms5003", USUAL + '\npair = "dust-1"', "name a second pms5003"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(write_config, profile, correct, words):
    with pytest.raises(ConfigurationError, match=words):
        load(write_config(more=FILE.format(profile=profile, correct=correct)))


GROUP = """
[[neighbours]]
quantity = "pm25"
series = {series}
most = 20
within = 600
source = "a month side by side"
"""


@pytest.mark.parametrize(
    ("series", "words"),
    [
        ('["dust-1", "dust-9"]', r"neighbours\[0\].series = 'dust-9': no port has such a device; there are dust-1, dust-2, air-1"),
        ('["dust-1", "air-1"]', r"'air-1': it \(xy-md02\) delivers no pm25"),
        ('["dust-1"]', "name two or more"),
    ],
)
def test_neighbours_that_are_no_devices_are_refused(write_config, series, words):
    with pytest.raises(ConfigurationError, match=words):
        load(write_config(more=FILE.format(profile="pms5003", correct=USUAL) + GROUP.format(series=series)))


def test_whoever_is_beside_must_measure_it(write_config):
    there = FILE.format(profile="pms5003", correct=USUAL)
    wrong = there.replace("[port.device.correct]", '[port.device.beside]\nrelative_humidity = "dust-2"\n[port.device.correct]')
    with pytest.raises(ConfigurationError, match=r"beside.relative_humidity = 'dust-2': it .* delivers no relative_humidity"):
        load(write_config(more=wrong))
