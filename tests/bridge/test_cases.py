"""cases/<profile>/*.txt: `>` lines are hex in, `<` lines the JSON objects that must come out. To add a case, add a file."""

import json
from pathlib import Path

import pytest
from kampung_bridge.main import app
from kampung_bridge.profile import profile_ids
from typer.testing import CliRunner

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_case(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    heard = "\n".join(line[1:] for line in lines if line.startswith(">"))
    result = CliRunner().invoke(app, ["decode", "--device", file.parent.name], input=heard)
    assert result.exit_code == 0, result.output
    assert [json.loads(line) for line in result.stdout.splitlines()] == [json.loads(line[1:]) for line in lines if line.startswith("<")]


def test_every_profile_has_a_case() -> None:
    assert {file.parent.name for file in [*FILES, *CASES.glob("*/*.switch")]} == set(profile_ids())
