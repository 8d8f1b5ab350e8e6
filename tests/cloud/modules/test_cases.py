"""Folders of files: what goes in, what comes out, and why. To add a case, add a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.calculator import find
from kampung_cloud.modules import calculators
from kampung_contract.errors import KampungError

CASES = sorted(p.parent for p in Path(__file__).parent.glob("*/cases/*/WHY"))


def compare(found: Any, expected: Any, where: str = "") -> None:
    """What is expected is there; a number agrees in the digits that are written, text when it holds the words."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert key in found, f"{where}.{key} is missing in {found}"
            compare(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), f"{where}: {found}"
        for i, value in enumerate(expected):
            compare(found[i], value, f"{where}[{i}]")
    elif isinstance(expected, float):
        decimals = len(repr(expected).partition(".")[2])
        assert round(found, decimals) == expected, f"{where}: {found}"
    elif isinstance(expected, str):
        assert expected in str(found), f"{where}: {found!r}"
    else:
        assert found == expected, where


@pytest.mark.parametrize("folder", CASES, ids=[c.name for c in CASES])
def test_case(folder: Path) -> None:
    """Each says why it is there, and what comes out of what goes in."""
    assert len((folder / "WHY").read_text(encoding="utf-8").strip()) > 20
    given = json.loads((folder / "input.json").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expect.json").read_text(encoding="utf-8"))
    try:
        found: Any = find(calculators(), given["calc"]).answer(json.dumps(given["given"]))
    except KampungError as error:
        found = {"error": error.message}
    compare(found, expected)
