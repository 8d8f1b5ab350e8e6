"""Which calibration stood behind a reading: after backfill, repetition, restarts and boots that did not know the time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.provenance import of, spans, within
from kampung_cloud.telemetry.store import Correction, SeriesKey
from kampung_contract.errors import InvalidAnnouncement
from kampung_contract.pack import Clock, Column, Pack, column, encode
from kampung_contract.provenance import Announcement, Calibration, Derived, DeviceOrigin, SeriesOrigin, parse_announcement
from kampung_contract.topics import Lane

from .conftest import HTTP, BrokerProcess, EdgeClient, get, make_pack, now_ms, until

SOIL = SeriesKey("35.10.24.2008", "kiosk-1", "soil-1", "soil_moisture", "%")
T0 = 1_795_280_400_000
HOUR = 3_600_000


def soil(offset: float | None) -> dict[str, DeviceOrigin]:
    """A node with one probe of this calibration, or with none."""
    if offset is None:
        return {}
    series = {"soil_moisture": SeriesOrigin(Calibration(offset=offset, method="given"))} if offset else {}
    return {"soil-1": DeviceOrigin("dfrobot-sen0600", "sensor", series)}


@dataclass
class Kiosk:
    """An edge in a world whose true time is known: its wall clock is wrong by ``lead`` in boots that are not synchronised."""

    announcements: list[Announcement] = field(default_factory=list)
    readings: list[tuple[int, str | None, float | None]] = field(default_factory=list)
    """(time as the cloud has it, boot where it is estimated, offset that was in force)."""
    corrections: dict[str, Correction] = field(default_factory=dict)
    now: int = T0

    def boot(self, index: int, lead: int | None, corrected: bool, runs: list[tuple[float | None, int]]) -> None:
        """``lead`` None is a clock that is right; ``runs`` are (offset, readings)."""
        name, began = f"{index:08x}", self.now
        known = lead is None or corrected
        if lead is not None and corrected:
            self.corrections[name] = Correction("kiosk-1", name, 5, began + 5)
        for offset, count in runs:
            self._start(name, began, lead, offset)
            for _ in range(count):
                self.now += 1000
                if offset is not None:
                    self.readings.append((self.now, None, offset) if known else (self.now + lead, name, offset))
            self.now += 1000
        self.now += 60_000

    def _start(self, boot: str, began: int, lead: int | None, offset: float | None) -> None:
        last = self.announcements[-1] if self.announcements else None
        if last is None and offset is None:
            return
        told = last is not None and last.devices == soil(offset) and (last.boot == boot or (last.synchronised and lead is None))
        if not told:
            since = self.now + (lead or 0)
            self.announcements.append(Announcement(since, boot, self.now - began, soil(offset), lead is None))


offsets = st.sampled_from([None, 0.0, 1.0, 2.0])
boots = st.tuples(
    st.none() | st.integers(-(10**9), 10**9), st.booleans(), st.lists(st.tuples(offsets, st.integers(0, 3)), min_size=1, max_size=3)
)


@given(st.lists(boots, max_size=6), st.randoms(use_true_random=False))
def test_every_reading_is_explained_by_what_was_in_force(history: list[Any], dice: Any) -> None:
    """Whatever boots knew of time, in whatever order and however often announcements arrive."""
    kiosk = Kiosk()
    for index, (lead, corrected, runs) in enumerate(history):
        kiosk.boot(index, lead, corrected, runs)
    heard = [*kiosk.announcements, *kiosk.announcements[::2]]
    dice.shuffle(heard)
    found = spans(SOIL, heard, lambda _node, boot: kiosk.corrections.get(boot))
    for t, boot, offset in kiosk.readings:
        span = of(found, t, boot)
        assert span is not None
        assert span.series == soil(offset)["soil-1"].of("soil_moisture")
        assert span in within(found, t, t + 1)
    truth = [s for s in found if s.boot is None]
    for before, after in itertools.pairwise(truth):
        assert before.stop is not None
        assert before.stop <= after.start
        assert before.stop < after.start or (before.device, before.series) != (after.device, after.series)


def test_the_same_again_is_one_span() -> None:
    """What did not change for this series does not divide it; what was removed leaves a hole."""
    other = {"level-1": DeviceOrigin("a02yyuw")}
    told = [
        Announcement(T0, "b", 0, soil(1.0)),
        Announcement(T0 + 10, "b", 10, soil(1.0) | other),
        Announcement(T0 + 20, "b", 20, other),
        Announcement(T0 + 30, "b", 30, soil(1.0)),
    ]
    found = spans(SOIL, told, lambda *_: None)
    assert [(s.start, s.stop) for s in found] == [(T0, T0 + 20), (T0 + 30, None)]
    assert of(found, T0 + 25) is None
    assert of(found, T0 - 1) is None


def test_a_clock_set_back_in_a_boot_without_a_time() -> None:
    found = spans(SOIL, [Announcement(T0, "b", 0, soil(1.0), False)], lambda *_: None)
    assert of(found, T0 - HOUR, "b") == found[0]
    assert of(found, T0 - HOUR) is None
    assert of(found, T0, "another") is None


def test_what_it_was_before_is_computed_back() -> None:
    """Calibrated first, then derived: and undone in the other order."""
    origin = SeriesOrigin(Calibration(1.5, 0.25), Derived("distance", -1.0, 3.0))
    assert origin.raw(round(-1.0 * (1.4 * 1.5 + 0.25) + 3.0, 9)) == 1.4


def test_a_calibration_is_known_by_its_hash() -> None:
    one = Calibration(1.1, -0.2, "two-point", [(4.2, 4.01), (6.9, 7.0)], "Budi", T0)
    assert one.id == Calibration(1.1, -0.2, "two-point", [(4.2, 4.01), (6.9, 7.0)], "Budi", T0).id
    assert len({one.id, Calibration(1.1, -0.2).id, Calibration(1.1, -0.2, by="Budi").id}) == 3
    again = parse_announcement(Announcement(T0, "b", 0, {"x": DeviceOrigin("m", "sensor", {"ph": SeriesOrigin(one)})}).event(), T0 + HOUR)
    found = again.devices["x"].series["ph"].calibration
    assert found is not None
    assert (found, found.id) == (one, one.id)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"from": "now"}, "not a calibration event"),
        ({"from": 5}, "before 2020"),
        ({"from": 2**50, "synchronised": False}, "no time of a boot"),
        ({"boot": ""}, "no time of a boot"),
        ({"devices": {"d": {"model": "m", "series": {"ph": {"calibration": {"gain": 0}}}}}}, "gain not 0"),
        ({"devices": {"d": {"model": "m", "series": {"ph": {"derived": {"from": "x", "gain": 0}}}}}}, "gain not 0"),
        ({"devices": {"d": {"model": "m", "series": {"ph": {"calibration": {"at": 2**60}}}}}}, "which is no time"),
        ({"devices": {"d": {"origin": "sensor"}}}, "model"),
    ],
)
def test_an_announcement_that_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidAnnouncement, match=message):
        parse_announcement(Announcement(T0, "b", 0, soil(1.0)).event() | change, T0 + HOUR)


def test_unknown_fields_of_a_newer_edge_are_ignored() -> None:
    event = Announcement(T0, "b", 0, soil(1.0)).event() | {"certificate": "K-17"}
    assert parse_announcement(event, T0 + HOUR).devices == soil(1.0)


@pytest.mark.parametrize("url", ["memory:", "duckdb:telemetry.duckdb"])
def test_over_the_wire(
    url: str, mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    """Backfill that comes before and after its announcement, a boot without a clock and its correction, and what cannot be read."""
    app, edge = start_cloud(mosquitto.url, telemetry={"url": url}), connect(mosquitto)
    now = now_ms()
    two_point = Calibration(0.5, 1.0, "two-point", [(10.0, 6.0), (40.0, 21.0)], "Budi", now - 3 * HOUR)
    calibrated = {"soil-1": DeviceOrigin("dfrobot-sen0600", "recording", {"soil_moisture": SeriesOrigin(two_point)})}

    def moisture(*rows: tuple[int, float]) -> Column:
        return column("soil-1/soil_moisture", "%", [(t, v, 1) for t, v in rows])

    def send(seq: int, clock: Clock, *columns: Column, told: Announcement | None = None, events: Any = ()) -> None:
        every = [*events, *([told.event()] if told else [])]
        edge.send(
            edge.address.up(Lane.EVENT if every else Lane.LIVE), encode(Pack(1, "aabbccdd", seq, "b00t", clock, list(columns), every))
        )

    edge.pack(1, moisture((now - 2 * HOUR, 30.0), (now - HOUR, 16.0)))  # arrives before what explains it
    edge.send(edge.address.up(Lane.EVENT), encode(make_pack(2, events=[Announcement(now - HOUR, "a", 9, calibrated).event()])))
    edge.send(edge.address.up(Lane.EVENT), encode(make_pack(3, events=[Announcement(now - 3 * HOUR, "a", 1, soil(0.0)).event()])))
    send(4, Clock(False, 60_000, 70_000), told=Announcement(70_000, "b00t", 60_000, soil(2.0), False))
    send(5, Clock(False, 61_000, 71_000), moisture((71_000, 33.0)))
    assert until(lambda: edge.receipted() == {1, 2, 3, 4, 5})
    path = f"series/{SOIL.id}/window"
    window = get(app, path, start=0, stop=now + HOUR, every="raw", shown="true")
    assert window["v"] == [33.0, 30.0, 16.0]
    assert window["shown"] == [31.0, 30.0, 30.0]
    assert window["boots"] == ["b00t", None, None]
    plain, first, doubtful = window["provenance"]
    assert (plain["from"], plain["to"], plain["calibration"], plain["origin"]) == (now - 3 * HOUR, now - HOUR, None, "sensor")
    assert (first["from"], first["to"], first["origin"], first["model"]) == (now - HOUR, None, "recording", "dfrobot-sen0600")
    assert first["calibration"]["id"] == two_point.id
    assert (first["calibration"]["points"], first["calibration"]["by"]) == ([[10.0, 6.0], [40.0, 21.0]], "Budi")
    assert (doubtful["from"], doubtful["boot"], doubtful["calibration"]["offset"]) == (70_000, "b00t", 2.0)
    send(6, Clock(True, 100_000), events=[{"type": "clock", "boot": "b00t", "up": 100_000, "at": now}, {"type": "calibration"}])
    assert until(lambda: 6 in edge.receipted())
    window = get(app, path, start=0, stop=now + HOUR, every="raw", shown="true")
    assert "boots" not in window
    assert list(zip(window["t"], window["shown"], strict=True))[-1] == (now - 39_000, 31.0)
    assert [(p["from"], p["to"]) for p in window["provenance"]][-1] == (now - 40_000, None)
    assert [p["from"] for p in get(app, path, start=now - 30_000, stop=now)["provenance"]] == [now - 40_000]
    assert get(app, path, start=now - 5 * HOUR, stop=now - 4 * HOUR)["provenance"] == []
    assert [x["code"] for x in get(app, "dead-letters")] == ["invalid_calibration"]
    refused = HTTP.get(f"{app.url}/api/v1/{path}", params={"shown": "true"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_request")
