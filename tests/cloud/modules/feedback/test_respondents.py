"""What those who answered say of themselves: counted once, told of five at least, and not beside anybody's scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.feedback.models import RespondentRow
from kampung_cloud.modules.feedback.publishing import LEAST
from kampung_cloud.modules.feedback.respondents import profile, take_in, told
from kampung_cloud.records import open_records
from kampung_cloud.records.models import EventRow
from kampung_contract.survey import PROFILE, RESPONDENT, event, new_respondent
from sqlalchemy import select

VILLAGE = "35.10.24.2008"
NOVEMBER = 1_796_000_000_000


def test_counted_once_and_by_the_quarter_in_which_it_can_have_been(tmp_path: Path) -> None:
    records = open_records("sqlite:records.db", tmp_path)
    said = [event(new_respondent(f"{n:032x}", q, {"sex": "P", "age": "30-39" if n else "20-29"})) for n, q in enumerate(["2026-Q4", "2026-Q3", "2099-Q1"] + ["2026-Q3"] * 4)]  # fmt: skip  # noqa: E501
    bodies: list[dict[str, Any]] = [*said, said[0], {"type": RESPONDENT}]
    with records.session() as session:
        for seq, body in enumerate(bodies):
            place = {"node": "kiosk-9", "epoch": "aa", "seq": seq, "position": 0, "village": VILLAGE, "received": NOVEMBER + seq}
            session.add(EventRow(**place, type=RESPONDENT, body=body))
    assert take_in(records) == 7 and take_in(records) == 0
    with records.session() as session:
        assert sorted(r.quarter for r in session.scalars(select(RespondentRow))) == ["2026-Q3"] * 5 + ["2026-Q4"] * 2
        left = [e.body["taken"] for e in session.scalars(select(EventRow).order_by(EventRow.seq))]
    assert left == ["counted"] * 8 + ["refused"]
    assert profile(records, 2026, VILLAGE, "2026-Q4") == {"sex": {"P": 5}, "age": {"30-39": 5}, "schooling": {}, "work": {}}
    assert profile(records, 2026, "35.10.24.2001", "2027-Q1")["sex"] == {}
    records.close()


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(PROFILE["work"]), st.integers(1, 12)))
def test_of_fewer_than_five_nothing_is_told(counts: dict[str, int]) -> None:
    shown = told("work", counts)
    assert all(n >= LEAST for n in shown.values())
    assert sum(counts.values()) - sum(shown.values()) < LEAST


def test_no_two_figures_show_by_their_difference_what_was_left_out(tmp_path: Path) -> None:
    """All villages less those that are told, and the year in October less the year in July: nobody is left over."""
    records = open_records("sqlite:records.db", tmp_path)
    farmers = [(VILLAGE, "2026-Q1")] * 6 + [("35.10.24.2001", "2026-Q1")] * 4 + [(VILLAGE, "2026-Q2")] * 3
    with records.session() as session:
        for n, (place, name) in enumerate(farmers):
            said = {"sex": "", "age": "", "schooling": "", "work": "farmer"}
            session.add(RespondentRow(respondent=f"{n:032x}", village=place, quarter=name, **said))
    for village in (None, VILLAGE):
        for running in ("2026-Q2", "2026-Q3"):
            assert profile(records, 2026, village, running) == {"sex": {}, "age": {}, "schooling": {}, "work": {"farmer": 6}}
    records.close()
