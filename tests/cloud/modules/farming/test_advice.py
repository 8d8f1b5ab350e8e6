"""Readings in, advice out: a folder a case, with why it is there. To add one, add a folder in ``advice/``.

``readings.json``: ``field`` as it is registered (``planted`` as days ago), ``weather`` of every day, ``days`` that differ (by days
ago), and what else the morning knows. ``advice.json``: kinds in order, words that a sentence or its reason holds, colours and numbers.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.calculator import find
from kampung_cloud.modules import calculators
from kampung_cloud.modules.farming import irrigation
from kampung_cloud.modules.farming.advice import water
from kampung_cloud.modules.farming.advice.engine import MOST, advise
from kampung_cloud.modules.farming.advice.morning import Forecast, Leaves, Morning, Wet
from kampung_cloud.modules.farming.balance import Day, Moisture, measured, replay
from kampung_cloud.modules.farming.crops import crop, crops
from kampung_cloud.modules.farming.diseases import diseases
from kampung_cloud.modules.farming.plot import Plot
from kampung_cloud.modules.farming.soils import texture

CASES = sorted(p for p in (Path(__file__).parent / "advice").iterdir() if p.is_dir())
DRY = {"tmin": 23, "tmax": 32, "rhmin": 55, "rhmax": 92, "wind": 1.5, "solar": 19, "rain": 0.0}
"""A day of the dry season on the coast."""
LOOK_BACK = 150


def morning(given: dict[str, Any]) -> Morning:
    """A case's morning."""
    today = date.fromisoformat(given.get("today", "2026-07-20"))

    def ago(days: str | float) -> date:
        return today - timedelta(int(days))

    field = {"crop": "chili", "texture": "loam", "planted": 60, "area": 1000, "flow": 2.0, "name": "Blok timur"} | given.get("field", {})
    planted = None if field["planted"] is None else ago(field["planted"])
    plot = Plot(
        "case", field["name"], crop(field["crop"]), texture(field["texture"]).soil, planted, field["area"], field["flow"],
        target=field.get("target", 6), direct=field.get("direct", False),
    )  # fmt: skip
    usual, days = DRY | given.get("weather", {}), []
    for n in range(min(LOOK_BACK, 100 if field["planted"] is None else field["planted"]), 0, -1):
        found = usual | given.get("days", {}).get(str(n), {})
        days.append(measured(Day(ago(n), **found), -8.2, 20))
    moisture = {ago(n): Moisture(value) for n, value in given.get("moisture", {}).items()}
    irrigated = {ago(n): float(mm) for n, mm in given.get("watered", {}).items()}
    balanced = not plot.crop.flooded and days
    leaves = given.get("leaves")
    return Morning(
        plot, today, days, replay(plot, days, moisture, irrigated) if balanced else (),
        levels=given.get("levels", ()),
        forecast=Forecast(**given["forecast"], source="kasus") if "forecast" in given else None,
        leaves=None if leaves is None else Leaves(ago(leaves["ago"]), tuple(leaves["readings"])),
        wet=Wet(**given["wet"]) if "wet" in given else None,
        conductivity=given.get("conductivity"), ph=given.get("ph"),
        probe_silent_since=ago(given["probe_silent"]) if "probe_silent" in given else None,
        onset=date.fromisoformat(given["onset"]) if "onset" in given else None,
        seen={stage: ago(n) for stage, n in given.get("seen", {}).items()},
        before=frozenset(given.get("before", ())), unwanted={k: today + timedelta(v) for k, v in given.get("unwanted", {}).items()},
    )  # fmt: skip


@pytest.mark.parametrize("folder", CASES, ids=[c.name for c in CASES])
def test_case(folder: Path) -> None:
    """The list is as the case says; every number in it can be reproduced by its calculator."""
    assert len((folder / "WHY").read_text(encoding="utf-8").strip()) > 20
    found = morning(json.loads((folder / "readings.json").read_text(encoding="utf-8")))
    expected = json.loads((folder / "advice.json").read_text(encoding="utf-8"))
    actions = advise(found)
    assert [a.kind for a in actions] == expected["kinds"]
    said = " ".join(f"{a.urgency}: {a.sentence} {a.reason.sentence}" for a in actions)
    for words in expected.get("says", []):
        assert words in said, said
    for words in expected.get("never", []):
        assert words not in said, said
    if "colour" in expected:
        assert found.standings[-1].colour == expected["colour"]
    for action in actions:
        if action.reason.calc:
            find(calculators(), action.reason.calc).answer(json.dumps(action.shown()["reason"]["inputs"]))


def test_at_least_forty_cases() -> None:
    """Each rule of the advice is there."""
    assert len(CASES) >= 40
    read = [json.loads((c / "advice.json").read_text(encoding="utf-8")) for c in CASES]
    assert {
        "water", "water_soon", "paddy", "look", "look.anthracnose", "sterile", "salt", "acid", "read_leaves", "urea", "planting", "plant",
        "harvest", "weather", "probe",
    } <= {kind for case in read for kind in case["kinds"]}  # fmt: skip
    said = " ".join(words for case in read for words in case.get("says", []))
    assert all(disease.title["id"] in said for disease in diseases().values())


WEATHER = st.lists(
    st.fixed_dictionaries(
        {
            "tmin": st.floats(18, 25),
            "tmax": st.floats(26, 38),
            "rhmin": st.floats(30, 80),
            "rhmax": st.floats(81, 100),
            "rain": st.floats(0, 60),
        }
    )
    | st.just({"tmin": None, "tmax": None, "rain": None}),
    min_size=8,
    max_size=8,
)


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(crops())),
    st.integers(0, 200),
    WEATHER,
    st.lists(st.floats(-40, 20), max_size=3),
    st.floats(0, 300),
    st.floats(0, 100),
)
def test_any_morning(name: str, age: int, weather: list[dict[str, Any]], levels: list[float], rain: float, chance: float) -> None:
    """At most three, in order of urgency, each kind once; never more water than is missing; the same morning says the same."""
    given_ = {
        "field": {"crop": name, "planted": age}, "days": {str(n + 1): w for n, w in enumerate(weather)}, "levels": levels,
        "forecast": {"rain": rain, "chance": chance},
    }  # fmt: skip
    found = morning(given_)
    actions = advise(found)
    assert len(actions) <= MOST
    assert [a.rank for a in actions] == sorted(a.rank for a in actions)
    assert len({a.kind for a in actions}) == len(actions)
    assert actions == advise(morning(given_))
    for action in actions:
        if action.kind == "water":
            assert action.reason.numbers["anjuran (mm)"] <= found.standings[-1].depletion + 1e-9


def test_a_cloudy_day_does_not_take_back_a_call_for_water() -> None:
    """Hysteresis: called when RAW would be used up by the evening, it stands down to seven tenths; without a call they are not yet one."""
    begun = stood = 0
    for planted in range(40, 90, 3):
        given_ = {"field": {"planted": planted}, "watered": {"3": 60}}
        found, held = morning(given_), morning(given_ | {"before": ["water"]})
        now = found.standings[-1]
        evening = (now.depletion + sum(s.crop_et for s in found.standings[-3:]) / 3 + irrigation.DOUBT * now.sd) / now.ready
        called = "water" in [a.kind for a in advise(found)]
        assert called == (evening >= 1 or now.colour in ("siram", "stres"))
        assert ("water" in [a.kind for a in advise(held)]) == (evening >= 0.7 or called)
        begun, stood = begun + called, stood + (not called and evening >= 0.7)
    assert begun
    assert stood


def test_a_call_ends_when_half_of_what_was_missing_came() -> None:
    """By pump or rain; with less it stands."""
    dry = {"watered": {"20": 60, "5": 60}, "before": ["water"]}
    missing = morning(dry).standings[-2].depletion
    for part, over in ((0.3, False), (0.9, True)):
        by_pump = morning(dry | {"watered": {**dry["watered"], "1": part * missing}})  # type: ignore[dict-item]
        by_rain = morning(dry | {"days": {"1": {"rain": part * missing}}})
        for found in (by_pump, by_rain):
            assert next(a.reason.inputs["called"] for a in water.propose(found)) is not over
