"""Answers of a kiosk are counted once, and what is told of them tells nobody's own."""

from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.content import Contents
from kampung_cloud.modules.feedback.kiosks import take_in
from kampung_cloud.modules.feedback.models import SurveyRow
from kampung_cloud.modules.feedback.publishing import LEAST, REST, Cell, together, told
from kampung_cloud.modules.feedback.showing import publish, survey, table
from kampung_cloud.records import open_records
from kampung_cloud.records.models import EventRow
from kampung_contract.errors import InvalidEvent
from kampung_contract.survey import TYPE, event, new_survey, parse_event
from kampung_contract.times import quarter
from sqlalchemy import select

VILLAGE = "35.10.24.2008"
NOVEMBER, JANUARY = 1_796_000_000_000, 1_800_000_000_000
"""30 November 2026 and 15 January 2027."""


def title(_village, service):
    return service.upper()


@pytest.fixture
def records(tmp_path):
    records = open_records("sqlite:records.db", tmp_path)
    yield records
    records.close()


def came(records, seq, body, village=VILLAGE):
    with records.session() as session:
        session.add(
            EventRow(node="kiosk-9", epoch="aabb", seq=seq, position=0, village=village, type=TYPE, received=NOVEMBER + seq, body=body)
        )


def test_answers_are_counted_once_and_leave_the_event(records):
    said = event(new_survey("keterangan-usaha", date(2026, 11, 30), [4] * 8 + [3]))
    came(records, 1, said)
    came(records, 2, said)  # sent again in another pack
    came(records, 3, said | {"scores": [5] * 9})
    assert take_in(records, NOVEMBER) == 1 and take_in(records, NOVEMBER) == 0
    with records.session() as session:
        assert [(r.village, r.day, r.u1, r.u9) for r in session.scalars(select(SurveyRow))] == [(VILLAGE, "2026-11-30", 4, 3)]
        left = [e.body for e in session.scalars(select(EventRow).order_by(EventRow.seq))]
    assert left[:2] == [{"type": TYPE, "taken": "counted"}] * 2
    assert left[2]["taken"] == "refused" and "scores" in left[2]["why"]


@pytest.mark.parametrize(("day", "kept"), [("2026-10-15", "2026-10-15"), ("2099-01-01", "2026-11-30"), ("1970-01-01", "2026-11-30")])
def test_a_kiosk_whose_clock_is_wrong_puts_nobody_into_another_year(records, day, kept):
    came(records, 1, event(new_survey("keterangan-usaha", date.fromisoformat(day), [4] * 9)))
    assert take_in(records, NOVEMBER) == 1
    with records.session() as session:
        assert [r.day for r in session.scalars(select(SurveyRow))] == [kept]


def test_the_last_quarter_of_a_year_comes_to_the_kiosks_in_the_next(records):
    for seq in range(5):
        came(records, seq, event(new_survey("keterangan-usaha", date(2026, 11, 30), [3] * 9)))
    take_in(records, NOVEMBER)
    contents = Contents(records, lambda topic, body: None)
    publish(records, contents, JANUARY)
    assert contents.get(VILLAGE, "satisfaction").document["period"] == "2026-Q4"


def test_a_quarter_is_told_when_it_is_over_and_a_service_of_few_with_others(records):
    said = [("keterangan-usaha", 5), ("permohonan-ktp", 3), ("pengantar-skck", 2)]
    for seq, service in enumerate(service for service, n in said for _ in range(n)):
        came(records, seq, event(new_survey(service, date(2026, 11, 30), [3] * 8 + [2])))
    assert take_in(records, NOVEMBER) == 10
    running = survey(records, 2026, VILLAGE, title, NOVEMBER)
    assert (running["running"], running["periods"], running["villages"]) == (10, [], [])
    over = survey(records, 2026, VILLAGE, title, JANUARY)
    assert over["running"] == 0 and [p["period"] for p in over["periods"]] == ["2026", "2026-S2", "2026-Q4"]
    assert [(s["title"], s["n"]) for s in over["periods"][2]["services"]] == [("KETERANGAN-USAHA", 5), ("Layanan lain (digabung)", 5)]
    whole = over["periods"][0]["whole"]
    assert (whole["n"], whole["index"], whole["grade"], whole["lowest"]) == (10, 72.22, "C", "pengaduan")
    assert table(records, 2026, title, JANUARY).splitlines()[1].startswith(f"{VILLAGE};Tamansari;2026-Q4;KETERANGAN-USAHA;5;3.00;")
    assert survey(records, 2026, "35.10.24.2007", title, JANUARY)["periods"] == []


counts = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([f"2026-Q{q}" for q in range(1, 5)]), st.sampled_from("stuv")),
    st.integers(1, 9),
)


@given(counts, st.sampled_from([f"2026-Q{q}" for q in range(1, 5)]))
def test_no_figure_stands_on_fewer_than_the_least(found, running):
    came = [Cell(*key, n, (n,) * 9) for key, n in found.items()]
    shown = told(came, running)
    assert all(c.n >= LEAST and c.quarter < running for c in shown)
    assert len({(c.village, c.quarter, c.service) for c in shown}) == len(shown)
    left = defaultdict(int)
    for c in came:
        if c.quarter < running:
            left[c.village, c.quarter] += c.n
    for c in shown:
        left[c.village, c.quarter] -= c.n
        assert c.service == REST or Cell(c.village, c.quarter, c.service, c.n, c.sums) in came
    assert all(0 <= n < LEAST for n in left.values())
    whole = together(shown)
    assert (whole.n if whole else 0) == sum(c.n for c in shown)


@pytest.mark.parametrize("scores", [[4] * 8, [4] * 10, [0] * 9, [5] * 9, ["4"] * 9, None, "444444444", [4.5] * 9])
def test_what_is_no_answer_is_refused(scores):
    with pytest.raises(InvalidEvent, match="nine scores from 1 to 4"):
        new_survey("keterangan-usaha", date(2026, 11, 30), scores)


def test_quarters_and_other_events():
    assert [quarter(f"2026-{m:02}-15")[-1] for m in range(1, 13)] == list("111222333444")
    assert parse_event({"type": "citizen-report"}) is None
