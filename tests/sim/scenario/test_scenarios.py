"""The packaged scenarios and kits: each passes check, fits the schema, and gives plausible readings."""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from kampung_contract.quantities import catalogue
from kampung_sim.main import cli
from kampung_sim.scenario.faults.catalogue import KINDS
from kampung_sim.scenario.load import load, packaged, packaged_kit
from kampung_sim.scenario.locate import Places
from kampung_sim.scenario.schema import FOLDER, render, schemas
from kampung_sim.scenario.times import DAY, HOUR
from typer.testing import CliRunner

SCENARIOS, KITS = packaged("scenarios"), packaged("kits")


def plain(value: Any) -> Any:
    """As JSON has it: times are texts."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def test_the_schema_files_are_current() -> None:
    """``python -m kampung_sim.scenario.schema`` renews them."""
    for name, schema in schemas().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == render(schema), name
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", [*SCENARIOS, *KITS])
def test_files_fit_the_schema_and_an_editor_finds_it(name: str) -> None:
    """Each names its schema in the first line, and fits it; a wrong key does not."""
    text = (SCENARIOS.get(name) or KITS[name]).read_text(encoding="utf-8")
    schema = "scenario.json" if name in SCENARIOS else "kit.json"
    assert text.startswith(f"#:schema ../../schema/{schema}\n")
    table = plain(tomllib.loads(text))
    validator = jsonschema.Draft202012Validator(json.loads((FOLDER / schema).read_text(encoding="utf-8")))
    assert not list(validator.iter_errors(table))
    assert list(validator.iter_errors(table | {"warna": 1}))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_packaged_scenario_passes_check(name: str) -> None:
    """``kampung-sim check NAME`` says what it holds; its name is the file's; every line of it can be found again."""
    said = CliRunner().invoke(cli, ["check", name])
    assert said.exit_code == 0, said.output
    loaded = load(Path(name))
    assert loaded.scenario.name == name
    assert loaded.scenario.title in said.output
    assert not [n for n in loaded.notes if "tidak" in n]
    text = SCENARIOS[name].read_text(encoding="utf-8")
    places, lines = Places(text), text.splitlines()
    for path, key in paths(tomllib.loads(text), ()):
        assert path in places
        assert key in lines[places.line(path) - 1], path


def paths(value: Any, base: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    """Every key of a file, with the text its line must hold."""
    out = []
    if isinstance(value, dict):
        for key, inner in value.items():
            out += [((*base, key), key), *paths(inner, (*base, key))]
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for i, inner in enumerate(value):
            out += paths(inner, (*base, i))
    return out


@pytest.mark.parametrize("name", SCENARIOS)
def test_its_readings_are_plausible(name: str) -> None:
    """The first nodes of each, through all its time: true values within the catalogue's range and the devices' span."""
    loaded = load(Path(name))
    world, plan = loaded.world(), loaded.plan
    for node in plan.nodes[:2]:
        for device in node.devices:
            t = np.arange(plan.start, plan.stop, max(device.every, (plan.stop - plan.start) // 500))
            true = world.true(device, t)
            for quantity, values in true.items():
                about = catalogue()[quantity]
                assert about.low <= values.min() <= values.max() <= about.high, (device.name, quantity)


def test_the_training_has_every_fault_once() -> None:
    """``latihan-teknisi``: twenty-one kinds."""
    assert sorted(f.kind for f in load(Path("latihan-teknisi")).scenario.fault) == sorted(KINDS)


def test_the_regency_is_whole() -> None:
    """217 villages, one kiosk and twenty devices each, in a few lines, every node's name its own."""
    loaded = load(Path("kabupaten-217"))
    assert len(loaded.plan.nodes) == 217 == len({n.name for n in loaded.plan.nodes}) == len({n.village.code for n in loaded.plan.nodes})
    assert {len(n.devices) for n in loaded.plan.nodes} == {20}
    lines = [x for x in SCENARIOS["kabupaten-217"].read_text(encoding="utf-8").splitlines() if x and not x.startswith("#")]
    assert len(lines) < 12


def test_the_flood_travels_down_the_river() -> None:
    """From Tamansari to the mouth each gauge peaks later than the one above it, and the town's rises by more than half a metre."""
    loaded = load(Path("banjir-licin"))
    world, plan = loaded.world(), loaded.plan
    peaks = []
    for code in ("35.10.24.2008", "35.10.15.2012", "35.10.15.2010", "35.10.16.1010", "35.10.16.1008"):
        device = next(d for n in plan.nodes if n.village.code == code for d in n.devices if d.name == "kali-1")
        t = device.times(plan.start, plan.stop)
        level = device.delivered(world.true(device, t))["water_level"][0]
        peaks.append((int(t[np.argmax(level)]), float(level.max() - level[0])))
    assert [p for p, _ in peaks[2:]] == sorted(p for p, _ in peaks[2:])
    assert peaks[-1][0] - peaks[0][0] > 90 * 60_000
    assert all(rise > 0.5 for _, rise in peaks)


def test_the_drought_dries_the_soil() -> None:
    """Four weeks: soil water falls in each, below half of what plants can take."""
    loaded = load(Path("kekeringan"))
    device = next(d for d in loaded.plan.devices if d.name == "kebun-1")
    t = np.arange(loaded.plan.start, loaded.plan.stop, 6 * HOUR)
    moisture = loaded.world().true(device, t)["soil_moisture"]
    weekly = moisture[2 :: 7 * DAY // (6 * HOUR)]
    assert np.all(np.diff(weekly) < 0)
    assert weekly[0] > 20
    assert moisture[-1] < 13.5


def test_every_packaged_kit_says_what_it_is() -> None:
    """A title, and devices."""
    for name in KITS:
        assert packaged_kit(name).title


def test_a_radio_hears_the_gauge_upstream() -> None:
    """The same water as that gauge's own sensor shows, in the radio's millimetres; the kiosk is the lower village's."""
    loaded = load(Path("banjir-tiga-desa"))
    world, devices = loaded.world(), {(d.node, d.name): d for d in loaded.plan.devices}
    t = np.arange(loaded.plan.start + 2 * HOUR, loaded.plan.start + 3 * HOUR, 600_000, dtype=np.int64)
    radio, gauge = devices["tengah-1", "radio-hulu"], devices["hulu-1", "kali-1"]
    heard, seen = world.true(radio, t)["water_level"], 4.4 - world.true(gauge, t)["distance"]
    assert (radio.node, loaded.plan.node("tengah-1").village.code) == ("tengah-1", "35.10.15.2012")
    assert heard == pytest.approx(seen, abs=0.002)
    assert heard.max() > 1.5
