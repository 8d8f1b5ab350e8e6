"""What the tests of planning share: alarms, people, and records of messages in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kampung_cloud.messages.address import Address
from kampung_cloud.messages.chain import Chain, Message
from kampung_cloud.messages.identity import identity
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.planning import Plan, plan
from kampung_cloud.messages.silence import Silence
from kampung_cloud.messages.world import State, World
from kampung_contract.alarm import Alarm

from .conftest import VILLAGE

NOON = 1_795_323_600_000
"""22 November 2026, 12.00 WIB."""
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
ELSEWHERE = "35.10.24.2007"
TEXT = {"id": "…"}
RULE: dict[str, Any] = {
    "id": "kali-1",
    "village": VILLAGE,
    "about": "flood",
    "quantity": "water_level",
    "unit": "m",
    "threshold": 1.5,
    "clear": 1.3,
    "severity": 2,
    "title": TEXT,
    "message": TEXT,
    "source": "a test",
}


def alarm(name: str, severity: int = 2, about: str = "flood", *, since: int = NOON, village: str = VILLAGE, series: str = "") -> Alarm:
    series = series or f"kiosk-1.{name}.water_level"
    return Alarm(
        id=f"{name}:{series}:{since}",
        rule=name,
        village=village,
        node="kiosk-1",
        scope=series,
        series=series,
        severity=severity,
        since=since,
        until=None,
        value=1.6,
        unit="m",
        threshold=1.5,
        title=TEXT,
        message=TEXT,
        source="a test",
        announced=True,
        worst=1.6,
        worst_at=since,
        about=about,
    )


def somebody(name: str, role: str = "resident", village: str = VILLAGE, **more: Any) -> Person:
    return Person(name, village, name, role, addresses=(Address("sms", "+6281200001234"),), **more)


class Ledger:
    """Records of messages in memory, with the keys that guard them, and channels that deliver when they are told to."""

    def __init__(self, *people: Person, **more: Any) -> None:
        self.people, self.more = list(people), more
        self.alarms: dict[str, Alarm] = {}
        self.messages: dict[str, Message] = {}
        self.states: dict[str, str] = {}
        self.chains: dict[tuple[str, str], Chain] = {}
        self.seen: dict[str, int] = {}
        self.silences: list[Silence] = []
        self.acknowledged: set[str] = set()

    def put(self, *alarms: Alarm) -> None:
        self.alarms |= {each.id: each for each in alarms}

    def end(self, each: Alarm, at: int) -> None:
        self.alarms[each.id] = replace(self.alarms[each.id], until=at)

    def plan(self, now: int) -> Plan:
        read = {k: replace(c, state=self.states[c.message]) if c.message else c for k, c in self.chains.items()}
        world = World(self.alarms, self.people, self.silences, frozenset(self.acknowledged), **self.more)
        return plan(State(read, self.seen), world, now)

    def write(self, what: Plan) -> bool:
        """In one transaction; False when another was quicker, and nothing was written."""
        names = [identity(message) for message in what.messages]
        assert len(set(names)) == len(names)
        stale = any(self.chains.get((c.person, c.group), Chain("", "")).number not in (c.number, c.number - 1) for c in what.chains)
        if stale or any(n in self.messages for n in names) or any(self.states[n] != "waiting" for n in what.taken_back):
            return False
        self.messages |= dict(zip(names, what.messages, strict=True))
        self.states |= dict.fromkeys(names, "waiting") | dict.fromkeys(what.taken_back, "dropped")
        self.chains |= {(c.person, c.group): c for c in what.chains}
        self.seen |= what.seen
        return True

    def tick(self, now: int, state: str = "sent") -> list[tuple[str, str, tuple[str, ...]]]:
        """Plan, write, deliver: who was told what of which rules."""
        what = self.plan(now)
        assert self.write(what)
        self.deliver(state)
        return [(m.person, m.kind, tuple(name.partition(":")[0] for name in m.alarms)) for m in what.messages]

    def deliver(self, state: str = "sent") -> None:
        self.states |= {name: state for name, now in self.states.items() if now == "waiting"}

    def run(self, start: int, stop: int, step: int = 10 * SECOND, state: str = "sent") -> list[tuple[int, str, str, tuple[str, ...]]]:
        return [(t - start, *said) for t in range(start, stop, step) for said in self.tick(t, state)]


FIELDS = {"sawah": frozenset({"kiosk-1.tanah-1.soil_moisture"}), "kebun": frozenset({"kiosk-1.tanah-2.soil_moisture"})}
DRY = alarm("kering", 1, "farm", series="kiosk-1.tanah-1.soil_moisture")
OTHER = alarm("kering-2", 1, "farm", series="kiosk-1.tanah-2.soil_moisture")
