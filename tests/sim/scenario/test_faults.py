"""Faults: what each does to values, frames and clocks, within its time and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_sim.scenario.dice import Dice
from kampung_sim.scenario.faults.catalogue import KINDS, Layer, contradict
from kampung_sim.scenario.faults.clock import told
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.faults.frame import Frames, collided, garbled, truncated
from kampung_sim.scenario.faults.value import LOSES_READING, spoil
from kampung_sim.scenario.inject import aim, by_key
from kampung_sim.scenario.load import load, parse
from kampung_sim.scenario.times import HOUR, MINUTE

T = np.arange(0, 10 * HOUR, MINUTE)
TRUE = 20 + 5 * np.sin(T / HOUR)
ON = (T >= 2 * HOUR) & (T < 5 * HOUR)
VALUE = [k.name for k in KINDS.values() if k.layer is Layer.VALUE]


def spoiled(kind: str, **parameters: float) -> np.ndarray:
    """One fault from 2 to 5 o'clock."""
    effect = Effect(kind, 2 * HOUR, 5 * HOUR, 0, parameters)
    return spoil([effect], "x", T, TRUE, Dice.of(1), lambda at: float(TRUE[at // MINUTE]), frames=kind in LOSES_READING)


@pytest.mark.parametrize("kind", [*VALUE, *LOSES_READING])
def test_nothing_happens_outside_its_time(kind: str) -> None:
    """Before and after, bit for bit the true value; within, at least one is changed or missing."""
    found = spoiled(kind)
    np.testing.assert_array_equal(found[~ON], TRUE[~ON])
    assert not np.array_equal(found[ON], TRUE[ON])


def test_each_value_fault_by_its_definition() -> None:
    """Dropout, stuck, drift, spike, noise, bias."""
    assert np.isnan(spoiled("dropout")[ON]).all()
    assert 0.4 < np.isnan(spoiled("dropout", share=0.5)[ON]).mean() < 0.6
    assert set(spoiled("stuck")[ON]) == {TRUE[120]}
    np.testing.assert_allclose(spoiled("drift", per_hour=2.0)[ON] - TRUE[ON], 2.0 * (T[ON] - 2 * HOUR) / HOUR)
    spikes = np.abs(spoiled("spike", size=9.0, share=0.2)[ON] - TRUE[ON])
    assert np.all(np.isclose(spikes, 0) | np.isclose(spikes, 9))
    assert 0.1 < (spikes > 1).mean() < 0.3
    noise = spoiled("noise", deviation=3.0)[ON] - TRUE[ON]
    assert 2.4 < noise.std() < 3.6
    np.testing.assert_allclose(spoiled("bias", gain=1.1, offset=-2)[ON], TRUE[ON] * 1.1 - 2)


def test_faults_add_up_and_only_touch_their_quantities() -> None:
    """Drift under bias; a fault of another quantity changes nothing."""
    drift = Effect("drift", 0, 10 * HOUR, 0, {"per_hour": 1.0})
    bias = Effect("bias", 0, 10 * HOUR, 1, {"gain": 2.0, "offset": 0.0})
    both = spoil([drift, bias], "x", T, TRUE, Dice.of(1), lambda _at: 0.0)
    np.testing.assert_allclose(both, (TRUE + T / HOUR) * 2)
    other = Effect("dropout", 0, 10 * HOUR, 0, {}, ("y",))
    np.testing.assert_array_equal(spoil([other], "x", T, TRUE, Dice.of(1), lambda _at: 0.0), TRUE)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 2**32), st.integers(1, 8))
def test_damage_to_frames(frame: bytes, seed: int, bits: int) -> None:
    """Cut is a true beginning; garbled differs in exactly so many bits; two at once never set a bit that neither had."""
    dice = Dice.of(seed)
    cut = truncated(frame, dice)
    assert frame.startswith(cut)
    assert len(cut) < len(frame)
    bad = garbled(frame, bits, dice)
    assert sum((a ^ b).bit_count() for a, b in zip(frame, bad, strict=True)) == bits
    assert garbled(frame, bits, dice) == bad
    assert all(c & ~a == 0 for a, c in zip(frame, collided(frame, bad), strict=True))


def through(kind: str, **parameters: float) -> list[bytes]:
    """Frames 0 to 99, a second apart, with a fault from 20 to 80 s."""
    frames = Frames([Effect(kind, 20_000, 80_000, 0, parameters)], Dice.of(2))
    out = [sent for i in range(100) for sent in frames.send(encode_a02yyuw(1000 + i), i * 1000)]
    return [*out, *frames.rest()]


def test_frames_on_their_way() -> None:
    """Doubled, overtaken, cut, garbled, collided: within the fault's time, and nothing is held back for ever."""
    whole = [encode_a02yyuw(1000 + i) for i in range(100)]
    doubled = through("duplicate")
    assert len(doubled) == 160
    assert sorted(set(doubled)) == sorted(whole)
    swapped = through("reorder", share=0.3)
    assert swapped != whole
    assert sorted(swapped) == sorted(whole)
    assert all(abs(swapped.index(f) - i) <= 1 for i, f in enumerate(whole))
    for kind in ("truncated-frame", "garbled-frame", "address-collision"):
        found = through(kind)
        assert [f for f in found if f in whole] == whole[:20] + whole[80:], kind
        assert found == through(kind)


def test_a_clock_that_is_off_is_right_again() -> None:
    """A step is there at once, a skew grows; both end."""
    step = Effect("clock-step", 2 * HOUR, 3 * HOUR, 0, {"seconds": -90.0})
    skew = Effect("clock-skew", 4 * HOUR, 6 * HOUR, 1, {"ppm": 1000.0})
    off = told([step, skew], T) - T
    assert set(off[(T >= 2 * HOUR) & (T < 3 * HOUR)]) == {-90_000}
    assert off[T == 5 * HOUR] == 3_600
    assert set(off[(T < 2 * HOUR) | ((T >= 3 * HOUR) & (T <= 4 * HOUR)) | (T >= 6 * HOUR)]) == {0}


def test_the_catalogue_is_whole() -> None:
    """The twenty-one that were asked for, each with a key of its own; contradictions go both ways."""
    asked = (
        "dropout stuck drift spike noise bias clock-skew clock-step duplicate reorder truncated-frame garbled-frame address-collision "
        "port-unplugged link-down slow-link lossy-link broker-restart edge-power-cut disk-full printer-out-of-paper"
    )
    assert sorted(KINDS) == sorted(asked.split())
    keys = [k.key for k in KINDS.values()]
    assert len(set(keys)) == len(keys)
    assert not {"q", "?", " "} & set(keys)
    assert contradict("stuck", "drift")
    assert contradict("drift", "stuck")
    assert contradict("noise", "noise")
    assert not contradict("drift", "noise")
    for kind in KINDS.values():
        assert all(p.low <= p.default <= p.high for p in kind.parameters.values()), kind.name


def test_keys_make_effects() -> None:
    """A key of the catalogue gives its kind; a key of the scenario's calendar gives that fault as it is written there."""
    plan = load(Path("latihan-teknisi")).plan
    effect = by_key(plan, "d", plan.start + HOUR, 0)
    assert effect is not None
    assert (effect.kind, effect.begin, effect.end) == ("dropout", plan.start + HOUR, plan.start + HOUR + 30 * MINUTE)
    assert by_key(plan, "!", plan.start, 0) is None
    text = """
name = "x"
seed = 1
start = 2026-11-21T00:00:00
duration = "1 d"
[[place]]
villages = "35.10.24.2008"
kit = "kios-dasar"
[[fault]]
kind = "bias"
key = "d"
devices = "udara-1"
with = { offset = 9 }
"""
    own = parse(text, "x.toml", Path())
    node = own.plan.nodes[0].name
    assert aim(own.plan, "d", node, "tanah-1") == ((node, "", "udara-1"),)
    assert aim(own.plan, "s", node, "tanah-1") == ((node, "", "tanah-1"),)
    assert aim(own.plan, "u", node) == ((node, "rs485", ""), (node, "kali-1", ""))
    assert aim(own.plan, "l", node, "tanah-1") == ((node, "", ""),)
    assert aim(own.plan, "m", node) == (("", "", ""),)
    assert aim(own.plan, "!", node) == ()
    device = next(d for d in own.plan.devices if d.name == "udara-1")
    made = by_key(own.plan, "d", own.plan.start + HOUR, 3)
    assert made is not None
    assert (made.kind, made.number, made.end) == ("bias", 4, own.plan.stop)
    t = device.times(own.plan.start, own.plan.start + 2 * HOUR)
    readings = own.world().read(device.with_effect(made), t)
    difference = readings.sent["air_temperature"] - readings.true["air_temperature"]
    np.testing.assert_allclose(difference[:60], 0)
    np.testing.assert_allclose(difference[60:], 9, atol=0.051)
