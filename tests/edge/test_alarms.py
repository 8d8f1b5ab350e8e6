"""The kiosk's own alarms: with no cloud but the rules it once sent, over kills, wrong clocks and what the cloud knows better."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kampung_contract.alarm import Alarm
from kampung_contract.documents import Content
from kampung_contract.pack import FAIL, GOOD
from kampung_contract.rules import parse_rule
from kampung_edge import alarms as module
from kampung_edge.alarms import Alarms
from kampung_edge.bus import Bus

VILLAGE, NODE = "35.10.24.2008", "kios-1"
SERIES = f"{NODE}.kali-1.water_level"
T0, MINUTE = 1_795_280_400_000, 60_000
RULE: dict[str, Any] = {
    "id": "kali",
    "village": VILLAGE,
    "quantity": "water_level",
    "unit": "m",
    "threshold": 1.5,
    "clear": 1.3,
    "for": "10m",
    "clear_for": "5m",
    "severity": 2,
    "title": {"id": "Kali naik"},
    "message": {"id": "Air {value} m, batas {threshold} m"},
    "source": "a test",
}


def rules(*tables: dict[str, Any], version: str = "1") -> Content:
    return Content("rules", 1, T0, {"version": version, "rules": [msgspec.to_builtins(parse_rule(t)) for t in tables]})


class Kiosk:
    """The part of an edge that alarms need. Readings are fresh when they come, unless ``now`` is set."""

    def __init__(self, folder: Path, clock: Callable[[int], None]) -> None:
        self.folder, self._clock = folder, clock
        self.history: list[tuple[int, float, int]] = []
        self.told: list[tuple[str, int]] = []
        self.now: int | None = None
        self.begin()

    def begin(self) -> None:
        """As at a start, from what is on disk."""
        self.alarms = Alarms(self.folder / "alarms.json", VILLAGE, NODE, Bus(), self._tell, lambda _: list(self.history))

    def _tell(self, event: dict[str, Any]) -> None:
        assert event["type"] == "alarm"
        self.told.append((event["state"], (event["since"] - T0) // MINUTE))

    def hear(self, *rows: tuple[int, float], flag: int = GOOD) -> None:
        for minute, value in rows:
            t = T0 + minute * MINUTE
            self._clock(t if self.now is None else T0 + self.now * MINUTE)
            self.alarms.hear("kali-1", "water_level", "m", (t, value, flag))

    def tend(self, minute: int) -> None:
        self._clock(T0 + minute * MINUTE)
        self.alarms.tend()

    def shown(self, cloud: Content | None = None) -> list[tuple[str, int, int | None]]:
        """State and minutes of what people see."""
        found = self.alarms.shown(cloud)
        assert found is not None
        alarms = [Alarm.told(a) for a in found["alarms"]]
        return [(a.rule, (a.since - T0) // MINUTE, None if a.until is None else (a.until - T0) // MINUTE) for a in alarms]


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    return Kiosk(tmp_path, lambda ms: monkeypatch.setattr(module, "wall_ms", lambda: ms))


def cloud(since: int, *, rule: str = "kali", series: str = SERIES, until: int | None = None) -> Content:
    """The cloud's document with one alarm."""
    alarm = Alarm(
        id=f"{rule}:{series}:{T0 + since * MINUTE}",
        rule=rule,
        village=VILLAGE,
        node=series.partition(".")[0],
        scope=series,
        series=series,
        severity=2,
        since=T0 + since * MINUTE,
        until=None if until is None else T0 + until * MINUTE,
        value=1.6,
        unit="m",
        threshold=1.5,
        title={"id": "x"},
        message={"id": "x"},
        source="a test",
        announced=True,
        worst=1.6,
        worst_at=T0 + since * MINUTE,
    )
    return Content("alarms", 1, T0, {"alarms": [alarm.shown()]})


def test_without_rules_and_cloud_nothing_is_known(kiosk: Kiosk) -> None:
    """No alarm is not the same as not knowing."""
    assert kiosk.alarms.shown(None) is None
    kiosk.alarms.follow(rules(RULE))
    assert kiosk.shown() == []


def test_it_is_raised_and_resolved_here_and_the_cloud_is_told(kiosk: Kiosk) -> None:
    kiosk.alarms.follow(rules(RULE))
    kiosk.hear(*((m, 1.6) for m in range(10)))
    kiosk.hear((10, 9.9), flag=FAIL)
    assert kiosk.shown() == []
    kiosk.hear((11, 1.7))
    assert kiosk.shown() == [("kali", 11, None)]
    assert kiosk.alarms.firing[0].message == {"id": "Air 1,70 m, batas 1,50 m"}
    kiosk.hear(*((m, 1.2) for m in range(12, 18)))
    assert kiosk.shown() == [("kali", 11, 17)]
    assert kiosk.told == [("firing", 11), ("resolved", 11)]
    kiosk.tend(70)
    assert kiosk.shown() == [("kali", 11, 17)]
    kiosk.tend(78)
    assert kiosk.shown() == []


def test_a_kill_in_mid_duration_forgets_nothing(kiosk: Kiosk) -> None:
    """Neither before it fires nor while it clears."""
    kiosk.alarms.follow(rules(RULE))
    kiosk.hear(*((m, 1.6) for m in range(5)))
    kiosk.tend(5)
    kiosk.begin()
    kiosk.alarms.follow(rules(RULE))
    kiosk.hear(*((m, 1.6) for m in range(6, 12)))
    assert kiosk.shown() == [("kali", 10, None)]
    kiosk.hear((12, 1.2), (14, 1.2))
    kiosk.tend(14)
    kiosk.begin()
    kiosk.alarms.follow(rules(RULE))
    assert kiosk.shown() == [("kali", 10, None)]
    kiosk.hear((17, 1.2))
    assert kiosk.shown() == [("kali", 10, 17)]


def test_rules_that_come_later_look_at_what_is_remembered(kiosk: Kiosk) -> None:
    """A kiosk that gets its first rule in the middle of a flood knows when it began."""
    kiosk.history = [(T0 + m * MINUTE, 1.6, GOOD) for m in range(30)]
    kiosk.alarms.follow(rules(RULE))
    kiosk.hear((30, 1.6))
    assert kiosk.shown() == [("kali", 10, None)]


def test_old_readings_call_nobody(kiosk: Kiosk) -> None:
    """A recording that is played back, or a clock that was behind; a fresh reading shows whether it holds."""
    kiosk.alarms.follow(rules(RULE))
    kiosk.now = 600
    kiosk.hear(*((m, 1.6) for m in range(20)))
    assert (kiosk.shown(), kiosk.told) == ([], [])
    kiosk.hear(*((m, 1.2) for m in range(20, 30)))
    kiosk.hear(*((m, 1.6) for m in range(585, 601)))
    assert kiosk.shown() == [("kali", 595, None)]
    assert kiosk.told == [("firing", 595)]


def test_a_clock_that_is_set_back_does_not_deafen(kiosk: Kiosk) -> None:
    kiosk.alarms.follow(rules(RULE))
    kiosk.hear(*((m, 1.6) for m in range(600, 612)))
    assert kiosk.shown() == [("kali", 610, None)]
    kiosk.hear(*((m, 1.2) for m in range(6)))
    assert kiosk.shown() == [("kali", 0, 5)]
    kiosk.hear(*((m, 1.6) for m in range(6, 18)))
    assert kiosk.shown()[-1] == ("kali", 16, None)


def test_the_cloud_knows_what_this_kiosk_has_forgotten(kiosk: Kiosk) -> None:
    """A new disk in a flood: the alarm stands, under the cloud's name, until this kiosk sees it end. What it saw end stays so."""
    kiosk.alarms.follow(rules(RULE))
    kiosk.hear((0, 1.4))
    kiosk.alarms.agree(cloud(-300))
    assert kiosk.shown(cloud(-300)) == [("kali", -300, None)]
    kiosk.hear(*((m, 1.2) for m in range(1, 7)))
    assert kiosk.shown(cloud(-300)) == [("kali", -300, 6)]
    kiosk.alarms.agree(cloud(-300))
    assert kiosk.shown(cloud(-300)) == [("kali", -300, 6)]


@pytest.mark.parametrize("first", ["rules", "alarms"])
def test_whichever_document_comes_first(kiosk: Kiosk, first: str) -> None:
    """An alarm that this kiosk finds by itself later than the cloud did is the cloud's alarm."""
    if first == "alarms":
        kiosk.alarms.agree(cloud(-300))
    kiosk.alarms.follow(rules(RULE))
    if first == "rules":
        kiosk.alarms.agree(cloud(-300))
    kiosk.hear(*((m, 1.6) for m in range(12)))
    assert kiosk.shown(cloud(-300)) == [("kali", -300, None)]
    assert kiosk.told == []


def test_one_alarm_is_shown_once_and_others_beside_it(kiosk: Kiosk) -> None:
    """The cloud's beginning is the right one; what another kiosk sees is taken as it is told."""
    kiosk.alarms.follow(rules(RULE))
    kiosk.hear(*((m, 1.6) for m in range(12)))
    document = cloud(7)
    document.document["alarms"] += cloud(3, series="kios-2.kali-9.water_level").document["alarms"]
    kiosk.alarms.agree(document)
    assert sorted(kiosk.shown(document)) == [("kali", 3, None), ("kali", 7, None)]
    kiosk.hear(*((m, 1.2) for m in range(12, 18)))
    assert kiosk.told[-1] == ("resolved", 7)


def test_a_silent_sensor_is_told_to_the_cloud_and_not_to_residents(kiosk: Kiosk) -> None:
    silence = {k: v for k, v in RULE.items() if k not in {"quantity", "unit", "threshold", "clear", "for", "clear_for"}}
    when = {"type": "silence", "quantity": "water_level", "unit": "m", "after": "30m"}
    kiosk.alarms.follow(rules({**silence, "id": "alat", "about": "device", "when": when}))
    kiosk.hear((0, 1.0), (10, 1.0))
    kiosk.tend(39)
    assert kiosk.told == []
    kiosk.tend(41)
    assert (kiosk.told, kiosk.shown()) == ([("firing", 40)], [])
    kiosk.begin()
    kiosk.alarms.follow(rules({**silence, "id": "alat", "about": "device", "when": when}))
    kiosk.hear((60, 1.0))
    assert kiosk.told[-1] == ("resolved", 40)


def test_a_rule_that_is_withdrawn_ends_its_alarm(kiosk: Kiosk) -> None:
    kiosk.alarms.follow(rules(RULE))
    kiosk.hear(*((m, 1.6) for m in range(12)))
    kiosk.alarms.follow(rules({**RULE, "id": "lain"}, version="2"))
    assert kiosk.shown() == [("kali", 10, 11)]


@pytest.mark.parametrize("kept", [b"", b"{}", b'{"alarms": [{"id": 1}], "tracks": {}}', b'{"alarms": [], "tracks": {"kali\\tx": {}}}'])
def test_a_damaged_memory_is_no_obstacle(kiosk: Kiosk, kept: bytes) -> None:
    (kiosk.folder / "alarms.json").write_bytes(kept)
    kiosk.begin()
    kiosk.alarms.follow(Content("rules", 1, T0, {"rules": [{"id": "broken"}, *rules(RULE).document["rules"]]}))
    kiosk.alarms.agree(Content("alarms", 1, T0, {"alarms": [{"id": "broken"}]}))
    kiosk.hear(*((m, 1.6) for m in range(12)))
    assert kiosk.shown() == [("kali", 10, None)]


def test_rules_over_another_villages_sensors_are_the_regencys(kiosk: Kiosk) -> None:
    """What this kiosk hears of it by radio, it judges itself; readings of an older zero it does not look at."""
    mine = {"node": NODE, "device": "kali-1"}
    far = {**RULE, "id": "jauh", **mine, "watches": "35.10.24.2003"}
    late = {**RULE, "id": "nol-baru", **mine, "for": "0s", "begins": T0 + 5 * MINUTE}
    kiosk.alarms.follow(rules(far, {**RULE, **mine}, late))
    kiosk.hear(*((m, 1.6) for m in range(12)))
    assert sorted(kiosk.shown()) == [("kali", 10, None), ("nol-baru", 5, None)]
