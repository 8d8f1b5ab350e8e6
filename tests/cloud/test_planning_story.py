"""Whatever happens, in any order and however often the planner is killed: everybody is told once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.messages.classes import class_of
from kampung_cloud.messages.silence import Silence
from kampung_contract.alarm import Alarm

from .planning_desk import DAY, DRY, ELSEWHERE, FIELDS, HOUR, MINUTE, NOON, SECOND, Ledger, alarm, somebody

ALARMS = (
    alarm("s1", 3, series="kiosk-1.kali-1.water_level"),
    alarm("s2", 2, series="kiosk-1.kali-1.water_level"),
    alarm("s3", 1),
    alarm("u", 2, "air"),
    alarm("alat", 1, "device"),
    DRY,
    alarm("elsewhere", 2, village=ELSEWHERE),
)
PEOPLE = (
    somebody("sri"),
    somebody("tani", "farmer", fields=("sawah",)),
    somebody("petugas", "petugas"),
    somebody("rt", "rt"),
    somebody("kades", "desa"),
    somebody("bpbd", "bpbd", ""),
    somebody("ppl", "ppl"),
    somebody("tek", "operator", ""),
    somebody("lain", village=ELSEWHERE),
)
ACTS = st.one_of(
    st.tuples(st.sampled_from(["raise", "end", "withdraw", "move", "hush", "answer", "silence", "stale"]), st.integers(0, len(ALARMS) - 1)),
    st.tuples(st.sampled_from(["wait"]), st.sampled_from([SECOND, 30 * SECOND, 5 * MINUTE, HOUR, 9 * HOUR])),
    st.tuples(st.sampled_from(["send", "take", "fail", "expire", "killed", "beside"]), st.just(0)),
)


class Story:
    """A ledger to which things happen, and what must be true of it whatever happens."""

    def __init__(self, start: int) -> None:
        self.now = start
        self.desk = Ledger(*PEOPLE, fields=FIELDS)
        self.current: dict[int, Alarm] = {}
        self.unheard: set[str] = set()

    def tick(self) -> None:
        said = self.desk.plan(self.now)
        assert self.desk.write(said)
        gathered = {m.person for m in said.messages if m.kind == "digest"}  # what no digest tells may follow it
        assert not [m for m in self.desk.plan(self.now).messages if m.person not in gathered], "what was said is said again"

    def act(self, what: str, which: int) -> None:
        one = self.current.get(which)
        stands = one is not None and one.until is None
        if what == "raise" and not stands:
            self._put(which, alarm_at(ALARMS[which], self.now))
        elif what == "stale" and not stands:
            self.unheard.add(self._put(which, replace(alarm_at(ALARMS[which], self.now), announced=False)))
        elif what == "end" and stands and one:
            self._put(which, replace(one, until=self.now))
        elif what == "withdraw" and stands and one:
            self.desk.put(replace(one, until=one.since, withdrawn=True))
            del self.current[which]
        elif what == "move" and stands and one and one.announced:
            moved = alarm_at(one, one.since - SECOND)
            self.desk.put(replace(one, until=one.since, withdrawn=True, became=moved.id))
            if one.id in self.desk.acknowledged:
                self.desk.acknowledged.add(moved.id)
            self._put(which, moved)
        elif what == "answer" and stands and one:
            self.desk.acknowledged.add(one.id)
        elif what == "silence":
            self.desk.silences.append(Silence("x", self.now, self.now + HOUR, "a", "b", rule=ALARMS[which].rule))
        elif what == "wait":
            self.now += which
        elif what == "killed":
            self.desk.plan(self.now)
        elif what == "beside":
            first, second = self.desk.plan(self.now), self.desk.plan(self.now)
            assert self.desk.write(first)
            assert not first.messages or not self.desk.write(second)
        elif what in ("send", "take", "fail", "expire"):
            self.deliver({"send": "sent", "take": "sending", "fail": "failed", "expire": "expired"}[what])

    def deliver(self, state: str = "sent") -> None:
        self.desk.deliver(state)
        if state == "sent":
            self.desk.states |= {name: "sent" for name, now in self.desk.states.items() if now == "sending"}

    def _put(self, which: int, one: Alarm) -> str:
        self.current[which] = one
        self.desk.put(one)
        return one.id


def alarm_at(one: Alarm, since: int) -> Alarm:
    return replace(one, id=f"{one.rule}:{one.scope}:{since}", since=since, worst_at=since, until=None)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 23), st.lists(ACTS, max_size=40))
def test_whatever_happens_everybody_is_told_once_and_nobody_of_what_was_not_announced(hour: int, acts: list[tuple[str, int]]) -> None:
    story = Story(NOON + hour * HOUR)
    desk = story.desk
    for what, which in acts:
        story.act(what, which)
        if what != "killed":
            story.tick()
    story.deliver()
    stop = story.now + 2 * DAY
    while story.now < stop:
        story.now += 20 * MINUTE
        story.tick()
        story.deliver()
    told = [(m.person, m.kind, name) for key, m in desk.messages.items() if desk.states[key] == "sent" for name in m.alarms]
    assert not {name for *_, name in told} & story.unheard
    first = [(who, name) for who, kind, name in told if kind in ("raised", "worse")]
    assert len(first) == len(set(first)), "raised twice to the same person"
    ends = [(who, name) for who, kind, name in told if kind in ("resolved", "cancelled")]
    assert len(ends) == len(set(ends)), "ended twice to the same person"
    assert {who for who, _ in ends} <= {who for who, *_ in told}
    told_of = {(who, name) for who, _, name in told}
    for one in story.current.values():
        if one.until is None and one.announced:
            entitled = [p for p in PEOPLE if p.concerned(one, FIELDS)]
            muted = one.id in desk.plan(story.now).muted
            names = _names(desk, one)
            missing = [p.id for p in entitled if not any((p.id, name) in told_of for name in names)]
            assert muted or not missing or (class_of(one).digest and one.id in desk.acknowledged), (one.id, missing)
    for chain in desk.chains.values():
        assert all(desk.alarms[name].until is None for name in chain.known), "somebody still believes in what is over"


def _names(desk: Ledger, one: Alarm) -> set[str]:
    """Those that it has had."""
    names = {one.id}
    while more := {a.id for a in desk.alarms.values() if a.became in names} - names:
        names |= more
    return names


@settings(max_examples=40, deadline=None)
@given(st.lists(ACTS, max_size=25), st.integers(0, len(ALARMS) - 1))
def test_after_an_answer_nobody_is_reminded_and_it_goes_to_nobody_else(acts: list[tuple[str, int]], which: int) -> None:
    story = Story(NOON)
    for what, each in acts:
        story.act(what, each)
        story.tick()
    one = story.current.get(which)
    if one is None or one.until is not None:
        return
    story.deliver()
    story.desk.acknowledged.add(one.id)
    before = set(story.desk.messages)
    for _ in range(60):
        story.now += 20 * MINUTE
        story.tick()
        story.deliver()
    later = [m for key, m in story.desk.messages.items() if key not in before and m.alarms == (one.id,)]
    assert not [m for m in later if m.kind == "escalated"]
    assert len([m for m in later if m.kind == "repeat"]) <= len({m.person for m in later})  # that a graver one ended is told, once
