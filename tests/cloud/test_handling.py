"""What people do about alarms: one state, whatever order acts and late corrections come in, and a trail that is only added to."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.alarm import to_row
from kampung_cloud.handling import book, changes, family, kiosk, trail
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.message_models import AlarmActRow, AlarmLogRow
from kampung_contract.acting import AlarmAct, event, parse_event
from kampung_contract.alarm import Alarm
from kampung_contract.errors import InvalidEvent, KampungError
from sqlalchemy import select
from sqlalchemy.orm import Session

from .conftest import VILLAGE

T0 = 1_795_280_400_000
MINUTE = 60_000
SCOPE = "kiosk-1.gauge.water_level"


def alarm(since: int, rule: str = "kali-1", **more: Any) -> Alarm:
    """One that began ``since`` minutes after T0."""
    at = T0 + since * MINUTE
    return Alarm(
        id=Alarm.name(rule, SCOPE, at),
        rule=rule,
        village=VILLAGE,
        node="kiosk-1",
        scope=SCOPE,
        series=SCOPE,
        severity=2,
        since=at,
        until=None,
        value=1.9,
        unit="m",
        threshold=1.5,
        title={"id": "Kali naik"},
        message={"id": "Air 1,90 m"},
        source="a test",
        announced=True,
        worst=1.9,
        worst_at=at,
        **more,
    )


def save(session: Session, *alarms: Alarm, known: int = T0) -> None:
    """As the ingest thread does."""
    for each in alarms:
        session.merge(to_row(each))
    changes.record(session, alarms, known)


def move(session: Session, old: Alarm, new: Alarm, known: int = T0) -> Alarm:
    """Late readings show that it began at another time."""
    save(session, replace(old, withdrawn=True, until=old.since, became=new.id), new, known=known)
    return new


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    """Empty ones: each test takes back what it wrote."""
    found = open_records("sqlite:records.sqlite", tmp_path_factory.mktemp("handling"))
    yield found
    found.close()


@pytest.fixture
def session(records: Records) -> Iterator[Session]:
    """A transaction that is taken back."""
    with Session(records.engine) as session:
        yield session
        session.rollback()


def said(session: Session, name: str) -> list[tuple[str, str]]:
    """Kind and actor of each line of the alarm's trail."""
    return [(row.kind, row.actor) for row in trail.lines(session, family.names(session, name))]


ACTS = st.lists(
    st.tuples(st.sampled_from(["acknowledge", "assign", "verdict", "comment"]), st.sampled_from(["Sari", "Pak RT"]), st.integers(1, 6)),
    min_size=1,
    max_size=6,
    unique_by=lambda act: (act[0], act[2]),
)


def perform(session: Session, act: tuple[str, str, int], name: str) -> None:
    """As it would come from a page, a message or a kiosk."""
    kind, by, minute = act
    at = T0 + minute * MINUTE
    match kind:
        case "acknowledge":
            book.acknowledge(session, name, by, "kiosk", at)
        case "assign":
            book.assign(session, name, f"tim {minute}", by, "page", at)
        case "verdict":
            book.verdict(session, name, "false" if minute % 2 else "true", by, "page", at, "ranting di alat")
        case _:
            book.comment(session, name, f"menit {minute}", by, "page", at)


def expected(acts: list[tuple[str, str, int]]) -> tuple[Any, ...]:
    """What people made of it: the first who saw it, the last to whom it was given, the last word on whether it was true."""
    by_time = sorted(acts, key=lambda act: act[2])
    first = next((act for act in by_time if act[0] == "acknowledge"), None)
    given_to = next((act for act in reversed(by_time) if act[0] == "assign"), None)
    word = next((act for act in reversed(by_time) if act[0] == "verdict"), None)
    return (
        first and (T0 + first[2] * MINUTE, first[1]),
        given_to and f"tim {given_to[2]}",
        word and ("false" if word[2] % 2 else "true", word[1]),
    )


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_order_and_repetition_gives_one_state_and_an_append_only_trail(records: Records, data: st.DataObject) -> None:
    """Acts come late, twice, under names that the alarm had before; in between its beginning moves to and fro."""
    acts = data.draw(ACTS)
    coming = data.draw(st.permutations(acts + data.draw(st.lists(st.sampled_from(acts), max_size=3))))
    moves = data.draw(st.lists(st.integers(0, 4), max_size=4))
    steps = data.draw(st.permutations([("act", act) for act in coming] + [("move", to) for to in moves]))
    with Session(records.engine) as session:
        now = alarm(2)
        save(session, now)
        known, before = [now.id], []
        for kind, what in steps:
            if kind == "move":
                to = alarm(what)  # type: ignore[arg-type]
                if to.id != now.id:
                    now = move(session, now, to)
                    known.append(now.id)
            else:
                perform(session, what, data.draw(st.sampled_from(known)))  # type: ignore[arg-type]
            lines = [
                (row.key, row.kind, row.at, row.actor, str(row.body))
                for row in session.scalars(select(AlarmLogRow).order_by(AlarmLogRow.id))
            ]
            assert lines[: len(before)] == before, "lines are added and nothing else"
            before = lines
        found = book.handled(session, [now.id])[now.id] if any(a[0] != "comment" for a in acts) else None
        state = (
            found and found.acknowledged and (found.acknowledged, found.acknowledged_by),
            found and found.assigned_to,
            found and found.verdict and (found.verdict, found.verdict_by),
        )
        assert state == expected(acts)
        assert book.acknowledged(session, known) == (set(known) if state[0] else set())
        people = sorted(line for line in said(session, now.id) if line[1])
        kinds = {"acknowledge": "acknowledged", "assign": "assigned", "verdict": "marked", "comment": "commented"}
        wanted = {(kinds[kind], by) for kind, by, _ in acts}
        assert set(people) == wanted
        session.rollback()


def test_what_an_alarm_did_is_in_its_trail_once_and_corrections_have_lines_of_their_own(session: Session) -> None:
    """Raised, resolved, resolved at another time, standing again, moved, withdrawn."""
    first = alarm(10)
    save(session, first, known=T0 + 10 * MINUTE)
    save(session, replace(first, worst=2.4), known=T0 + 12 * MINUTE)
    over = first.ended(T0 + 30 * MINUTE)
    for _ in range(2):
        save(session, over, known=T0 + 30 * MINUTE)
    later = first.ended(T0 + 40 * MINUTE)
    save(session, later, known=T0 + 60 * MINUTE)
    save(session, first, known=T0 + 61 * MINUTE)
    save(session, later, known=T0 + 62 * MINUTE)
    moved = replace(alarm(8), until=later.until)
    move(session, later, moved, known=T0 + 70 * MINUTE)
    save(session, replace(moved, withdrawn=True), known=T0 + 80 * MINUTE)
    rows = sorted(trail.lines(session, family.names(session, moved.id)), key=lambda row: row.id)
    told = [(row.kind, (row.at - T0) // MINUTE, row.body) for row in rows]
    minute = {key: T0 + key * MINUTE for key in range(90)}
    assert told == [
        ("raised", 10, {"since": minute[10], "value": 1.9, "unit": "m", "known": minute[10]}),
        ("resolved", 30, {"until": minute[30], "known": minute[30]}),
        ("resolved", 60, {"until": minute[40], "was": minute[30], "known": minute[60]}),
        ("raised", 61, {"since": minute[10], "value": 1.9, "unit": "m", "again": True, "known": minute[61]}),
        ("resolved", 40, {"until": minute[40], "known": minute[62]}),
        ("withdrawn", 70, {"became": moved.id, "known": minute[70]}),
        ("raised", 70, {"since": minute[8], "value": 1.9, "unit": "m", "was": minute[10], "known": minute[70]}),
        ("withdrawn", 80, {"became": None, "known": minute[80]}),
    ]


@pytest.mark.parametrize(
    ("act", "code", "words"),
    [
        (lambda s, a: book.acknowledge(s, "kali-9:x:1", "Sari", "page", T0), "not_found", ["kali-9:x:1", "GET /api/v1/alarms"]),
        (lambda s, a: book.acknowledge(s, a, "  ", "page", T0), "invalid_request", ["by = ''", "Pak RT"]),
        (lambda s, a: book.acknowledge(s, a, "S" * 81, "page", T0), "invalid_request", ["81 characters", "at most 80"]),
        (lambda s, a: book.assign(s, a, "", "Sari", "page", T0), "invalid_request", ["to = ''"]),
        (lambda s, a: book.assign(s, a, "BPBD", "Sari", "page", T0 + 90 * MINUTE), "conflict", ["is over", "comment"]),
        (lambda s, a: book.comment(s, a, " ", "Sari", "page", T0), "invalid_request", ["text = ''"]),
        (lambda s, a: book.comment(s, a, "x" * 1_001, "Sari", "page", T0), "invalid_request", ["1001 characters", "at most 1000"]),
        (lambda s, a: book.verdict(s, a, "maybe", "Sari", "page", T0), "invalid_request", ["'maybe'", "'false'"]),
        (lambda s, a: book.verdict(s, a, "false", "Sari", "page", T0, "x" * 301), "invalid_request", ["301 characters"]),
    ],
)
def test_what_cannot_be_is_refused_in_words(session: Session, act: Any, code: str, words: list[str]) -> None:
    """What, the value, the remedy; and nothing is written."""
    over = alarm(0).ended(T0 + 60 * MINUTE)
    save(session, over)
    before = said(session, over.id)
    with pytest.raises(KampungError) as refused:
        act(session, over.id)
    assert refused.value.code == code
    assert [word for word in words if word not in refused.value.message] == []
    assert said(session, over.id) == before


def test_an_alarm_that_is_over_can_be_commented_on_and_was_given_away_while_it_stood(session: Session, tmp_path: Path) -> None:
    """What was done in time and comes late counts; verdicts come as a rule afterwards."""
    over = alarm(0).ended(T0 + 60 * MINUTE)
    save(session, over)
    late = T0 + 90 * MINUTE
    book.assign(session, over.id, "BPBD", "Sari", "kiosk", T0 + 59 * MINUTE)
    book.comment(session, over.id, "Air sudah surut", "Sari", "page", late)
    found = book.verdict(session, over.id, "true", "Sari", "page", late)
    assert (found.assigned_to, found.verdict, found.acknowledged) == ("BPBD", "true", None)
    assert [kind for kind, _ in said(session, over.id)] == ["raised", "assigned", "resolved", "commented", "marked"]


def seen(at: int, alarm_: Alarm, number: str = "a1", by: str = "Pak RT") -> AlarmAct:
    """Seen at the kiosk ``at`` minutes after T0."""
    return AlarmAct(
        id=number, alarm=alarm_.id, rule=alarm_.rule, scope=alarm_.scope, since=alarm_.since, act="seen", by=by, at=T0 + at * MINUTE
    )


def told(session: Session, act: AlarmAct, *alarms: Alarm, village: str = VILLAGE) -> list[str | None]:
    """Keep an act of a kiosk that came an hour later, twice, with ``alarms`` saved just before; who has acknowledged what it touched."""
    out = []
    for _ in range(2):
        acted = [(village, "kiosk-1", act, T0 + 60 * MINUTE)]
        out.append([handling.acknowledged_by for handling in kiosk.keep(session, acted, alarms)])
    assert out[0] == out[1]
    return out[0]


def test_what_was_seen_at_the_kiosk_comes_once(session: Session) -> None:
    """With its own time, and only about alarms of its own village."""
    standing = alarm(0)
    save(session, standing)
    assert told(session, seen(5, standing)) == ["Pak RT"]
    assert told(session, seen(6, standing, "a2"), village="35.10.09.2004") == [None]
    assert told(session, seen(600, standing, "a3", "Bu Sari")) == ["Pak RT"]
    lines = [(row.actor, row.via, (row.at - T0) // MINUTE) for row in trail.lines(session, [standing.id], ["acknowledged"])]
    assert lines == [("Pak RT", "kiosk", 5), ("Bu Sari", "kiosk", 60)], "a kiosk's clock that is ahead does not make the future"
    assert session.scalars(select(AlarmActRow)).all() == []


def test_what_was_seen_before_its_readings_came_waits_for_them(session: Session) -> None:
    """Under the name that the kiosk knew, or as the same rule's alarm of that time, which the regency calls otherwise."""
    early, other = alarm(0), alarm(0, "kali-2")
    assert told(session, seen(5, early)) == []
    assert told(session, seen(5, other, "a2")) == []
    assert len(session.scalars(select(AlarmActRow)).all()) == 2
    save(session, early, known=T0 + 90 * MINUTE)
    assert [h.acknowledged_by for h in kiosk.keep(session, [], [early])] == ["Pak RT"]
    began_before = alarm(-7, "kali-2")
    save(session, began_before, known=T0 + 90 * MINUTE)
    assert [(h.alarm, h.acknowledged_by) for h in kiosk.keep(session, [], [began_before])] == [(began_before.id, "Pak RT")]
    assert session.scalars(select(AlarmActRow)).all() == []
    assert kiosk.keep(session, [], [early, began_before]) == []


@pytest.mark.parametrize(
    "wrong", [{"by": ""}, {"by": "  "}, {"by": "x" * 81}, {"act": "closed"}, {"at": -1}, {"id": "A B"}, {"since": None}]
)
def test_an_act_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    """With the bytes that came, for the dead letters."""
    body = event(seen(5, alarm(0)))
    assert parse_event(body) == seen(5, alarm(0))
    with pytest.raises(InvalidEvent, match="not an alarm-act event"):
        parse_event(body | wrong)
    assert parse_event({"type": "reply"}) is None


def test_acts_at_one_time_lose_nothing(tmp_path: Path, records_url: str) -> None:
    """Several processes and threads write about one alarm while it moves: every act is in the trail, and the state follows from all."""
    records = open_records(records_url, tmp_path)
    first, last = alarm(2), alarm(1)
    with records.session() as session:
        save(session, first)

    def acts(who: int) -> None:
        for number in range(4):
            with records.session() as session:
                book.acknowledge(session, first.id, f"orang {who}", "page", T0 + (10 + who) * MINUTE)
            with records.session() as session:
                book.assign(session, first.id, f"tim {who}.{number}", f"orang {who}", "page", T0 + (20 + who * 4 + number) * MINUTE)

    def moves() -> None:
        now = first
        for to in (alarm(0), alarm(4), last):
            with records.session() as session:
                now = move(session, now, to)

    with ThreadPoolExecutor(5) as hands:
        for done in [*(hands.submit(acts, who) for who in range(4)), hands.submit(moves)]:
            done.result()
    with records.session() as session:
        found = book.handled(session, [last.id])[last.id]
        lines = trail.lines(session, family.names(session, last.id), trail.ACTS)
    assert (found.acknowledged_by, found.assigned_to) == ("orang 0", "tim 3.3")
    assert sorted(line.body["to"] for line in lines if line.kind == "assigned") == sorted(
        f"tim {w}.{n}" for w in range(4) for n in range(4)
    )
    assert sorted(line.actor for line in lines if line.kind == "acknowledged") == [f"orang {who}" for who in range(4)]
    records.close()
