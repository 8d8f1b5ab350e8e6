"""The same numbers by other people's code: pyet and pyfao56 here, MetPy and pythermalcomfort frozen."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from kampung_cloud.heat_index import heat_index
from kampung_cloud.modules.farming import heat
from kampung_cloud.modules.farming.crops import crops
from kampung_cloud.modules.farming.fao56 import air, crop, dual, sun
from kampung_cloud.modules.farming.fao56.reference import Weather, hargreaves, reference
from kampung_cloud.modules.farming.soils import textures

YEAR = [date(2023, 1, 1) + timedelta(n) for n in range(365)]
LATITUDE, ALTITUDE = -8.2, 20.0


def weather(seed: int) -> list[Weather]:
    """A year near Banyuwangi out of dice."""
    dice = random.Random(seed)
    out = []
    for day in YEAR:
        low, high = dice.uniform(20, 25), dice.uniform(27, 35)
        rhmin = dice.uniform(40, 75)
        out.append(
            Weather(
                day, LATITUDE, ALTITUDE, low, high,
                rhmin=rhmin, rhmax=dice.uniform(rhmin, 100), wind=dice.uniform(0, 5),
                sunshine=dice.uniform(0, sun.daylight(LATITUDE, day.timetuple().tm_yday)),
            )
        )  # fmt: skip
    return out


def test_et0_agrees_with_pyet() -> None:
    """A year of Penman-Monteith, of the sun above it, and Hargreaves."""
    import pandas as pd
    import pyet

    days = weather(1)
    index = pd.DatetimeIndex([w.day for w in days])
    frame = {
        name: pd.Series([float(getattr(w, name)) for w in days], index=index)
        for name in ("tmin", "tmax", "rhmin", "rhmax", "wind", "sunshine")
    }
    theirs = pyet.pm_fao56(
        (frame["tmin"] + frame["tmax"]) / 2, frame["wind"], tmax=frame["tmax"], tmin=frame["tmin"], rhmax=frame["rhmax"],
        rhmin=frame["rhmin"], n=frame["sunshine"], elevation=ALTITUDE, lat=LATITUDE * 3.141592653589793 / 180,
    )  # fmt: skip
    for w, value in zip(days, theirs, strict=True):
        assert reference(w).et0 == pytest.approx(value, abs=0.02), w.day
    ra = pyet.extraterrestrial_r(index, LATITUDE * 3.141592653589793 / 180)
    for day, value in zip(YEAR, ra, strict=True):
        assert sun.extraterrestrial(LATITUDE, day.timetuple().tm_yday) == pytest.approx(value, abs=0.01)
    assert hargreaves(23, 32, float(ra.iloc[0])) == pytest.approx(0.0023 * (27.5 + 17.8) * 3 * 0.408 * float(ra.iloc[0]))


def test_tables_agree_with_pyfao56() -> None:
    """Every Kc, Kcb, root depth, p and height of ours is in FAO-56's tables as pyfao56 has them; dragon fruit has no row."""
    from pyfao56.tools import FAO56Tables

    tables = FAO56Tables()
    rows = {
        "rice": "rice", "chili": "sweet peppers bell", "tomato": "tomato", "maize": "maize field grain corn 18% moisture",
        "soybean": "soybeans", "coffee": "coffee with weeds", "citrus": "citrus no ground cover 70% canopy", "coconut": "palm trees",
        "sugarcane": "sugarcane", "banana": "banana first year", "banana_ratoon": "banana second year",
    }  # fmt: skip
    roots = {"maize": "maize field grain corn", "coffee": "coffee", "citrus": "citrus 70% canopy"}

    def row(table: object, name: str) -> list[float]:
        (found,) = [list(r) for r in table.itertuples(index=False) if r[0].strip() == name]  # type: ignore[attr-defined]
        return [float(v) for v in found[1:]]

    for name, theirs in rows.items():
        ours = crops()[name]
        assert row(tables.table12, theirs) == pytest.approx([*ours.kc, ours.height]), name
        assert row(tables.table17, theirs) == pytest.approx(list(ours.kcb)), name
        assert row(tables.table22, roots.get(name, theirs)) == pytest.approx([*ours.roots, ours.p]), name
    assert set(crops()) - set(rows) == {"dragon_fruit"}
    assert "dragon" not in " ".join(str(r[0]) for r in tables.table12.itertuples(index=False))


@pytest.mark.parametrize("name", ["chili", "maize", "soybean"])
def test_dual_balance_agrees_with_pyfao56(name: str, tmp_path: Path) -> None:
    """A season of the dual coefficient balance, rain and irrigation out of dice, to a hundredth of a millimetre each day."""
    import pyfao56

    row, soil = crops()[name], textures()["loam"].soil
    assert row.stages is not None
    days, start = weather(2)[: sum(row.stages)], YEAR[0]
    dice = random.Random(3)
    rain = [dice.choice([0, 0, 0, 2, 15, 60]) * dice.random() for _ in days]
    water = {n: 25.0 for n in range(len(days)) if n % 9 == 5}
    par = pyfao56.Parameters(
        *row.kc, *row.kcb, *row.stages, 0.05, row.height, soil.field_capacity, soil.wilting_point, soil.field_capacity - 0.03,
        0.2, row.roots[1], row.p, 0.1, soil.ready,
    )  # fmt: skip
    wth, irr = pyfao56.Weather(), pyfao56.Irrigation()
    wth.z, wth.lat, wth.wndht, wth.rfcrp = ALTITUDE, LATITUDE, 2.0, "S"
    et0 = [round(reference(w).et0, 4) for w in days]
    for n, w in enumerate(days):
        key = w.day.strftime("%Y-%j")
        wth.wdata.loc[key] = [float("nan"), w.tmax, w.tmin, float("nan"), float("nan"), w.rhmax, w.rhmin, w.wind, rain[n], et0[n], "M"]
        if n in water:
            irr.addevent(w.day.year, w.day.timetuple().tm_yday, water[n], 0.6)
    model = pyfao56.Model(start.strftime("%Y-%j"), days[-1].day.strftime("%Y-%j"), par, wth, irr=irr)
    model.run()
    theirs = model.odata
    layer = dual.surface(soil.field_capacity, soil.wilting_point, soil.ready, wetted=0.6)
    state = dual.State(1000 * 0.03 * 0.2, 0.0)
    state = dual.State(state.depletion, 1000 * (soil.field_capacity - 0.5 * soil.wilting_point) * 0.1)
    depth, height = 0.2, 0.05
    for n, w in enumerate(days):
        basal = crop.coefficient(row.kcb, row.stages, n)
        depth = crop.root_depth(0.2, row.roots[1], basal, row.kcb, depth)
        height = crop.root_depth(0.05, row.height, basal, row.kcb, height)
        limit = dual.upper_limit(basal, w.wind or 0, w.rhmin or 0, height)
        plant = dual.Plant(
            basal, limit, dual.cover(basal, row.kcb[0], limit, height), 1000 * (soil.field_capacity - soil.wilting_point) * depth, row.p
        )
        state = dual.day(state, layer, plant, et0=et0[n], rain=rain[n], irrigation=water.get(n, 0.0))
        line = theirs.iloc[n]
        assert state.depletion == pytest.approx(line["Dr"], abs=1e-2), n
        assert state.evaporated == pytest.approx(line["De"], abs=1e-2), n
        assert state.stress == pytest.approx(line["Ks"], abs=1e-3), n
        assert state.percolation == pytest.approx(line["DP"], abs=1e-2), n


def test_air_agrees_with_frozen_oracles() -> None:
    """Vapour pressure, VPD and heat index against MetPy and pythermalcomfort, over a grid; ``oracles.csv`` says how it was made."""
    with (Path(__file__).parent / "oracles.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert len(rows) > 50
    for row in rows:
        t, h = float(row["temperature"]), float(row["humidity"])
        # MetPy's saturation pressure is Ambaum's (2020), FAO's Tetens: a third of a per cent apart in this range.
        assert air.saturation_pressure(t) == pytest.approx(float(row["metpy_saturation_kpa"]), rel=0.005), row
        assert heat.vapour_deficit(t, h) == pytest.approx(float(row["metpy_deficit_kpa"]), rel=0.02, abs=0.01), row
        value, how = heat_index(t, h)
        # MetPy changes formulas at 79 °F and takes dryness off the simple one as well; the NWS changes at 80 and does not.
        if how.startswith("Rothfusz") or t < 26:
            assert value == pytest.approx(float(row["metpy_heat_index"]), abs=0.02), row
        if how.startswith("Rothfusz") and 13 <= h <= 85:  # pythermalcomfort has no adjustments
            assert value == pytest.approx(float(row["pythermalcomfort_heat_index"]), abs=0.02), row
