"""Readings that are judged by others of the same place: relations, neighbours, pairs."""

from __future__ import annotations

import pytest
from kampung_bridge.reading import Reading
from kampung_contract.errors import InvalidCheck
from kampung_contract.neighbours import parse_neighbours
from kampung_contract.pack import FAIL, GOOD, SUSPECT
from kampung_contract.pm_correction import method
from kampung_contract.relations import relations
from kampung_edge.company import BESIDE_MS, PAIR_MS, Company
from kampung_edge.quality import Quality

NOON = 1_790_053_200_000
"""2026-09-22T05:00:00Z: noon in Banyuwangi."""
GAUGES = {"quantity": "water_level", "series": ["a", "b", "c"], "most": 0.5, "within": 600, "source": "a survey of the gauges"}


def frame(quality: Quality, device: str, at: int, **values: float) -> dict[str, int]:
    """Flags of one frame's readings, delivered as a port does."""
    readings = [Reading(name, value, "") for name, value in values.items()]
    quality.company.frame(device, readings, at)
    return {r.quantity: quality.judge(device, r.quantity, (at, r.value), r.quality) for r in readings}


def station(model: str, *quantities: str, **more) -> Quality:
    quality = Quality(company=Company(models={"d": model}, delivered={"d": quantities}, **more))
    for name in quantities:  # the first of each has nobody to be compared with
        quality.judge("d", name, (0, 1.0), FAIL)
    return quality


def test_relations_have_a_source():
    assert all(len(r.source) > 20 for r in relations())
    assert len({r.id for r in relations()}) == len(relations())


@pytest.mark.parametrize(
    ("model", "values", "flags"),
    [
        ("x", {"air_temperature": 25.0, "dew_point": 25.0}, [1, 1]),
        ("x", {"air_temperature": 25.0, "dew_point": 25.1}, [3, 3]),
        ("x", {"wind_speed": 4.0, "wind_gust": 6.0}, [1, 1]),
        ("x", {"wind_speed": 6.0, "wind_gust": 4.0}, [3, 3]),
        ("pms5003", {"pm25": 12.0, "pm10": 12.0}, [1, 1]),
        ("pms5003", {"pm25": 13.0, "pm10": 12.0}, [3, 3]),
        ("sds011", {"pm25": 12.1, "pm10": 12.1}, [3, 3]),
        ("sds011", {"pm25": 0.0, "pm10": 1.2}, [3, 1]),
        ("pms5003", {"pm25": 0.0, "pm10": 0.0}, [1, 1]),
    ],
)
def test_what_one_frame_cannot_say(model, values, flags):
    """Both readings are doubted, whichever comes first."""
    for order in (list(values), list(reversed(values))):
        quality = station(model, *values)
        found = frame(quality, "d", NOON, **{name: values[name] for name in order})
        assert [found[name] for name in values] == flags


def test_readings_of_another_frame_are_not_compared():
    quality = station("x", "wind_speed", "wind_gust")
    assert frame(quality, "d", NOON, wind_speed=2.0, wind_gust=3.0) == {"wind_speed": 1, "wind_gust": 1}
    assert frame(quality, "d", NOON + 10_000, wind_speed=5.0) == {"wind_speed": 1}


def test_dust_in_wet_air_by_the_humidity_beside():
    """An SDS011 is out of its specification above 70 %RH; without anybody who measures that, nothing is said."""
    company = Company(models={"dust": "sds011"}, beside={"dust": {"relative_humidity": "air"}})
    quality = Quality(company=company)
    assert quality.judge("dust", "pm25", (NOON, 20.0), GOOD) == GOOD
    assert quality.judge("air", "relative_humidity", (NOON, 71.0), GOOD) == GOOD
    assert quality.judge("dust", "pm25", (NOON + BESIDE_MS, 20.0), GOOD) == SUSPECT
    assert quality.judge("dust", "pm25", (NOON + BESIDE_MS + 1, 20.0), GOOD) == GOOD
    assert quality.judge("air", "relative_humidity", (NOON + BESIDE_MS, 91.0), FAIL) == FAIL
    assert quality.judge("dust", "pm25", (NOON + BESIDE_MS + 2, 20.0), GOOD) == GOOD
    assert quality.flagged == {"relation": 1}


def test_rain_in_dry_air():
    quality = station("x", "rain", "relative_humidity")
    assert frame(quality, "d", NOON, relative_humidity=45.0, rain=0.2) == {"relative_humidity": 1, "rain": 3}
    assert frame(quality, "d", NOON + 10_000, relative_humidity=45.0, rain=0.0)["rain"] == GOOD
    assert frame(quality, "d", NOON + 20_000, relative_humidity=50.0, rain=0.2)["rain"] == GOOD


def test_sunshine_at_night():
    quality = station("x", "solar_irradiance", sun=lambda t: 60.0 if t == NOON else -6.1)
    assert [quality.judge("d", "solar_irradiance", (NOON + i * 3_600_000, v), GOOD) for i, v in enumerate([900.0, 5.0, 5.1])] == [1, 1, 3]


def test_neighbours_of_one_kiosk():
    """Two of three agree; alone, or beside somebody who was not heard for long, nothing is said."""
    quality = Quality(company=Company(neighbours=[parse_neighbours(GAUGES | {"offsets": {"c": 1.0}})]))

    def judge(device: str, minute: int, value: float) -> int:
        return quality.judge(device, "water_level", (NOON + minute * 60_000, value), GOOD)

    assert [judge("a", 0, 1.0), judge("b", 0, 1.2), judge("c", 0, 2.1)] == [1, 1, 1]
    assert [judge("a", 5, 3.0), judge("b", 5, 1.2), judge("c", 5, 2.2)] == [3, 1, 1]
    assert judge("a", 16, 3.0) == GOOD
    assert quality.flagged == {"neighbours": 1}


def test_two_dust_sensors_side_by_side():
    twins = {("a", "pm25"): (("b", "pm25"), method("epa-2021")), ("b", "pm25"): (("a", "pm25"), method("epa-2021"))}
    quality = Quality(company=Company(pairs=twins))
    for device in "ab":
        assert quality.judge(device, "pm25", (NOON, 20.0), GOOD) == GOOD
    assert quality.judge("a", "pm25", (NOON + 10_000, 60.0), GOOD) == SUSPECT
    assert quality.judge("b", "pm25", (NOON + 10_000, 21.0), GOOD) == SUSPECT
    assert quality.judge("b", "pm25", (NOON + 10_000 + PAIR_MS + 1, 21.0), GOOD) == GOOD


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quantity": "level"}, "quantity 'level' is not in the catalogue"),
        ({"series": ["a"]}, "name two or more"),
        ({"series": ["a", "a"]}, "each once"),
        ({"most": 0}, "most = 0.0; give how far"),
        ({"within": 0}, "within = 0.0; give the seconds"),
        ({"least": 3}, "least = 3; of 3 series 1 to 2"),
        ({"offsets": {"d": 1.0}}, "offsets.d is none of the series"),
        ({"source": ""}, "source is missing"),
        ({"mosst": 1}, "unknown field"),
    ],
)
def test_neighbours_that_cannot_be_are_refused(change, words):
    with pytest.raises(InvalidCheck, match=words):
        parse_neighbours(GAUGES | change)
