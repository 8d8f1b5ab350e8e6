"""Every bridge profile has a simulated device, and what it is said to send is exactly what its decoder would read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_bridge.device import transform
from kampung_bridge.profile import ModbusProfile, load_profile, profile_ids
from kampung_bridge.reading import Reading
from kampung_sim.scenario.load import Loaded, parse
from kampung_sim.scenario.plan import COUNTERS, ROUND, Device

HEAD = 'name = "uji"\nseed = 1\nstart = 2026-11-21T00:00:00\nduration = "1 d"\n[[place]]\nvillages = "35.10.24.2008"\nkit = "k"\n[kit.k]\n'
MEASURING = [p for p in profile_ids() if load_profile(p).quantities]


@cache
def one(profile: str, more: str = "") -> tuple[Loaded, Device]:
    """A scenario with a single device."""
    mount = "mount = 4.0" if "distance" in load_profile(profile).quantities else ""
    loaded = parse(f'{HEAD}[[kit.k.device]]\nname = "alat"\nprofile = "{profile}"\n{mount}\n{more}', "uji.toml", Path())
    return loaded, next(iter(loaded.plan.devices))


@pytest.mark.parametrize("profile", profile_ids())
def test_every_profile_can_be_simulated(profile: str) -> None:
    """Without a word about processes: a day of readings for all its quantities, within its span."""
    loaded, device = one(profile)
    readings = loaded.world().read(device, device.times(loaded.plan.start, loaded.plan.stop))
    assert readings.sent.keys() == load_profile(profile).quantities.keys()
    for quantity, values in readings.sent.items():
        low, high = device.measures[quantity].span
        assert len(values) == 1440
        assert low <= values.min() <= values.max() <= high


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(MEASURING), st.data())
def test_resolved_values_survive_the_frame(profile: str, data: st.DataObject) -> None:
    """Within half a step, unchanged by doing it again, and for a register exactly what the decoder reads back."""
    _, device = one(profile)
    quantity = data.draw(st.sampled_from(sorted(device.sources)))
    measure = device.measures[quantity]
    exact = data.draw(st.floats(*measure.span, allow_nan=False))
    values = device.resolve(quantity, np.array([exact]))
    again = device.resolve(quantity, values)
    assert again.tolist() == values.tolist()
    model = load_profile(profile)
    if quantity not in ROUND and quantity not in COUNTERS and measure.scale < 1:
        assert abs(values[0] - exact) <= max(measure.scale, 0.1) / 2 + 1e-6
    if isinstance(model, ModbusProfile):
        register = next(r for r in model.registers if r.quantity == quantity)
        assert register.decode(register.encode(float(values[0]))).value == values[0]
    else:
        assert round(values[0] / measure.scale * measure.scale, 6) == round(values[0], 6)


def test_what_lies_outside_stays_at_the_end_and_what_is_missing_stays_missing() -> None:
    """A sensor saturates; a counter rolls over; NaN is no reading."""
    _, level = one("a02yyuw")
    assert level.resolve("distance", np.array([-1.0, 9.9, np.nan]))[:2].tolist() == [0.03, 4.5]
    assert np.isnan(level.resolve("distance", np.array([np.nan]))).all()
    _, rain = one("xunchip-xm9505")
    assert rain.resolve("rain_total", np.array([6553.5, 6553.7]))[1] == pytest.approx(0.1)
    _, vane = one("dfrobot-sen0657")
    assert vane.resolve("wind_direction", np.array([350.0, 359.9, 20.0])).tolist() == [0.0, 0.0, 0.0]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0.03, 4.5), min_size=1, max_size=5), st.sampled_from([True, False]))
def test_delivered_is_what_the_bridge_delivers(distances: list[float], keep: bool) -> None:
    """Calibration and derivation, many at once, as ``kampung_bridge.device.transform`` does it one by one."""
    more = f"""
adjust = {{ distance = {{ gain = 1.01, offset = -0.02 }} }}
derive = [{{ quantity = "water_level", from = "distance", gain = -1.0, offset = 4.0, unit = "m", keep = {str(keep).lower()} }}]
"""
    _, device = one("a02yyuw", more)
    sent = device.resolve("distance", np.array(distances))
    found = device.delivered({"distance": sent})
    for i, value in enumerate(sent.tolist()):
        expected = transform(device.config, [device.measures["distance"].reading(round(value * 1000))])
        assert [Reading(q, v[0][i], device.config.quantities[q], v[1][i]) for q, v in found.items()] == expected
    assert set(device.series) == {f"alat/{q}" for q in found}


def test_readings_lie_on_the_grid_an_edge_keeps() -> None:
    """Whole multiples of the interval, from the first at or after the start to before the stop."""
    _, device = one("xy-md02", 'every = "7 min"')
    times = device.times(1_000_000_000, 1_002_000_000)
    assert np.all(times % (7 * 60_000) == 0)
    assert times[0] >= 1_000_000_000
    assert times[-1] < 1_002_000_000 <= times[-1] + 7 * 60_000
