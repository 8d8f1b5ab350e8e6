"""South of the equator latitude is negative: a slip of the sign moves the seasons by half a year."""

from __future__ import annotations

from datetime import date

import pytest
from kampung_cloud.modules.farming.fao56 import sun
from kampung_cloud.modules.farming.fao56.reference import Weather, reference

BANYUWANGI = -8.2
MONTHS = [date(2023, month, 15) for month in range(1, 13)]
SUNSHINE = (5.2, 5.0, 5.6, 6.4, 6.6, 6.2, 6.3, 7.4, 8.4, 8.6, 7.0, 5.6)
"""Hours a day; with the temperatures a made-up year with the shape of the coast's: dry from June on, cloudy from December."""
MAXIMA = (31.6, 31.4, 31.6, 31.7, 31.3, 30.4, 29.6, 29.9, 31.0, 32.2, 32.4, 32.0)


def test_sun_is_stronger_in_january_than_in_june() -> None:
    """Ra as the norms have it for Banyuwangi: 30.0 in June, 39.0 in January and February."""
    ra = [sun.extraterrestrial(BANYUWANGI, m.timetuple().tm_yday) for m in MONTHS]
    assert ra[0] > ra[5] + 8
    assert round(ra[5], 0) == 30
    assert round(max(ra[0], ra[1]), 0) == 39
    north = [sun.extraterrestrial(-BANYUWANGI, m.timetuple().tm_yday) for m in MONTHS]
    assert north[0] < north[5]
    assert sun.daylight(BANYUWANGI, 355) > 12 > sun.daylight(BANYUWANGI, 172)


def climatology(latitude: float) -> list[float]:
    """ET0 of the middle of each month."""
    return [
        reference(Weather(day, latitude, 10, 23.5, high, rh=80, wind=1.6, sunshine=hours)).et0
        for day, high, hours in zip(MONTHS, MAXIMA, SUNSHINE, strict=True)
    ]


def test_climatology_has_its_minimum_in_july_and_its_maximum_in_october() -> None:
    """As BMKG's observations of 2020 to 2024 give it (mean 4.16 mm/day); with the sign slipped it does not."""
    et0 = climatology(BANYUWANGI)
    assert et0.index(min(et0)) in (5, 6)
    assert et0.index(max(et0)) == 9
    assert sum(et0) / 12 == pytest.approx(4.16, abs=0.5)
    slipped = climatology(-BANYUWANGI)
    assert slipped.index(min(slipped)) in (0, 11)
