"""Late work is told: whatever happens in between, each rung once to each person, and none is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.duties.noting import Late, note, seen_to
from kampung_cloud.duties.telling import GATHER_MS, tell
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.duty_models import DutyRow
from kampung_cloud.records.message_models import MessageRow, PersonRow
from kampung_contract.errors import StorageUnavailable
from kampung_sim.channels.service import SimulatedChannels
from sqlalchemy import delete, select

from .conftest import until
from .messages import now_ms, states
from .simulated import tables
from .test_channels import sending

VILLAGE = "35.10.24.2008"
NOW = 1_796_000_000_000
ROLES = ("petugas", "sekdes", "kades")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    return open_records("sqlite:records.db", tmp_path_factory.mktemp("duties"))


def people(records: Records, *given: tuple[str, str]) -> None:
    with records.session() as session:
        for table in (MessageRow, DutyRow, PersonRow):
            session.execute(delete(table))
        for name, role in given:
            session.add(
                PersonRow(
                    id=name, village=VILLAGE, name=name, role=role, addresses=[{"channel": "sms", "address": "0812-0000-0001"}], fields=[],
                    about=[], quiet=None, at=1,
                )
            )  # fmt: skip


def late(records: Records, subject: str, rung: int, at: int = NOW) -> None:
    line = f"Surat usaha, {subject}: diterima melewati batas waktu"
    with records.session() as session:
        note(session, Late(VILLAGE, "request", subject, 1, rung, ROLES[rung - 1], line), at)


def messages(records: Records) -> list[MessageRow]:
    with records.session() as session:
        return list(session.scalars(select(MessageRow).order_by(MessageRow.created, MessageRow.id)))


def test_one_digest_in_working_time(records: Records) -> None:
    people(records, ("siti", "petugas"), ("kades", "desa"), ("warga", "resident"))
    for at in range(12):
        late(records, f"R-{at}", 1)
    assert tell(records, lambda _: True, NOW + GATHER_MS - 1) == 0, "it gathers first"
    assert tell(records, lambda _: False, NOW + GATHER_MS) == 0, "the office is closed"
    assert tell(records, lambda _: True, NOW + GATHER_MS) == 1
    assert tell(records, lambda _: True, NOW + 2 * GATHER_MS) == 0
    (one,) = messages(records)
    assert (one.person, one.title) == ("siti", "12 pekerjaan terlambat di Tamansari")
    assert "R-7:" in one.text
    assert "dan 2 lagi" in one.text
    assert len(one.short) <= 160


def test_nobody_there_yet_and_seen_to_in_time(records: Records) -> None:
    people(records)
    late(records, "R-1", 3)
    assert tell(records, lambda _: True, NOW + GATHER_MS) == 0
    with records.session() as session:
        session.add(
            PersonRow(
                id="kades", village=VILLAGE, name="k", role="desa", addresses=[{"channel": "sms", "address": "0812-0000-0002"}], fields=[],
                about=[], quiet=None, at=1,
            )
        )  # fmt: skip
    late(records, "R-2", 2)
    with records.session() as session:
        seen_to(session, "request", "R-2", NOW)
    assert tell(records, lambda _: True, NOW + GATHER_MS) == 1
    assert "R-2" not in messages(records)[0].text


def test_villages_with_nobody_to_tell_hold_up_no_other(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kampung_cloud.duties.telling.AT_ONCE", 3)
    people(records, ("siti", "petugas"))
    with records.session() as session:
        for n in range(5):
            note(session, Late("35.10.24.2003", "request", f"N-{n}", 1, 1, "petugas", "Surat usaha"), NOW - 1)
    for n in range(4):
        late(records, f"R-{n}", 1)
    assert tell(records, lambda _: True, NOW + GATHER_MS) == 1
    assert tell(records, lambda _: True, NOW + GATHER_MS) == 1, "what did not fit comes with the next"
    assert [m.title[:1] for m in messages(records)] in (["3", "1"], ["1", "3"])


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("late"), st.sampled_from(["R-1", "R-2", "R-3"]), st.integers(1, 3)),
        st.tuples(st.just("tell"), st.booleans(), st.integers(0, 3)),
        st.tuples(st.just("fails"), st.just(""), st.just(0)),
    ),
    max_size=14,
)


@given(STEPS)
@settings(max_examples=30, deadline=None)
def test_each_rung_once_to_each_and_none_lost(records: Records, steps: list[tuple[str, object, int]]) -> None:
    people(records, ("siti", "petugas"), ("sekdes", "desa"), ("kades", "desa"))
    now, noted = NOW, set()
    for what, one, two in steps:
        if what == "late":
            late(records, str(one), two, now)
            noted.add((str(one), two))
        elif what == "tell":
            now += two * GATHER_MS
            tell(records, lambda _, open_=bool(one): open_, now)
        else:
            with pytest.raises(StorageUnavailable), records.session() as session:
                note(session, Late(VILLAGE, "request", "R-9", 1, 1, "petugas", "Surat hilang"), now)
                raise StorageUnavailable("the transaction is taken back")
    tell(records, lambda _: True, now + GATHER_MS)
    with records.session() as session:
        rows = {(r.subject, r.rung): r for r in session.scalars(select(DutyRow))}
    assert set(rows) == noted
    assert all(r.told is not None for r in rows.values())
    heard = Counter((m.person, line) for m in messages(records) for line in m.text.splitlines() if line.startswith("- "))
    for person, ladder in (("siti", (1,)), ("sekdes", (2, 3)), ("kades", (2, 3))):
        for subject in ("R-1", "R-2", "R-3"):
            said = sum(n for (who, line), n in heard.items() if who == person and subject in line)
            assert said == sum((subject, rung) in noted for rung in ladder)


def test_killed_in_the_middle_of_telling(records: Records, tmp_path: Path) -> None:
    """The process ends with SIGKILL after the messages were added and before the commit; whoever comes after tells it, once."""
    people(records, ("siti", "petugas"))
    late(records, "R-1", 1)
    program = tmp_path / "killed.py"
    program.write_text(
        textwrap.dedent(f"""
        import os, signal, sys
        from pathlib import Path
        from kampung_cloud.duties import telling
        from kampung_cloud.records import open_records
        real = telling._message
        def last(*given):
            real(*given)
            os.kill(os.getpid(), signal.SIGKILL)
        telling._message = last
        telling.tell(open_records("sqlite:records.db", Path(sys.argv[1])), lambda _: True, {NOW + GATHER_MS})
        """)
    )
    folder = Path(str(records.engine.url.database)).parent
    ended = subprocess.run([sys.executable, str(program), str(folder)], check=False, env=os.environ)
    assert ended.returncode == -signal.SIGKILL
    assert messages(records) == []
    assert tell(records, lambda _: True, NOW + GATHER_MS) == 1
    assert tell(records, lambda _: True, NOW + 2 * GATHER_MS) == 0
    assert len(messages(records)) == 1


def test_it_goes_out_through_a_channel(taken: SimulatedChannels, tmp_path: Path) -> None:
    """What tells of late work is sent as every message is, through a real server on loopback."""
    records = open_records("sqlite:records.sqlite", tmp_path)
    now = now_ms()
    try:
        people(records, ("siti", "petugas"))
        with records.session() as session:
            session.get_one(PersonRow, "siti").addresses = [{"channel": "kait", "address": "siti"}]
        late(records, "R-1", 1, now - GATHER_MS)
        assert tell(records, lambda _: True, now) == 1
        with sending(records, tables(taken), tmp_path):
            until(lambda: states(records) == {"sent": 1})
    finally:
        records.close()
    (heard,) = taken.ledger.listed("webhook")
    assert heard.to == "siti"
    assert "R-1: diterima melewati batas waktu" in heard.text
