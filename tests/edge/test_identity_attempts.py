"""PINs cannot be tried out: whatever an attacker does with restarts, damaged files and patience, few tries a day are looked at."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_contract.errors import KampungError
from kampung_edge.identity.attempts import ALL, KIOSK, ONE, Attempts

DAY_S = 86_400
steps = st.lists(st.one_of(st.just("try"), st.just("restart"), st.integers(1, 7200)), max_size=80)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def tried(attempts: Attempts, key: str = "nik/1") -> bool:
    try:
        attempts.count([key])
    except KampungError as error:
        assert error.code == "too_many"
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(steps)
def test_few_tries_whatever_is_done_in_between(done: list[str | int]) -> None:
    """After the free ones each costs at least half a minute of the kiosk's own clock, also over restarts (at which it begins anew)."""
    with tempfile.TemporaryDirectory() as folder:
        clock, file = Clock(), Path(folder) / "attempts.json"
        attempts, looked_at, passed = Attempts(file, clock), 0, 0.0
        for step in done:
            if step == "restart":
                clock.now = 5.0
                attempts = Attempts(file, clock)
            elif isinstance(step, int):
                clock.now += step
                passed += step
            else:
                looked_at += tried(attempts)
        if passed < ONE.forgotten_s:
            assert looked_at <= ONE.free + passed / 30


def test_a_day_of_patience_is_some_tens_of_tries(tmp_path: Path) -> None:
    clock = Clock()
    attempts, looked_at = Attempts(tmp_path / "attempts.json", clock), 0
    until = clock.now + DAY_S
    while clock.now < until:
        looked_at += tried(attempts)
        clock.now += 30
    assert ONE.free + 20 < looked_at < 40


def test_many_people_at_one_kiosk(tmp_path: Path) -> None:
    """Whoever tries one PIN on all residents is stopped by the kiosk's own count; somebody of the staff can still help."""
    clock = Clock()
    attempts = Attempts(tmp_path / "attempts.json", clock)
    looked_at = sum(tried(attempts, f"nik/{n}") for n in range(500))
    assert looked_at == ALL.free
    attempts.count(["staff/siti"], helped=True)


def test_a_good_one_is_forgotten_and_a_damaged_file_is_no_way_in(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "attempts.json"
    attempts = Attempts(file, clock)
    for _ in range(2 * ALL.free):
        attempts.count(["nik/1"])
        attempts.good(["nik/1"])
    file.write_text("{")
    with pytest.raises(KampungError, match="tunggu 30 detik"):
        Attempts(file, clock).count(["nik/1"])
    assert KIOSK not in Attempts(tmp_path / "none.json", clock)._failures
