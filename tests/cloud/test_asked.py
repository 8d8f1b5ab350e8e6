"""Questions that go straight to the driver find what SQLAlchemy finds, in SQLite and PostgreSQL, and fail in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kampung_cloud import provenance
from kampung_cloud.judging import book
from kampung_cloud.judging.book import Judgement
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.asked import Asked
from kampung_cloud.records.judgement_models import JudgementRow
from kampung_cloud.records.models import EventRow
from kampung_contract.errors import StorageUnavailable
from sqlalchemy import bindparam, select, text

from .conftest import VILLAGE

T = 1_790_000_000_000


@pytest.fixture
def records(records_url: str, tmp_path: Path) -> Iterator[Records]:
    records = open_records(records_url, tmp_path)
    yield records
    records.close()


def test_the_same_rows_come_either_way(records: Records) -> None:
    mine = [Judgement("k.soil.moisture", T + n, 30.5 + n, 4, "spike", "regency", T) for n in range(3)]
    with records.session() as session:
        book.keep(session, [*mine, Judgement("k.soil.temperature", T, 20.0, 3, "flat", "kiosk", T)])
    assert book.within(records, "k.soil.moisture", T, T + 2) == mine[:2]
    assert book.within(records, "k'; DROP TABLE judgements; --", T, T + 2) == []
    row = JudgementRow.__table__.c
    question = select(row.series, row.t, row.v).where(row.flag == 4, row.t > bindparam("after")).order_by(row.t)
    with records.transaction() as connection:
        plain = [tuple(found) for found in connection.execute(question, {"after": T})]
    asked = Asked(question)
    for _ in range(2):
        assert [tuple(found) for found in asked.of(records, after=T)] == plain
    assert asked.of(records, after=T + 9) == []


def test_what_a_node_told_is_read_out_of_either_database(records: Records) -> None:
    body = {"type": provenance.TYPE, "boot": "0a1b2c3d", "up": 5, "from": T, "synchronised": True, "devices": {}}
    with records.session() as session:
        for seq, node in enumerate(("kiosk-1", "kiosk-2", "kiosk-1"), 1):
            session.add(
                EventRow(
                    node=node,
                    epoch="aa",
                    seq=seq,
                    position=0,
                    village=VILLAGE,
                    received=T + seq,
                    type=provenance.TYPE,
                    body=body | {"from": T + seq},
                )
            )
    assert [told.since for told in provenance.told(records, "kiosk-1")] == [T + 1, T + 3]


def test_no_answer_is_said_as_everywhere(records: Records) -> None:
    with records.session() as session:
        session.execute(text("DROP TABLE judgements"))
    for _ in range(20):  # more often than there are connections: none is lost by it
        with pytest.raises(StorageUnavailable, match="judgements"):
            book.within(records, "k.soil.moisture", 0, T)
    assert provenance.told(records, "kiosk-1") == []
