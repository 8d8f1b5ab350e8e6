"""Who is told what, and when: a plan is a pure function of what is on record, whoever makes it and however often he is killed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kampung_cloud.messages.classes import class_of
from kampung_cloud.messages.identity import LETTERS, reply_code
from kampung_cloud.messages.quiet import Quiet
from kampung_cloud.messages.settings import Messages
from kampung_cloud.messages.silence import Silence
from kampung_contract.rules import parse_rule

from .conftest import VILLAGE
from .planning_desk import DAY, DRY, ELSEWHERE, FIELDS, HOUR, MINUTE, NOON, OTHER, RULE, SECOND, Ledger, alarm, somebody


def test_messages_of_a_group_wait_for_one_another_but_the_gravest_does_not() -> None:
    desk = Ledger(somebody("sri"))
    desk.put(alarm("a"))
    assert desk.tick(NOON) == []
    desk.put(alarm("b", 1))
    assert desk.tick(NOON + 29 * SECOND) == []
    assert desk.tick(NOON + 30 * SECOND) == [("sri", "raised", ("a", "b"))]
    desk.put(alarm("c"))
    assert desk.tick(NOON + 31 * SECOND) == []
    assert desk.tick(NOON + 5 * MINUTE) == []
    assert desk.tick(NOON + 5 * MINUTE + 30 * SECOND) == [("sri", "raised", ("c",))]
    desk.put(alarm("d", 3))
    assert desk.tick(NOON + 5 * MINUTE + 31 * SECOND) == [("sri", "worse", ("d",))]
    desk.put(alarm("e", 3))
    assert desk.tick(NOON + 6 * MINUTE) == []
    assert desk.tick(NOON + 6 * MINUTE + SECOND) == [("sri", "raised", ("e",))]


def test_an_alarm_of_another_kind_or_village_is_a_group_of_its_own() -> None:
    desk = Ledger(somebody("sri"), somebody("bpbd", "bpbd", "", about=frozenset({"flood"})))
    desk.put(alarm("a", 3), alarm("b", 3, "air"), alarm("c", 3, village=ELSEWHERE))
    assert desk.tick(NOON) == [("bpbd", "raised", ("c",)), ("bpbd", "raised", ("a",)), ("sri", "raised", ("b",)), ("sri", "raised", ("a",))]


def test_a_village_that_falls_silent_is_one_message_to_the_operator() -> None:
    desk = Ledger(somebody("tek", "operator", ""), somebody("tek-desa", "operator"), somebody("sri"))
    desk.put(*(alarm(f"d{n}", 1, "device", village=VILLAGE if n % 2 else ELSEWHERE) for n in range(40)))
    said = desk.run(NOON, NOON + 2 * MINUTE)
    assert [(t, who, kind, len(which)) for t, who, kind, which in said] == [
        (30 * SECOND, "tek", "raised", 40),
        (30 * SECOND, "tek-desa", "raised", 20),
    ]


@pytest.mark.parametrize(
    ("severity", "about", "every"),
    [(3, "flood", 30 * MINUTE), (3, "air", 30 * MINUTE), (2, "flood", 2 * HOUR), (1, "landslide", 2 * HOUR), (2, "air", 12 * HOUR)],
)
def test_it_is_repeated_as_the_table_says_until_somebody_sees_to_it(severity: int, about: str, every: int) -> None:
    one = alarm("a", severity, about)
    desk = Ledger(somebody("sri", quiet=Quiet(180, 181)))
    desk.put(one)
    first = 0 if severity == 3 else MINUTE // 2 * (every // HOUR)
    assert class_of(one).repeat_ms == every
    said = desk.run(NOON, NOON + 2 * every + first + SECOND, 30 * SECOND if severity == 3 else MINUTE // 2 * (every // HOUR))
    assert [(t, kind) for t, _, kind, _ in said] == [(first, "raised"), (first + every, "repeat"), (first + 2 * every, "repeat")]
    desk.acknowledged.add(one.id)
    assert desk.run(NOON + 3 * every, NOON + 5 * every, 5 * MINUTE) == []
    desk.end(one, NOON + 5 * every)
    assert [kind for *_, kind, _ in desk.run(NOON + 5 * every, NOON + 6 * every, MINUTE)] == ["resolved"]


def test_what_nobody_answers_goes_to_rt_village_and_bpbd() -> None:
    chain = [somebody("rt", "rt"), somebody("kades", "desa"), somebody("bpbd", "bpbd", ""), somebody("rt-lain", "rt", ELSEWHERE)]
    desk = Ledger(somebody("petugas", "petugas"), *chain)
    desk.put(alarm("a", 3))
    assert desk.run(NOON, NOON + 29 * MINUTE) == [
        (0, "petugas", "raised", ("a",)),
        (5 * MINUTE, "rt", "escalated", ("a",)),
        (10 * MINUTE, "kades", "escalated", ("a",)),
        (15 * MINUTE, "bpbd", "escalated", ("a",)),
    ]
    slow = Ledger(*chain)
    slow.put(alarm("a", 2))
    assert [(t // MINUTE, who) for t, who, *_ in slow.run(NOON, NOON + 61 * MINUTE)] == [(20, "rt"), (40, "kades"), (60, "bpbd")]
    own = Ledger(*chain, settings=Messages(escalation={"siaga": (1, 2, 3)}))
    own.put(alarm("a", 2))
    assert [(t // MINUTE, who) for t, who, *_ in own.run(NOON, NOON + 5 * MINUTE)] == [(1, "rt"), (2, "kades"), (3, "bpbd")]


def test_an_answer_ends_escalation_and_who_was_told_hears_the_end() -> None:
    one = alarm("a", 3)
    desk = Ledger(somebody("petugas", "petugas"), somebody("rt", "rt"), somebody("kades", "desa", about=frozenset({"flood"})))
    desk.put(one)
    desk.run(NOON, NOON + 6 * MINUTE)
    desk.acknowledged.add(one.id)
    assert desk.run(NOON + 6 * MINUTE, NOON + 3 * HOUR, MINUTE) == []
    desk.end(one, NOON + 3 * HOUR)
    assert sorted(who for _, who, kind, _ in desk.run(NOON + 3 * HOUR, NOON + 4 * HOUR, MINUTE) if kind == "resolved") == [
        "kades",
        "petugas",
        "rt",
    ]


def test_who_knows_already_is_told_that_nobody_answers() -> None:
    desk = Ledger(somebody("kades", "desa", about=frozenset({"flood"})))
    desk.put(alarm("a", 3))
    assert [(t // MINUTE, kind) for t, _, kind, _ in desk.run(NOON, NOON + 29 * MINUTE)] == [(0, "raised"), (10, "escalated")]


def test_quiet_hours_hold_what_can_wait() -> None:
    night = NOON + 11 * HOUR
    ispu = {"asap": 201}
    people = (somebody("sri"), somebody("awal", quiet=Quiet(20 * 60, 4 * 60)))
    desk = Ledger(*people, ispu=ispu)
    desk.put(
        *(
            alarm(*each, since=night)
            for each in [("s3", 1, "landslide"), ("s2", 2), ("s1", 3), ("udara", 2, "weather"), ("asap", 2, "air"), ("terik", 1, "heat")]
        )
    )
    said = desk.run(night, night + 10 * MINUTE)
    assert {(who, what) for _, who, _, which in said for what in which} == {
        (p.id, w) for p in people for w in ("s2", "s1", "asap", "udara")
    }
    said = [s for s in desk.run(night + 10 * MINUTE, NOON + 18 * HOUR, 30 * SECOND) if s[2] == "raised"]
    assert {(t + night + 10 * MINUTE - NOON, who) for t, who, *_ in said} == {
        (16 * HOUR + 30 * SECOND, "awal"),
        (17 * HOUR + 30 * SECOND, "sri"),
    }
    assert {(who, what) for _, who, _, which in said for what in which} == {(p.id, w) for p in people for w in ("s3", "terik")}


def test_what_was_held_escalates_from_the_morning_on() -> None:
    night = NOON + 11 * HOUR
    desk = Ledger(somebody("rt", "rt"))
    desk.put(alarm("s3", 1, since=night))
    assert [t + night - NOON for t, *_ in desk.run(night, NOON + 18 * HOUR, MINUTE)] == [17 * HOUR + 20 * MINUTE]


def test_a_farmer_has_one_message_in_the_morning() -> None:
    night, digest = NOON + 11 * HOUR, NOON + 17 * HOUR + 30 * MINUTE
    desk = Ledger(
        somebody("tani", "farmer", fields=("sawah",)),
        somebody("tanpa", "farmer"),
        somebody("ppl", "ppl"),
        fields=FIELDS,
        advice={"tanpa": ("Panen besok.",)},
    )
    desk.put(DRY, OTHER)
    assert desk.run(NOON, night, MINUTE) == []
    desk.put(alarm("udara", 1, "air", since=night))
    said = desk.run(night, digest + 2 * HOUR, MINUTE)
    assert [(t + night, who, kind, set(which)) for t, who, kind, which in said] == [
        (digest, "tani", "digest", {"kering", "udara"}),
        (digest, "tanpa", "digest", {"udara"}),
        (digest, "ppl", "digest", {"kering", "kering-2"}),
    ]
    assert [m.lines for m in desk.messages.values() if m.person == "tanpa"] == [("Panen besok.",)]
    desk.more = {"fields": FIELDS}
    desk.acknowledged.add(OTHER.id)
    said = desk.run(digest + 2 * HOUR, digest + 2 * DAY - HOUR, 10 * MINUTE)
    assert [(who, which) for _, who, kind, which in said if kind == "digest"] == [("tani", ("kering",)), ("ppl", ("kering",))]
    desk.end(DRY, digest + 30 * HOUR)
    said = desk.run(digest + 2 * DAY, digest + 2 * DAY + MINUTE)
    assert [(who, which) for _, who, kind, which in said if kind == "digest"] == [("tani", ("kering",)), ("ppl", ("kering",))]
    assert [s for s in desk.run(digest + 2 * DAY + MINUTE, digest + 5 * DAY, HOUR) if "kering" in s[3]] == []


def test_disease_is_told_every_third_day() -> None:
    risk = alarm("rawan-blas", 1, "farm", series="kiosk-1.tanah-1.soil_moisture")
    desk = Ledger(somebody("ppl", "ppl"))
    desk.put(risk)
    assert [t // DAY for t, *_ in desk.run(NOON, NOON + 9 * DAY, 10 * MINUTE)] == [0, 3, 6]


def test_a_flood_silences_sensors_and_fields_there_and_nowhere_else() -> None:
    flood, here, there = alarm("a", 3), alarm("alat", 1, "device"), alarm("alat", 1, "device", village=ELSEWHERE, series="kiosk-2.alat.x")
    desk = Ledger(somebody("tek", "operator", ""))
    desk.put(flood, here, there)
    assert [which for *_, which in desk.run(NOON, NOON + HOUR, MINUTE)] == [("alat",)]
    assert desk.plan(NOON + HOUR).muted[here.id].by == flood.id
    desk.end(flood, NOON + HOUR)
    assert [(kind, which) for *_, kind, which in desk.run(NOON + HOUR, NOON + 2 * HOUR, MINUTE)] == [("raised", ("alat",))]
    assert {name for m in desk.messages.values() for name in m.alarms} == {here.id, there.id}


def test_a_rule_silences_those_it_names() -> None:
    rule = parse_rule({**RULE, "id": "s1", "severity": 3, "inhibits": ["s2"]})
    grave, other = (alarm(name, severity, series="kiosk-1.kali-1.water_level") for name, severity in (("s1", 3), ("s2", 2)))
    desk = Ledger(somebody("sri"), somebody("rt", "rt"), rules={"s1": rule})
    desk.put(other, grave)
    assert desk.tick(NOON) == [("sri", "raised", ("s1",))]
    desk.acknowledged.add(grave.id)
    desk.run(NOON, NOON + 10 * HOUR, 10 * MINUTE)
    desk.end(grave, NOON + 10 * HOUR)
    said = desk.run(NOON + 10 * HOUR, NOON + 11 * HOUR)
    assert [(t // SECOND, who, kind, which) for t, who, kind, which in said] == [
        (30, "sri", "raised", ("s2",)),
        (1200, "rt", "escalated", ("s2",)),
    ]


def test_silence_tells_nobody_and_what_lasts_comes_out_after() -> None:
    one = alarm("a", 3)
    silence = Silence("x", NOON - HOUR, NOON + HOUR, "Sari", "latihan", village=VILLAGE, rule="a*")
    desk = Ledger(somebody("sri"), somebody("rt", "rt"))
    desk.silences.append(silence)
    desk.put(one, alarm("b", 3))
    assert {which for *_, which in desk.run(NOON, NOON + HOUR)} == {("b",)}
    said = desk.run(NOON + HOUR, NOON + HOUR + 20 * MINUTE)
    assert [(t, who, kind) for t, who, kind, which in said if "a" in which] == [(0, "sri", "raised"), (5 * MINUTE, "rt", "escalated")]
    desk.silences[0] = replace(silence, until=NOON + DAY, ended=NOON + HOUR)
    assert not desk.plan(NOON + 2 * HOUR).muted


def test_silence_names_devices() -> None:
    one = alarm("alat", 1, "device")
    fits = [
        Silence("x", 0, 1, "a", "b", **each).fits(one)
        for each in (
            {},
            {"node": "kiosk-1"},
            {"device": "alat"},
            {"device": "alat", "node": "kiosk-2"},
            {"rule": "alat-*"},
            {"village": ELSEWHERE},
        )
    ]
    assert fits == [True, True, True, False, False, False]


def test_who_was_not_told_hears_nothing_of_the_end() -> None:
    one = alarm("a")
    desk = Ledger(somebody("sri"))
    desk.put(one)
    desk.tick(NOON)
    desk.end(one, NOON + 20 * SECOND)
    assert desk.run(NOON + 20 * SECOND, NOON + HOUR) == []


def test_it_is_over_is_told_and_that_it_never_was_is_told_sooner() -> None:
    a, b = alarm("a"), alarm("b")
    desk = Ledger(somebody("sri"))
    desk.put(a, b)
    desk.run(NOON, NOON + MINUTE)
    desk.end(a, NOON + MINUTE)
    desk.put(replace(b, until=b.since, withdrawn=True))
    assert [(t, kind, which) for t, _, kind, which in desk.run(NOON + MINUTE, NOON + HOUR)] == [
        (0, "cancelled", ("b",)),
        (5 * MINUTE, "resolved", ("a",)),
    ]
    late = Ledger(somebody("sri"))
    late.put(a)
    late.run(NOON, NOON + MINUTE)
    late.end(a, NOON + MINUTE)
    assert late.tick(NOON + 3 * DAY) == []
    assert not late.chains["sri", f"{VILLAGE}:flood"].open


def test_an_alarm_whose_beginning_moved_is_no_news() -> None:
    a = alarm("a")
    moved = alarm("a", since=NOON - MINUTE)
    desk = Ledger(somebody("sri"))
    desk.put(a)
    desk.run(NOON, NOON + MINUTE)
    desk.put(replace(a, until=a.since, withdrawn=True, became=moved.id), moved)
    assert desk.run(NOON + MINUTE, NOON + HOUR, MINUTE) == []
    desk.end(moved, NOON + HOUR)
    assert [kind for *_, kind, _ in desk.run(NOON + HOUR, NOON + 2 * HOUR, MINUTE)] == ["resolved"]


def test_falling_water_is_not_told_as_safe() -> None:
    """Siaga 1 ended while Siaga 2 stands at the same gauge: what stands is told, not that something ended."""
    high, low = (alarm(name, severity, series="kiosk-1.kali-1.water_level") for name, severity in (("s1", 3), ("s2", 2)))
    desk = Ledger(somebody("sri"))
    desk.put(high, low)
    assert desk.tick(NOON) == [("sri", "raised", ("s1", "s2"))]
    desk.end(high, NOON + 20 * MINUTE)
    assert [(kind, which) for *_, kind, which in desk.run(NOON + 20 * MINUTE, NOON + 90 * MINUTE, MINUTE)] == [("repeat", ("s2",))]
    desk.end(low, NOON + 90 * MINUTE)
    assert [(kind, which) for *_, kind, which in desk.run(NOON + 90 * MINUTE, NOON + 2 * HOUR, MINUTE)] == [("resolved", ("s2",))]


def test_what_has_not_gone_and_is_not_true_any_more_is_taken_back() -> None:
    one = alarm("a", 3)
    desk = Ledger(somebody("sri"))
    desk.put(one)
    assert desk.tick(NOON, "waiting") == [("sri", "raised", ("a",))]
    desk.end(one, NOON + MINUTE)
    assert desk.run(NOON + MINUTE, NOON + HOUR, MINUTE, "waiting") == []
    assert list(desk.states.values()) == ["dropped"]
    again = alarm("a", 3, since=NOON + HOUR)
    desk.put(again, alarm("b", 3))
    assert desk.tick(NOON + HOUR, "waiting") == [("sri", "raised", ("b", "a"))]
    desk.put(alarm("c", 3))
    assert desk.tick(NOON + HOUR + 29 * SECOND, "waiting") == []
    assert desk.tick(NOON + HOUR + 30 * SECOND, "waiting") == [("sri", "raised", ("b", "c", "a"))]
    assert sorted(desk.states.values()) == ["dropped", "dropped", "waiting"]
    assert max(m.due for m in desk.messages.values()) == NOON + HOUR


def test_a_repetition_that_has_not_gone_is_taken_back_once_somebody_answers() -> None:
    one = alarm("a", 3)
    desk = Ledger(somebody("sri"))
    desk.put(one)
    desk.tick(NOON)
    assert desk.tick(NOON + 30 * MINUTE, "waiting") == [("sri", "repeat", ("a",))]
    desk.acknowledged.add(one.id)
    assert desk.tick(NOON + 31 * MINUTE) == []
    assert sorted(desk.states.values()) == ["dropped", "sent"]


def test_whom_no_channel_reaches_is_tried_again_when_it_would_be_repeated() -> None:
    one = alarm("a", 3)
    desk = Ledger(somebody("sri"))
    desk.put(one)
    assert [t // MINUTE for t, *_ in desk.run(NOON, NOON + HOUR, MINUTE, "failed")] == [0, 30]
    desk.put(alarm("b", 2, series=one.series))
    assert desk.run(NOON + HOUR, NOON + 61 * MINUTE, MINUTE) == [(0, "sri", "raised", ("a", "b"))]
    expired = Ledger(somebody("sri"))
    expired.put(one)
    assert [t // MINUTE for t, *_ in expired.run(NOON, NOON + 3 * MINUTE, MINUTE, "expired")] == [0, 1, 2]


def test_nothing_is_told_of_what_is_not_announced() -> None:
    desk = Ledger(
        *(somebody(role, role, "" if role == "operator" else VILLAGE, fields=("sawah",)) for role in ("farmer", "rt", "ppl", "operator"))
    )
    desk.put(*(replace(alarm(f"a-{n}", n, about), announced=False) for n in (1, 2, 3) for about in ("flood", "farm", "device")))
    assert desk.run(NOON, NOON + 2 * DAY, 10 * MINUTE) == []


def test_who_left_hears_nothing_more_and_who_came_is_told() -> None:
    one = alarm("a", 3)
    desk = Ledger(somebody("sri"))
    desk.put(one)
    desk.tick(NOON, "waiting")
    desk.people = [somebody("sri", active=False), somebody("made")]
    assert desk.tick(NOON + MINUTE) == [("made", "raised", ("a",))]
    assert sorted(desk.states.values()) == ["dropped", "sent"]
    desk.people = [somebody("sri"), somebody("made")]
    assert desk.tick(NOON + 2 * MINUTE) == [("sri", "raised", ("a",))]


def test_people_hear_what_they_chose() -> None:
    desk = Ledger(somebody("grave", least=3), somebody("air", about=frozenset({"air"})), somebody("away", village=ELSEWHERE))
    desk.put(alarm("a"), alarm("b", 3), alarm("c", 2, "air"))
    assert [(who, which) for _, who, _, which in desk.run(NOON, NOON + MINUTE)] == [("grave", ("b",)), ("air", ("c",))]


def test_codes_are_the_same_for_all_who_are_told_the_same() -> None:
    code = reply_code("g", ["b", "a"])
    assert code == reply_code("g", ["a", "b"]) != reply_code("g", ["a"])
    assert len(code) == 4
    assert set(code) <= set(LETTERS)
