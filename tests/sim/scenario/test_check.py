"""``kampung-sim check``: every mistake with its line, value and remedy. A case is a file in mistakes/: add one, and it is tested.

In a case, ``# !! text`` at the end of a line says that a mistake is told on that line whose message holds the text; several with ``|``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_sim.main import cli
from kampung_sim.scenario.load import load, packaged, parse
from kampung_sim.scenario.mistake import InvalidScenario
from kampung_sim.scenario.times import duration, say
from typer.testing import CliRunner

CASES = sorted((Path(__file__).parent / "mistakes").glob("*.toml"))
MARK = "# !! "


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_every_mistake_is_told_on_its_line(case: Path) -> None:
    """Those that are marked, all of them, and no other."""
    expected = [
        (n, part.strip())
        for n, line in enumerate(case.read_text(encoding="utf-8").splitlines(), start=1)
        if MARK in line
        for part in line.partition(MARK)[2].split("|")
    ]
    with pytest.raises(InvalidScenario) as caught:
        load(case)
    told = [(m.line, m.text("x")) for m in caught.value.mistakes]
    for line, part in expected:
        assert any(at == line and part in text for at, text in told), f"line {line}: {part!r} is not among\n{caught.value.message}"
    unexpected = [text for at, text in told if not any(at == line and part in text for line, part in expected)]
    assert not unexpected


def test_the_command_ends_with_2_and_no_traceback() -> None:
    """A broken file, a missing file, a folder and no TOML at all; the first with the real program."""
    program = [sys.executable, "-m", "kampung_sim.main", "check", str(CASES[0])]
    ended = subprocess.run(program, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert f"{CASES[0]}:" in ended.stderr
    assert "Traceback" not in ended.stderr
    for argument, part in (
        ("tidak-ada.toml", "packaged scenarios are asap"),
        ("/tmp", "cannot be read"),
        (__file__, "not TOML"),
    ):
        said = CliRunner().invoke(cli, ["check", argument])
        assert said.exit_code == 2, argument
        assert part in said.output


TEXTS = [f.read_text(encoding="utf-8").splitlines() for f in (*packaged("scenarios").values(), *CASES)]
ODD = ['"x"', "-1", "1e308", "nan", "[]", "{}", "[[1]]", "true", "2026-11-21", "06:00:00", '"+1 h"', '"1 h"', '"all"', '""', "{ x = 1 }"]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_no_file_breaks_it(data: st.DataObject) -> None:
    """Scenarios with lines lost, doubled, moved and given odd values: loaded, or mistakes that are told on lines there are."""
    lines = list(data.draw(st.sampled_from(TEXTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["lose", "double", "move", "value"])):
            case "lose" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(data.draw(st.integers(0, len(lines))), lines[at])
            case "move":
                lines.append(lines.pop(at))
            case _:
                lines[at] = f"{lines[at].partition('=')[0]}= {data.draw(st.sampled_from(ODD))}"
    try:
        parse("\n".join(lines), "x.toml", Path("/nonexistent"))
    except InvalidScenario as error:
        assert error.mistakes
        assert all(1 <= m.line <= len(lines) + 1 for m in error.mistakes)


def test_the_list_names_everything() -> None:
    """``kampung-sim scenarios``: scenarios, kits, faults with their keys and parameters."""
    said = CliRunner().invoke(cli, ["scenarios"]).output
    for name in ("banjir-licin", "kios-20", "garbled-frame", "per_hour = 0.2"):
        assert name in said


@pytest.mark.parametrize(("text", "ms"), [("90 s", 90_000), ("2 d 6 h", 194_400_000), ("1.5 h", 5_400_000), ("1w", 604_800_000)])
def test_durations(text: str, ms: int) -> None:
    """With their unit, in any combination, and said again."""
    assert duration(text) == ms
    assert duration(say(ms)) == ms


@pytest.mark.parametrize("text", ["5", 5, "", "h", "-3 h", "3 hours", "1 h x", "0 s", True])
def test_what_is_no_duration(text: object) -> None:
    """A bare number has no unit."""
    with pytest.raises(ValueError, match="write a number with its unit"):
        duration(text)
