"""What a refused request said comes along when the records' keys change."""

from __future__ import annotations

import base64
from pathlib import Path

from kampung_cloud.modules import kept
from kampung_cloud.records import open_records
from kampung_cloud.records.models import EventRow
from kampung_cloud.refused_events import RefusedEvents, context
from kampung_cloud.resealing import left, reseal
from kampung_cloud.sealing import Keyring
from kampung_contract.service_request import TYPE


def test_under_the_new_key_alone(tmp_path: Path) -> None:
    """After a change of keys and the old one's end it is read with the new; what was taken, or sealed by nobody, is left alone."""
    records = open_records("sqlite:records.db", tmp_path)
    ring = Keyring.open_at(tmp_path, 1)
    place = {"node": "kiosk-1", "epoch": "e", "position": 0}
    with records.session() as session:
        for seq in range(1, 4):
            sealed = base64.b64encode(ring.seal(b"kata %d" % seq, context("kiosk-1", "e", seq))).decode()
            body = {"type": TYPE, "taken": "refused", "sealed": sealed, "why": "x"} if seq < 3 else {"type": TYPE, "taken": "AAAA-AAAA"}
            session.add(EventRow(**place, seq=seq, village="35.10.24.2008", received=seq, type=TYPE, body=body))
    assert any(isinstance(one, RefusedEvents) for one in kept())
    newest = ring.rotated(2)
    assert left(records, newest, kept()) == 2 and reseal(records, newest, kept()) == 2 and left(records, newest, kept()) == 0
    only = newest.without_old()
    with records.session() as session:
        for seq in (1, 2):
            row = session.get(EventRow, ("kiosk-1", "e", seq, 0))
            assert row is not None and row.body["why"] == "x"
            assert only.open(base64.b64decode(row.body["sealed"]), context("kiosk-1", "e", seq)) == b"kata %d" % seq
    records.close()
