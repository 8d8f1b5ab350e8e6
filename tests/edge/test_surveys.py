"""The satisfaction survey at the kiosk: after a hand-over, once, and nothing of who answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kampung_contract.errors import InvalidRequest, NotFound, StorageUnavailable
from kampung_contract.service_request import new_reference
from kampung_contract.survey import parse_event, parse_respondent
from kampung_edge.surveys import Surveys

REFERENCE = new_reference()
SCORES = {"scores": [4, 4, 3, 4, 4, 2, 4, 4, 1]}


def told(state: str) -> dict[str, Any]:
    return {"requests": [{"reference": REFERENCE, "service": "keterangan-usaha", "state": state}]}


def test_once_after_the_hand_over_and_not_tied_to_it(tmp_path: Path) -> None:
    stored: list[dict[str, Any]] = []
    surveys = Surveys(tmp_path / "surveys.json", stored.append)
    for document in (None, told("ready")):
        assert not surveys.open(document, REFERENCE)
        with pytest.raises(NotFound, match="setelah layanan diserahkan"):
            surveys.take(document, REFERENCE, SCORES)
    assert surveys.open(told("handed_over"), REFERENCE)
    assert surveys.take(told("handed_over"), REFERENCE.lower().replace("-", ""), SCORES) == {"counted": True}
    again = Surveys(tmp_path / "surveys.json", stored.append)  # the kiosk was switched off
    assert not again.open(told("handed_over"), REFERENCE)
    assert again.take(told("handed_over"), REFERENCE, SCORES) == {"counted": False}
    (body,) = stored
    said = parse_event(body)
    assert said is not None and list(said.scores) == SCORES["scores"] and said.service == "keterangan-usaha"
    assert REFERENCE not in json.dumps(body) + (tmp_path / "surveys.json").read_text()
    assert set(body) == {"type", "survey", "service", "day", "scores"}


def test_what_is_no_answer_is_refused_and_a_full_disk_counts_nothing(tmp_path: Path) -> None:
    def full(_event: dict[str, Any]) -> None:
        raise StorageUnavailable("nothing can be saved now")

    surveys = Surveys(tmp_path / "surveys.json", full)
    for body in ({}, {"scores": [4] * 8}, {"scores": [9] * 9}):
        with pytest.raises(InvalidRequest, match="nine scores"):
            surveys.take(told("handed_over"), REFERENCE, body)
    with pytest.raises(StorageUnavailable):
        surveys.take(told("handed_over"), REFERENCE, SCORES)
    assert surveys.open(told("handed_over"), REFERENCE)
    (tmp_path / "surveys.json").write_text("{broken")
    assert Surveys(tmp_path / "surveys.json", full).open(told("handed_over"), REFERENCE)


def test_a_kiosk_that_was_killed_in_between_sends_the_same_id_again(tmp_path: Path) -> None:
    """The answers were in the spool and the file that says so was not: the regency counts an id once. No other kiosk gives the same id."""
    stored: list[dict[str, Any]] = []
    Surveys(tmp_path / "surveys.json", stored.append).take(told("handed_over"), REFERENCE, SCORES)
    (tmp_path / "surveys.json").unlink()
    assert Surveys(tmp_path / "surveys.json", stored.append).take(told("handed_over"), REFERENCE, SCORES) == {"counted": True}
    (tmp_path / "other").mkdir()
    Surveys(tmp_path / "other" / "surveys.json", stored.append).take(told("handed_over"), REFERENCE, SCORES)
    first, again, other = (body["survey"] for body in stored)
    assert first == again != other
    assert (tmp_path / "surveys.key").stat().st_mode & 0o077 == 0


def test_what_somebody_says_of_himself_is_apart_from_his_answers(tmp_path: Path) -> None:
    stored: list[dict[str, Any]] = []
    surveys = Surveys(tmp_path / "surveys.json", stored.append)
    with pytest.raises(NotFound, match="belum dijawab"):
        surveys.describe(told("handed_over"), REFERENCE, {"sex": "P"})
    surveys.take(told("handed_over"), REFERENCE, SCORES)
    for wrong in ({}, {"sex": ""}, {"sex": "X"}, {"age": 31}):
        with pytest.raises(InvalidRequest):
            surveys.describe(told("handed_over"), REFERENCE, wrong)
    assert surveys.describe(told("handed_over"), REFERENCE, {"sex": "P", "work": "farmer", "name": "Contoh"}) == {"counted": True}
    assert surveys.describe(told("handed_over"), REFERENCE, {"sex": "L"}) == {"counted": False}
    answers, person = stored
    assert parse_respondent(person).work == "farmer"
    assert set(person) == {"type", "respondent", "quarter", "sex", "work"} and person["respondent"] != answers["survey"]
