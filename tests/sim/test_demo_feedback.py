"""What residents of the simulated village say: complaints that a kiosk takes, and answers that the regency can tell."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.modules.feedback.respondents import profile
from kampung_cloud.modules.feedback.showing import trend
from kampung_cloud.records import open_records
from kampung_contract import complaint as contract
from kampung_sim import demo_feedback

VILLAGE = "35.10.24.2008"
NOVEMBER = 1_796_000_000_000
QUARTERS = ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]


def test_complaints_are_taken_by_a_kiosk_and_given_again_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, Any]] = []

    def post(path: str, body: dict[str, Any]) -> None:
        kind = contract.COMPLAINT if path == "/api/complaints" else contract.SUGGESTION
        found = contract.parse_event(body | {"type": kind, "at": 1})
        assert found is not None and "(contoh)" in found.text
        said.append(body)

    ticket, word = demo_feedback.complain(post).split()
    assert len({each["id"] for each in said}) == len(said) >= 6
    monkeypatch.setattr(contract, "COST", 2)
    assert contract.opening(ticket, word).name and "0812" not in json.dumps([s for s in said if s.get("known") == "nobody"])


def test_answers_of_quarters_that_are_over(tmp_path: Path) -> None:
    """Once, in the columns that the records have; none of the quarter that runs; without a database none."""
    assert demo_feedback.answer(tmp_path / "none.sqlite", VILLAGE, date(2026, 11, 30)) == 0
    records = open_records("sqlite:records.sqlite", tmp_path)
    expected = demo_feedback.QUARTERS * demo_feedback.ANSWERS
    assert demo_feedback.answer(tmp_path / "records.sqlite", VILLAGE, date(2026, 11, 30)) == expected
    assert demo_feedback.answer(tmp_path / "records.sqlite", VILLAGE, date(2026, 11, 30)) == 0
    told = trend(records, 2026, VILLAGE, NOVEMBER)
    assert [(q["quarter"], q["n"]) for q in told] == [(q, demo_feedback.ANSWERS) for q in QUARTERS]
    assert profile(records, 2026, VILLAGE, "2026-Q4")["sex"]
    records.close()
