"""Events that are counted once: what one kiosk sends keeps no other's from being counted, whatever the database is."""

from __future__ import annotations

from pathlib import Path

from kampung_cloud.counted_events import count
from kampung_cloud.events import keep
from kampung_cloud.modules.feedback.kiosks import cells, take_in
from kampung_cloud.records import open_records
from kampung_cloud.records.models import EventRow
from kampung_contract.pack import Clock, Pack
from kampung_contract.survey import TYPE
from sqlalchemy import select

VILLAGE, NOVEMBER = "35.10.24.2008", 1_796_000_000_000


def test_a_nul_in_one_event_holds_up_no_other(tmp_path: Path, records_url: str) -> None:
    """PostgreSQL refuses a question about a JSON that holds one, wherever in it that is."""
    good = {"type": TYPE, "survey": "a" * 32, "service": "skck", "day": "2026-11-29", "scores": [3] * 9}
    bad = {"type": TYPE, "x": [{"\0": "\0"}]}
    pack = Pack(1, "aa", 1, "b00t", Clock(True, 1), [], [bad, good, {"type": "quite \0 other", "x": "\\u0000"}])
    records = open_records(records_url, tmp_path)
    with records.session() as session:
        keep(session, [(VILLAGE, "kiosk-9", pack, NOVEMBER)])
    assert take_in(records, NOVEMBER) == 1 and take_in(records, NOVEMBER) == 0
    assert [cell.n for cell in cells(records, 2026)] == [1]
    assert count(records, "quite \ufffd other", lambda _session, _event: 1, "uji") == 1
    with records.session() as session:
        taken = [event.body["taken"] for event in session.scalars(select(EventRow).order_by(EventRow.position))]
    assert taken == ["refused", "counted", "counted"]
    records.close()
