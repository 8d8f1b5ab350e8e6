"""What the documentation says of scenarios is so: its examples load, its code runs, its names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kampung_sim.scenario.faults.catalogue import KINDS, Layer
from kampung_sim.scenario.load import load, parse

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
README = (ROOT / "simulators" / "kampung_sim" / "scenario" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.S)


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda t: t.split('"')[1])
def test_the_examples_load(text: str, tmp_path: Path) -> None:
    """As they stand."""
    (tmp_path / "muka-air.csv").write_text("jam,tinggi (cm)\n2026-01-01T00:00,120\n2026-01-01T01:00,140\n", encoding="utf-8")
    loaded = parse(text, "docs/scenarios.md", tmp_path)
    assert loaded.plan.readings() > 0
    assert not [n for n in loaded.notes if "tidak" in n]


def test_the_code_for_runners_runs() -> None:
    """Every line of it."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    plan = load(Path("banjir-licin")).plan
    exec(compile(code, "README.md", "exec"), {"Path": Path, "start": plan.start, "stop": plan.start + 3_600_000, "Layer": Layer})


def test_every_fault_is_in_the_table_of_who_carries_it_out() -> None:
    """In the row of its layer."""
    rows = {row.split("|")[1].strip(): row for row in README.splitlines() if row.startswith("| ")}
    for kind in KINDS.values():
        assert kind.name in rows[kind.layer.value], kind.name
