"""Alarms over real stores: live, late, historic, over a kill, and on their way to kiosks and pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.alarm import Reading, listed
from kampung_cloud.alarms import Alarms
from kampung_cloud.app import CloudApp
from kampung_cloud.area import Area
from kampung_cloud.handling import book, family, trail
from kampung_cloud.records import Records, open_records
from kampung_cloud.telemetry import open_store
from kampung_cloud.telemetry.store import Batch, SeriesKey, TelemetryStore
from kampung_contract.alarm import Alarm, decimal
from kampung_contract.documents import decode_content
from kampung_contract.pack import column
from kampung_contract.rules import Rule, parse_rule
from kampung_contract.topics import Lane

from .conftest import VILLAGE, BrokerProcess, EdgeClient, get, now_ms, until

GAUGE = SeriesKey(VILLAGE, "kiosk-1", "gauge", "water_level", "m")
T0 = 1_795_280_400_000
MINUTE = 60_000
TABLE: dict[str, Any] = {
    "id": "kali-1",
    "village": VILLAGE,
    "quantity": "water_level",
    "unit": "m",
    "threshold": 1.5,
    "clear": 1.3,
    "severity": 2,
    "for": "10m",
    "clear_for": "5m",
    "place": "Jembatan Bomo",
    "title": {"id": "Kali naik di {place}", "en": "River rising at {place}"},
    "message": {"id": "Air {value} m, batas {threshold} m", "en": "Water {value} m, threshold {threshold} m"},
    "source": "a test",
}


class Bench:
    """Store, records and alarms as the ingest thread uses them; ``kill`` drops the process's memory."""

    def __init__(self, folder: Path, url: str, rule: Rule) -> None:
        self.folder, self.url, self.rule = folder, url, rule
        self.store: TelemetryStore = open_store("duckdb:t.duckdb", folder)
        self.records: Records = open_records(url, folder)
        self.alarms = Alarms([rule], self.store, self.records)
        self.alarms.start(T0)

    patient = False
    """Whether what is late may wait."""

    def feed(
        self,
        rows: list[tuple[int, float]],
        received: int | None = None,
        *,
        evaluate: bool = True,
        flag: int = 1,
        key: SeriesKey = GAUGE,
    ) -> None:
        """Commit and count readings (minutes after T0, value), each received as it was measured unless told (in minutes)."""
        for minute, value in rows:
            t = T0 + minute * MINUTE
            at = t if received is None else T0 + received * MINUTE
            batch = Batch()
            batch.add(key, column("gauge/water_level", "m", [(t, value, flag)]), at)
            self.store.commit(batch)
            if evaluate:
                self.alarms.update(key, [Reading(t, value, flag, at)])
                if not self.patient:
                    self.alarms.settle()
                self.save()

    def tick(self, minute: int, *, online: bool, withdrawn: bool = False) -> None:
        """The clock says so many minutes after T0."""
        self.alarms.tick(T0 + minute * MINUTE, lambda _: online, lambda _: withdrawn)
        self.save()

    def save(self) -> None:
        with self.records.session() as session:
            saved = self.alarms.save(session)
        self.alarms.saved(saved)

    def kill(self) -> None:
        """Start over from what is on disk."""
        self.store.close()
        self.records.close()
        self.__init__(self.folder, self.url, self.rule)  # type: ignore[misc]
        self.alarms.settle()
        self.save()

    def listed(self, state: str = "all") -> list[Alarm]:
        return listed(self.records, VILLAGE, state)

    def close(self) -> None:
        self.store.close()
        self.records.close()


Make = Callable[..., Bench]


@pytest.fixture
def bench(tmp_path: Path, records_url: str) -> Make:
    """Changes of the rule in, a bench out."""

    def make(**changes: Any) -> Bench:
        table = {k: v for k, v in TABLE.items() if k not in {"quantity", "unit", "threshold", "clear"}} if "when" in changes else TABLE
        return Bench(tmp_path, records_url, parse_rule({**table, **changes}))

    return make


def minutes(alarm: Alarm) -> tuple[int, int | None]:
    return (alarm.since - T0) // MINUTE, None if alarm.until is None else (alarm.until - T0) // MINUTE


def test_it_fires_after_its_time_and_clears_after_its_time(bench: Make) -> None:
    b = bench()
    b.feed([(m, 1.6) for m in range(10)])
    assert b.listed() == []
    b.feed([(10, 1.7)])
    (alarm,) = b.listed("firing")
    assert minutes(alarm) == (10, None)
    assert alarm.title == {"id": "Kali naik di Jembatan Bomo", "en": "River rising at Jembatan Bomo"}
    assert alarm.message == {"id": "Air 1,70 m, batas 1,50 m", "en": "Water 1.70 m, threshold 1.50 m"}
    assert (alarm.shown()["word"], alarm.shown()["state"]) == ("Siaga", "firing")
    b.feed([(m, 1.2) for m in range(11, 16)])
    assert len(b.listed("firing")) == 1
    b.feed([(16, 1.2)])
    assert [minutes(a) for a in b.listed("resolved")] == [(10, 16)]
    assert b.listed("firing") == []
    b.close()


def test_failed_data_and_silence_neither_raise_nor_resolve(bench: Make) -> None:
    b = bench()
    b.feed([(m, 9.9) for m in range(20)], flag=4)
    assert b.listed() == []
    b.feed([(m, 1.6) for m in range(20, 31)])
    b.feed([(m, 0.0) for m in range(31, 60)], flag=9)
    assert len(b.listed("firing")) == 1
    b.close()


def test_a_kill_in_the_middle_of_the_duration_loses_nothing(bench: Make) -> None:
    b = bench()
    b.feed([(m, 1.6) for m in range(5)])
    b.kill()
    b.feed([(m, 1.6) for m in range(5, 11)])
    assert [minutes(a) for a in b.listed("firing")] == [(10, None)]
    b.kill()
    b.feed([(m, 1.2) for m in range(11, 17)])
    assert [minutes(a) for a in b.listed()] == [(10, 16)]
    b.close()


def test_readings_committed_but_not_counted_are_counted_at_the_next_start(bench: Make) -> None:
    b = bench()
    b.feed([(m, 1.6) for m in range(5)])
    b.feed([(m, 1.6) for m in range(5, 12)], evaluate=False)
    b.kill()
    assert [minutes(a) for a in b.listed("firing")] == [(10, None)]
    b.feed([(m, 1.2) for m in range(12, 20)], evaluate=False)
    b.kill()
    assert [minutes(a) for a in b.listed()] == [(10, 17)]
    b.kill()
    assert len(b.listed()) == 1
    b.close()


def test_backfill_that_comes_after_live_counts_for_the_duration(bench: Make) -> None:
    b = bench()
    b.feed([(0, 1.0), (12, 1.6), (13, 1.6)])
    assert b.listed() == []
    b.feed([(m, 1.6) for m in range(2, 12)], received=13)
    (alarm,) = b.listed("firing")
    assert minutes(alarm) == (12, None)
    b.close()


def test_what_was_found_afterwards_is_kept_but_not_announced(bench: Make) -> None:
    b = bench()
    b.feed([(m, 1.6) for m in range(12)], received=600)
    assert b.listed("firing") == []
    (alarm,) = b.listed()
    assert (minutes(alarm), alarm.announced) == ((10, None), False)
    assert b.alarms.document(VILLAGE, T0 + 600 * MINUTE) == {"alarms": []}
    b.feed([(600, 1.6)])
    (alarm,) = b.listed("firing")
    assert (minutes(alarm), alarm.announced) == ((10, None), True)
    b.close()


def test_a_historic_alarm_that_is_over_stays_quiet(bench: Make) -> None:
    b = bench()
    b.feed([(m, 1.6) for m in range(12)] + [(m, 1.0) for m in range(12, 20)], received=600)
    b.feed([(600, 1.0)])
    assert b.listed("firing") == []
    assert [(minutes(a), a.announced) for a in b.listed("resolved")] == [((10, 17), False)]
    assert b.alarms.document(VILLAGE, T0 + 20 * MINUTE) == {"alarms": []}
    b.close()


def test_a_flood_within_an_outage_is_on_record_once(bench: Make) -> None:
    """Live resumes first, then the outage's backfill arrives piece by piece, and again."""
    b = bench()
    b.feed([(0, 1.0), (200, 1.0)])
    flood = [(m, 1.6 if 20 <= m < 60 else 1.0) for m in range(5, 200, 5)]
    b.feed(flood, received=200)
    b.feed(flood, received=201)
    assert [(minutes(a), a.announced) for a in b.listed()] == [((30, 65), False)]
    b.feed([(m, 1.6) for m in range(201, 212)])
    assert [minutes(a) for a in b.listed("firing")] == [(211, None)]
    b.close()


def test_late_readings_do_not_disturb_an_alarm_that_fires(bench: Make) -> None:
    b = bench()
    b.feed([(m, 1.6) for m in range(12)])
    b.feed([(-m, 1.0) for m in range(1, 9)], received=12)
    b.feed([(m, 1.2) for m in range(12, 18)])
    assert [minutes(a) for a in b.listed()] == [(10, 17)]
    b.close()


def test_late_readings_withdraw_an_alarm_that_never_was(bench: Make) -> None:
    """Two readings twelve minutes apart seemed to be a flood; between them the water was low."""
    b = bench()
    b.feed([(0, 1.6), (12, 1.6)])
    (alarm,) = b.listed("firing")
    b.feed([(6, 1.0)], received=13)
    assert b.listed() == []
    (withdrawn,) = b.listed("withdrawn")
    assert (withdrawn.id, withdrawn.shown()["state"]) == (alarm.id, "withdrawn")
    b.kill()
    b.feed([(m, 1.6) for m in range(13, 24)])
    assert [minutes(a) for a in b.listed()] == [(22, None)]
    b.close()


def test_an_announced_alarm_begins_when_it_really_began(bench: Make) -> None:
    """It is another by name, and announced as the first was, which leads to it; its furthest value is that of all readings."""
    b = bench()
    b.feed([(0, 1.6), (20, 1.6)])
    (first,) = b.listed("firing")
    b.feed([(10, 1.9)], received=21)
    (alarm,) = b.listed("firing")
    assert (minutes(alarm), alarm.announced, alarm.worst) == ((10, None), True, 1.9)
    assert (alarm.value, alarm.message["id"]) == (1.9, "Air 1,90 m, batas 1,50 m")
    assert [(a.id, a.became) for a in b.listed("withdrawn")] == [(first.id, alarm.id)]
    b.close()


def test_two_sensors_must_agree(bench: Make) -> None:
    """One rule over both gauges has one alarm for the village."""
    leaf = {"type": "threshold", "quantity": "water_level", "unit": "m", "threshold": 1.5, "clear": 1.3, "at_least": 2}
    b = bench(when=leaf)
    other = SeriesKey(VILLAGE, "kiosk-2", "gauge", "water_level", "m")
    b.feed([(m, 1.6) for m in range(15)])
    assert b.listed() == []
    b.feed([(m, 1.7) for m in range(4, 15)], key=other, received=15)
    (alarm,) = b.listed("firing")
    assert (alarm.scope, minutes(alarm), alarm.worst) == (VILLAGE, (14, None), 1.7)
    b.kill()
    b.feed([(m, 1.0) for m in range(15, 21)], key=other)
    assert [minutes(a) for a in b.listed()] == [(14, 20)]
    b.close()


def test_a_silent_sensor_is_told_once_its_kiosk_is_heard(bench: Make) -> None:
    """While the kiosk itself is away nothing is known; what it brings later takes the alarm back or ends it."""
    b = bench(when={"type": "silence", "quantity": "water_level", "unit": "m", "after": "30m"})
    b.feed([(0, 1.0), (10, 1.0)])
    b.tick(60, online=False)
    assert b.listed() == []
    b.tick(61, online=True)
    assert [minutes(a) for a in b.listed("firing")] == [(40, None)]
    b.kill()
    b.tick(90, online=True)
    assert [minutes(a) for a in b.listed("firing")] == [(40, None)]
    b.feed([(95, 1.0)])
    assert [minutes(a) for a in b.listed()] == [(40, 95)]
    b.feed([(m, 1.0) for m in range(20, 95, 20)], received=96)
    assert b.listed() == []
    b.close()


def test_nobody_waits_to_hear_a_kiosk_that_was_withdrawn(bench: Make) -> None:
    """Its sensors' silence is over, and none begins; taken back and still silent, it is the same silence as before."""
    b = bench(when={"type": "silence", "quantity": "water_level", "unit": "m", "after": "30m"})
    b.feed([(0, 1.0)])
    b.tick(60, online=True)
    b.tick(70, online=False, withdrawn=True)
    assert [minutes(a) for a in b.listed()] == [(30, 70)]
    b.kill()
    b.tick(90, online=False, withdrawn=True)
    assert [minutes(a) for a in b.listed()] == [(30, 70)]
    b.tick(100, online=True)
    assert [minutes(a) for a in b.listed("firing")] == [(30, None)]
    b.feed([(110, 1.0)])
    assert [minutes(a) for a in b.listed()] == [(30, 110)]
    b.close()


def test_a_backlog_of_packs_is_not_counted_pack_by_pack(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Late readings wait (two seconds) for one another; a kill meanwhile loses none of them."""
    monkeypatch.setattr("kampung_cloud.alarms.REST_S", 3_600.0)
    b = bench()
    b.feed([(0, 1.0), (300, 1.0)])
    b.patient = True
    b.feed([(m, 1.6 if 20 <= m < 60 else 1.0) for m in range(5, 300, 5)], received=300)
    assert b.listed() == []
    b.kill()
    assert [minutes(a) for a in b.listed()] == [(30, 65)]
    b.close()


def test_two_alarms_that_turn_out_to_be_one(bench: Make) -> None:
    """Late readings show that it never was calm in between: the second becomes the first, with what people did about it."""
    b = bench()
    b.feed([(m, 1.6) for m in range(0, 35, 5)] + [(m, 1.0) for m in (35, 40, 45)] + [(m, 1.6) for m in range(50, 80, 5)])
    second, first = b.listed()
    assert [minutes(first), minutes(second)] == [(10, 40), (60, None)]
    with b.records.session() as session:
        book.acknowledge(session, second.id, "Pak RT", "kiosk", T0 + 65 * MINUTE)
    b.feed([(37, 1.6), (42, 1.6)], received=80)
    (whole,) = b.listed()
    assert (whole.id, minutes(whole)) == (first.id, (10, None))
    assert [(a.id, a.became) for a in b.listed("withdrawn")] == [(second.id, first.id)]
    with b.records.session() as session:
        assert book.handled(session, [first.id])[first.id].acknowledged_by == "Pak RT"
        assert [line.kind for line in trail.lines(session, family.names(session, first.id))].count("raised") == 3
    b.close()


def test_an_alarm_whose_rule_is_withdrawn_is_closed(bench: Make) -> None:
    b = bench(**{"for": "0s"})
    b.feed([(0, 2.0)])
    b.rule = parse_rule({**TABLE, "id": "another", "threshold": 9.0})
    b.kill()
    assert [a.rule for a in b.listed("resolved")] == ["kali-1"]
    b.close()


def test_numbers_are_written_as_people_write_them() -> None:
    assert decimal(1234.5, 1, "id") == "1.234,5"
    assert decimal(1234.5, 1, "en") == "1,234.5"


def gauge(t: int, *values: float) -> Any:
    return column("gauge/water_level", "m", [(t + i, v, 1) for i, v in enumerate(values)])


def test_an_alarm_reaches_the_kiosk_and_survives_the_cloud(
    mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    tables = {"rule": [{**TABLE, "for": "0s", "clear_for": "0s"}]}
    app, edge = start_cloud(mosquitto.url, **tables), connect(mosquitto)

    def documents() -> list[list[str]]:
        found = [decode_content(payload) for topic, payload, _ in list(edge.got) if topic.endswith("/content/alarms")]
        return [[a["state"] for a in d.document["alarms"]] for d in found]

    edge.pack(1, gauge(now_ms() - 1000, 1.7))
    assert until(lambda: documents()[-1:] == [["firing"]])
    (shown,) = get(app, "alarms", village=VILLAGE)
    assert (shown["severity"], shown["handling"]["acknowledged"]) == (2, None)
    assert get(app, f"villages/{VILLAGE}/content/alarms")["document"]["alarms"] == [shown]
    window = get(app, f"series/{GAUGE.id}/window")
    assert window["thresholds"] == [{"value": 1.5, "severity": 2, "label": "Siaga"}]
    app.stop()
    app.stop = lambda: None  # type: ignore[method-assign]
    again = start_cloud(mosquitto.url, **tables)
    edge.pack(2, gauge(now_ms() - 500, 1.0))
    assert until(lambda: documents()[-1] == ["resolved"])
    assert get(again, "alarms") == []
    assert [a["state"] for a in get(again, "alarms", state="all")] == ["resolved"]
    versions = [json.loads(p)["version"] for topic, p, _ in edge.got if topic.endswith("/content/alarms")]
    assert versions == sorted(versions)


def test_an_old_pack_raises_no_alarm_now(
    mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    app, edge = start_cloud(mosquitto.url, rule=[{**TABLE, "for": "0s"}], telemetry={"url": "memory:"}), connect(mosquitto)
    edge.pack(1, gauge(now_ms() - 3_600_000, 1.7), lane=Lane.BACKFILL)
    assert until(lambda: edge.receipted() == {1})
    assert get(app, "alarms") == []
    assert len(get(app, "alarms", state="all")) == 1
    edge.pack(2, gauge(now_ms() - 1000, 1.7))
    assert until(lambda: len(get(app, "alarms")) == 1)


def test_a_rule_may_warn_the_village_below(tmp_path: Path) -> None:
    """The alarm is the lower village's; it belongs to whoever takes in the upper one's sensors, also after a restart."""
    below = "35.10.16.1010"
    table = {**TABLE, "id": "hilir-dari-hulu", "village": below, "watches": VILLAGE}
    bench = Bench(tmp_path, "sqlite:r.sqlite", parse_rule(table))
    bench.feed([(m, 1.6) for m in range(12)])
    (alarm,) = listed(bench.records, below, "firing")
    assert (alarm.node, alarm.scope, bench.listed()) == ("kiosk-1", GAUGE.id, [])
    other = Alarms([bench.rule], bench.store, bench.records, Area("35.10.16"))
    other.start(T0 + 20 * MINUTE)
    other.settle()
    assert not other.changed
    bench.kill()
    bench.feed([(m, 1.2) for m in range(13, 20)])
    (over,) = listed(bench.records, below, "all")
    assert (over.id, over.until) == (alarm.id, T0 + 18 * MINUTE)
    bench.close()


def test_readings_of_another_zero_are_not_looked_at(tmp_path: Path) -> None:
    """The gauge counts anew from minute 30 on: what was above before counts for nothing, late or not."""
    bench = Bench(tmp_path, "sqlite:r.sqlite", parse_rule({**TABLE, "begins": T0 + 30 * MINUTE}))
    bench.feed([(m, 1.9) for m in range(29)] + [(m, 1.6) for m in range(30, 41)])
    assert [(a.since - T0) // MINUTE for a in bench.listed()] == [40]
    bench.feed([(29, 2.5)], received=60)
    assert [(a.since - T0) // MINUTE for a in bench.listed()] == [40]
    bench.close()
