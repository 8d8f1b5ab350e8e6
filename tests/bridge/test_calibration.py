"""Coefficients from reference measurements, and `calibrate`, which writes them into an edge's file."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_bridge.calibration import Adjust, calibrate, to_toml
from kampung_bridge.config import DeviceConfig
from kampung_bridge.edge_file import EdgeFile
from kampung_bridge.error import BadFileError, BadValueError
from kampung_bridge.main import app
from pydantic import ValidationError
from typer.testing import CliRunner

FILE = """# the kiosk of Tamansari
village = "35.10.24.2008"
[broker]
password = "s3cret"   # not ours to touch

[[port]]
url = "/dev/a"
[[port.device]]
name = "soil-1"
profile = "dfrobot-sen0600"
title = "Sawah"   # as people call it

[[port.device]]
name = "soil-2"
profile = "dfrobot-sen0600"
address = 2
adjust = { soil_moisture = { gain = 1.5 } }

[[port]]
url = "/dev/b"
[[port.device]]
name = "river-1"
profile = "a02yyuw"
[port.device.derive]
quantity = "water_level"
from = "distance"
gain = -1
offset = 3.0
unit = "m"
"""


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert "Traceback" not in result.stderr
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "edge.toml"
    path.write_text(FILE, "utf-8")
    path.chmod(0o640)
    return path


@pytest.mark.parametrize(
    ("shown", "true", "method", "expected"),
    [
        ([31.2], [30.0], "offset", (1.0, -1.2, "offset")),
        ([50.0], [60.0], "gain", (1.2, 0.0, "gain")),
        ([4.2, 6.9], [4.01, 7.0], "offset", (round(2.99 / 2.7, 9), round(4.01 - 2.99 / 2.7 * 4.2, 9), "two-point")),
    ],
)
def test_calibration(shown: list[float], true: list[float], method, expected: tuple[float, float, str]) -> None:
    adjust = calibrate(shown, true, method, by="Budi")
    assert (adjust.gain, adjust.offset, adjust.method) == expected
    assert adjust.points == tuple(zip(shown, true, strict=True))
    assert Adjust.model_validate(tomllib.loads(to_toml("ph", adjust))["port"]["device"]["adjust"]["ph"]) == adjust


def test_a_gain_at_zero_is_refused() -> None:
    with pytest.raises(BadValueError, match="cannot be found at 0"):
        calibrate([0.0], [1.0], "gain")


ordinary = st.floats(-1e5, 1e5).map(lambda x: round(x, 3))


@given(st.tuples(ordinary, ordinary), st.tuples(ordinary, ordinary), ordinary)
def test_what_was_calibrated_can_be_undone(one: tuple[float, float], two: tuple[float, float], shown: float) -> None:
    """Whatever two points give is a calibration that passes through them, or is refused; and it can be undone."""
    try:
        adjust = calibrate([one[0], two[0]], [one[1], two[1]])
    except BadValueError:
        return
    for before, after in (one, two):
        assert adjust.applied(before) == pytest.approx(after, abs=1e-6 * max(1, abs(before), abs(after)))
    assert adjust.undone(adjust.applied(shown)) == pytest.approx(shown, abs=1e-8 / abs(adjust.gain) + 1e-9 * abs(shown))


def test_points_alone_give_the_coefficients() -> None:
    assert Adjust(method="offset", points=((31.2, 30.0),)).offset == -1.2
    assert Adjust(gain=1.1, points=((1.0, 9.0),)).method == "given"  # a record of what was seen, no claim


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"gain": 0}, "gain = 0 would make every value the same"),
        ({"gain": float("inf")}, "finite"),
        ({"method": "two-point", "points": [[1, 2]]}, "1 points for method two-point"),
        ({"method": "two-point", "points": [[1, 2], [1, 3]]}, "both points are alike"),
        ({"method": "gain"}, "0 points for method gain"),
        ({"method": "offset", "points": [[1, 2]], "offset": 2.0}, "make 3 of 1, and the point says 2"),
        ({"method": "offset", "points": [["a", 2]]}, "valid number"),
        ({"points": 3}, "valid tuple"),
    ],
)
def test_a_calibration_that_contradicts_itself_is_refused(table: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Adjust.model_validate(table)


def test_a_derivation_that_cannot_be_undone_is_refused() -> None:
    derive = {"quantity": "water_level", "from": "distance", "gain": 0, "unit": "m"}
    with pytest.raises(ValidationError, match="would make every water_level the same"):
        DeviceConfig.model_validate({"name": "river-1", "profile": "a02yyuw", "derive": derive})


def test_calibrate_prints_a_table_to_paste() -> None:
    code, out, _ = run("calibrate", "--device", "atlas-ezo-ph", "--quantity", "ph", "--shown", 7.2, "--true", 7.0)
    assert (code, out.splitlines()[:3]) == (0, ["[port.device.adjust.ph]", "gain = 1.0", "offset = -0.2"])


@pytest.mark.parametrize(("name", "quantity"), [("soil-1", "soil_moisture"), ("soil-2", "soil_temperature"), ("river-1", "distance")])
def test_calibrate_writes_into_the_file(file: Path, name: str, quantity: str) -> None:
    """Only the table is new; comments, order, mode and the rest stay, and it can be done again."""
    code, out, err = run(
        "calibrate", "--config", file, "--name", name, "--quantity", quantity, "--shown", 1, "--true", 2, "--by", 'Budi "B"'
    )
    assert code == 0, err
    assert "takes it at its next start" in out
    adjust = EdgeFile(file).device(name).adjust[quantity]
    assert (adjust.offset, adjust.method, adjust.points, adjust.by) == (1.0, "offset", ((1.0, 2.0),), 'Budi "B"')
    assert adjust.at is not None
    text = file.read_text("utf-8")
    assert set(FILE.splitlines()) - set(text.splitlines()) <= {"adjust = { soil_moisture = { gain = 1.5 } }"}
    assert file.stat().st_mode & 0o777 == 0o640
    assert run("calibrate", "--config", file, "--name", name, "--quantity", quantity, "--shown", 1, "--true", 3)[0] == 0
    assert EdgeFile(file).device(name).adjust[quantity].offset == 2.0
    assert [p.name for p in file.parent.iterdir()] == ["edge.toml"]


def test_values_from_the_kiosk_are_taken_back_first(file: Path) -> None:
    """The kiosk shows 45 where the device showed 30: the new calibration is one of 30."""
    common = ("calibrate", "--config", file, "--name", "soil-2", "--quantity", "soil_moisture", "--shown", 45, "--true", 33)
    assert run(*common, "--shown-on-kiosk")[0] == 0
    assert EdgeFile(file).device("soil-2").adjust["soil_moisture"].points == ((30.0, 33.0),)
    assert "add --shown-on-kiosk" in run(*common)[1]


@pytest.mark.parametrize(
    ("name", "quantity", "message"),
    [("soil-9", "ph", "the file has soil-1, soil-2, river-1"), ("soil-1", "ph", "it has soil_moisture, soil_temperature")],
)
def test_what_is_not_in_the_file_is_told(file: Path, name: str, quantity: str, message: str) -> None:
    code, _, err = run("calibrate", "--config", file, "--name", name, "--quantity", quantity, "--shown", 1, "--true", 2)
    assert (code, message in err) == (2, True), err
    assert file.read_text("utf-8") == FILE


def test_a_file_that_cannot_be_written_stays_as_it_was(file: Path) -> None:
    known = EdgeFile(file)
    file.rename(file.with_suffix(".moved"))
    with pytest.raises(BadFileError, match="the file is as it was"):
        known.calibrate("soil-1", "soil_moisture", Adjust(offset=1.0))
    assert [p.name for p in file.parent.iterdir()] == ["edge.moved"]
