"""The judge of a chaos run is judged: each kind of loss is called by its name, and the schedule is the seed's."""

from __future__ import annotations

from itertools import pairwise

import pytest
from kampung_contract.errors import ConfigurationError
from kampung_sim.chaos.catalogue import DEFAULT, FAULTS, parse_faults
from kampung_sim.chaos.ledger import Account, Death, Fate, Frame, Line, Told, compare
from kampung_sim.chaos.plan import plan


def frames(count: int = 10) -> list[Frame]:
    """One each 100 ms from 1,000 ms, read 50 ms later."""
    return [Frame(n, 1_000 + n * 100, 1_050 + n * 100) for n in range(1, count + 1)]


def judged(rows: list[tuple[int, int]], told: Told = Told([]), line: list[Frame] | None = None) -> Account:  # noqa: B008 - frozen
    account = Account()
    compare(account, Line("kios-1.alat-1.distance", "kios-1", line or frames()), rows, told)
    return account


ROWS = [(1_050 + n * 100, n) for n in range(1, 11)]


def test_all_there() -> None:
    account = judged(ROWS)
    assert (account.sent, account.stored, account.missing, account.lost) == (10, 10, 0, [])


def test_missing_is_unexplained() -> None:
    account = judged(ROWS[:4] + ROWS[5:])
    assert (account.missing, account.unexplained) == (1, 1)
    assert "5 written 1500" in account.lost[0]


def test_missing_before_a_kill_is_told_apart() -> None:
    """Read after the window began: explained. Read before: not, though the kill came later."""
    account = judged(ROWS[:3], Told([Death(at=2_200, safe=1_800)]))
    assert (account.missing, account.in_loss_window, account.unexplained) == (7, 3, 4)
    assert account.oldest_loss_ms == 2_200 - 1_800


def test_a_kill_explains_nothing_that_came_after_it() -> None:
    assert judged(ROWS[:9], Told([Death(at=1_500, safe=500)])).unexplained == 1


def test_twice_altered_and_out_of_order() -> None:
    account = judged([*ROWS[:2], (1_260, 2), ROWS[3], (1_451, 3), *ROWS[4:], (2_300, 999), (90_000, 4)])
    assert (account.duplicated, account.altered, account.out_of_order, account.unexplained) == (1, 2, 1, 0)


def test_only_what_was_in_a_damaged_spool_is_lost_with_it() -> None:
    """Three of five were; the other two are not excused by it."""
    account = judged(ROWS[:5], Told([Death(at=9_000, safe=8_000)], wrecked=tuple(ROWS[5:8])))
    assert (account.in_damaged_spool, account.unexplained) == (3, 2)


def test_gaps_that_were_told() -> None:
    assert judged(ROWS[:5], Told([], gaps=((1_500, 2_200),))).dropped_with_gap_record == 5


def test_a_disk_that_refuses_excuses_what_it_refused() -> None:
    """Read since the edge said so; what was read before it should have been written."""
    account = judged(ROWS[:3], Told([Death(at=2_200, safe=2_000, refused=1_600)]))
    assert (account.in_loss_window, account.while_disk_refused, account.unexplained) == (1, 4, 2)


def test_unread_frames_were_never_sent() -> None:
    line = frames()
    line[-1].fate = Fate.UNREAD
    assert (judged(ROWS[:-1], line=line).unread, judged(ROWS[:-1], line=line).missing) == (1, 0)


def test_a_number_that_comes_round_again_is_another_reading() -> None:
    line = [Frame(1, 1_000, 1_050), Frame(1, 4_000_000, 4_000_050)]
    assert (judged([(1_050, 1), (4_000_050, 1)], line=line).duplicated, judged([(1_050, 1)], line=line).unexplained) == (0, 1)


def test_the_seed_is_the_schedule() -> None:
    """As many kills as asked, every fault at least once, in time, and another seed is another schedule."""
    strokes = plan(5, 60, 40, tuple(FAULTS), 2)
    assert strokes == plan(5, 60, 40, tuple(FAULTS), 2) != plan(6, 60, 40, tuple(FAULTS), 2)
    assert sum(s.name.startswith("kill-") for s in strokes) == 40
    assert {s.name for s in strokes} == set(FAULTS)
    assert all(1 <= s.at <= 60 for s in strokes)


def test_held_faults_follow_one_another() -> None:
    """Each lasts as long as told, and on one edge the next begins after the one before has ended."""
    strokes = plan(5, 300, 0, ("half-open", "cut"), 3, hold=60)
    assert {(s.seconds, s.at + 60 <= 300) for s in strokes} == {(60, True)}
    for edge in range(3):
        begins = [s.at for s in strokes if s.edge == edge]
        assert len(begins) >= 3
        assert all(later - earlier >= 63 for earlier, later in pairwise(begins))


def test_fault_lists() -> None:
    assert parse_faults("default") == DEFAULT
    assert parse_faults("cut, slow,cut") == ("cut", "slow")
    assert set(parse_faults("all")) == set(FAULTS) - {"kill-engine"}
    assert set(parse_faults("all", engine=True)) == set(FAULTS)
    with pytest.raises(ConfigurationError, match="kill-cloud"):
        parse_faults("kill-engine")
    with pytest.raises(ConfigurationError, match="half-open"):
        parse_faults("halfopen")
    with pytest.raises(ConfigurationError, match="no fault is named"):
        parse_faults(",")
