"""Tickets of a kiosk stand once, as they were told last; figures count what a clock that could be believed has measured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.modules.queueing.figures import Ticket, figures, spread
from kampung_cloud.modules.queueing.kiosks import take_in
from kampung_cloud.modules.queueing.reading import tickets
from kampung_cloud.modules.queueing.section import SECTION
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.models import EventRow
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Scope
from kampung_contract.queue_tickets import TYPE, QueueTickets, TicketTold, event
from sqlalchemy import select

VILLAGE = "35.10.24.2008"
NINE = 1_796_004_000_000
"""30 November 2026, 09.00 WIB."""
MINUTE = 60_000
DAY = date(2026, 11, 30)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = open_records("sqlite:records.db", tmp_path)
    yield records
    records.close()


def told(n: int, wait: int = 10, service: int = 5, **other: Any) -> TicketTold:
    called = NINE + n * MINUTE + wait * MINUTE
    known: dict[str, Any] = {
        "token": f"{n:032x}", "rev": 3, "day": DAY, "number": f"A{n + 1}", "line": "A", "outcome": "served", "title": "Surat", "counter": 1,
        "taken": NINE + n * MINUTE, "called": called, "began": called, "ended": called + service * MINUTE, "calls": 1,
    }  # fmt: skip
    return TicketTold(**(known | other))


def came(records: Records, seq: int, *told: TicketTold, node: str = "kiosk-9", body: dict[str, Any] | None = None) -> None:
    with records.session() as session:
        row = {"node": node, "epoch": "aabb", "seq": seq, "position": 0, "village": VILLAGE, "type": TYPE, "received": NINE + 3_600_000}
        session.add(EventRow(**row, body=body or event(QueueTickets(told))))


def of_day(records: Records) -> list[Ticket]:
    return tickets(records, {VILLAGE}, DAY, DAY).get(VILLAGE, [])


def test_each_ticket_once_as_it_was_told_last(records: Records) -> None:
    late = told(1, rev=5, outcome="served")
    came(records, 1, told(0, rev=2, outcome="absent"), late)
    came(records, 2, told(1, rev=4, outcome="absent"))  # what came late is older
    came(records, 3, told(0, rev=4, outcome="served"), late)  # he came back; and the pack was sent again
    came(records, 4, told(0, rev=9, outcome="left"), node="kiosk-8")  # no other kiosk's to change
    came(records, 5, body={"type": TYPE, "tickets": []})
    assert take_in(records, NINE) == 3 and take_in(records, NINE) == 0
    assert [t.outcome for t in of_day(records)] == ["served", "served"]
    with records.session() as session:
        assert [e.body["taken"] for e in session.scalars(select(EventRow).order_by(EventRow.seq))] == ["counted"] * 4 + ["refused"]


def test_figures_of_a_morning(records: Records) -> None:
    came(
        records,
        1,
        *(told(n, wait=n, service=n + 1) for n in range(1, 12)),
        told(20, outcome="absent", counter=2),
        told(70, line="B", title="Bansos"),
    )
    take_in(records, NINE)
    found = figures(of_day(records))
    whole = found["whole"]
    assert (whole["taken"], whole["served"], whole["absent"]) == (13, 12, 1)
    assert found["lines"][0]["service"] == {"n": 11, "p50": 7.0, "p90": 11.0}
    assert [(h["hour"], h["taken"]) for h in found["hours"]] == [(9, 12), (10, 1)]
    assert [(c["counter"], c["absent"]) for c in found["counters"]] == [(1, 0), (2, 1)]
    assert [(line["line"], line["title"]) for line in found["lines"]] == [("A", "Surat"), ("B", "Bansos")]
    services = SimpleNamespace(records=records)
    november = SECTION.make(services, Scope.of("35.10.24"), Month(2026, 11), NINE)
    assert november is not None and november.paragraphs[0].startswith("13 nomor antrian diambil di kios; 12 dilayani, 1 tidak hadir")
    assert november.tables[0].rows[0][:4] == ("Tamansari", 13, 12, 1)
    assert SECTION.make(services, Scope.of("35.10.25"), Month(2026, 11), NINE) is None
    assert SECTION.make(services, Scope.of(VILLAGE), Month(2026, 10), NINE) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"doubtful": True},
        {"day": date(2099, 1, 1)},
        {"day": date(1970, 1, 1)},
        {"called": NINE - 1},
        {"ended": NINE + 48 * 3_600_000},
        {"taken": 1},
    ],
)
def test_a_wrong_clock_counts_the_person_and_not_the_minutes(records: Records, wrong: dict[str, Any]) -> None:
    came(records, 1, told(0, **wrong), told(1))
    take_in(records, NINE)
    whole = figures(of_day(records))["whole"]
    assert (whole["taken"], whole["doubtful"], whole["wait"]["n"], whole["service"]["n"]) == (2, 1, 1, 1)


@given(st.lists(st.floats(0, 600), max_size=40))
def test_percentiles_lie_between_the_least_and_the_greatest(minutes: list[float]) -> None:
    found = spread([*minutes, None])
    assert found["n"] == len(minutes)
    if minutes:
        assert min(minutes) - 0.1 <= found["p50"] <= found["p90"] <= max(minutes) + 0.1
