"""The clock beside the letter: the village's minutes, Dukcapil's apart, as kiosks and the Follow page hear them."""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.calendar import national
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.modules.services.flow.clocks import Step, times
from kampung_cloud.modules.services.flow.states import TITLES
from kampung_cloud.modules.services.models import ServiceRequestRow
from kampung_cloud.modules.services.requests.book import Asked
from kampung_cloud.modules.services.telling_clocks import ToldClocks
from sqlalchemy import select

VILLAGE = "35.10.24.2008"
MONDAY = int(datetime(2026, 11, 30, 8, 30, tzinfo=timezone(timedelta(hours=7))).timestamp() * 1000)
MINUTE = 60_000


def test_a_ktp_s_ten_minutes_end_when_it_is_forwarded(book, records):
    """Seven and a half minutes here, three hours at Dukcapil; told as of the last step, and again only when there is a new one."""
    ref = book.take_in(Asked(VILLAGE, "permohonan-ktp", {"sebab": "Hilang"}, {"nama": "Contoh Warga"}), MONDAY)
    book.act(ref, "take", "petugas", "siti", MONDAY + 50_000)
    told = ToldClocks(records, Catalogue(), national())

    def clock():
        with records.session() as session:
            rows = list(session.scalars(select(ServiceRequestRow).where(ServiceRequestRow.id == ref)))
            session.expunge_all()
        return told.of(rows)[ref]["clock"]

    assert clock() == {"village_minutes": 0, "elsewhere_minutes": 0, "resident_minutes": 0, "limit_minutes": 10, "counting": "village"}
    book.act(ref, "approve", "petugas", "siti", MONDAY + 450_000)
    assert (clock()["village_minutes"], clock()["counting"]) == (7, "elsewhere")
    book.act(ref, "arrived", "petugas", "siti", MONDAY + 450_000 + 180 * MINUTE)
    assert clock() == {"village_minutes": 7, "elsewhere_minutes": 180, "resident_minutes": 0, "limit_minutes": 10, "counting": None}


@given(st.lists(st.tuples(st.sampled_from(sorted(TITLES)), st.integers(0, 40 * MINUTE)), min_size=1, max_size=8))
def test_no_minute_is_counted_twice_and_who_does_not_hold_it_is_not_charged(spans):
    """Together never more than the working minutes from the first step to the last."""
    at, steps = MONDAY, []
    for state, span in spans:
        steps.append(Step(state, at))
        at += span
    spent = times(steps, at, national())
    assert spent.village + spent.resident + spent.elsewhere <= national().minutes(MONDAY, at)
    alone = [Step("checking", s.at) for s in steps]
    assert times(alone, at, national()).village == national().minutes(MONDAY, at)
