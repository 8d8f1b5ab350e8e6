"""A simulated day of a village's office, small and full of trouble, at the real application over a real broker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from types import SimpleNamespace

import msgspec
import pytest
from kampung_cloud import health
from kampung_cloud.app import CloudApp
from kampung_cloud.calendar import national
from kampung_cloud.config import parse
from kampung_contract.errors import ConfigurationError
from kampung_sim.day import hours
from kampung_sim.day.agenda import Agenda
from kampung_sim.day.asking import Service, answered
from kampung_sim.day.figures import Spread, Trouble, load
from kampung_sim.day.regency import Regency
from kampung_sim.day.run import VILLAGE, Office, Plan, through
from kampung_sim.day.tally import DONE, Tally, share
from kampung_sim.process import free_port

from .conftest import BrokerProcess, until

MONDAY = date(2026, 10, 5)


class World:
    """A regency whose clock stands until it is set."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = hours.midnight(MONDAY)
        monkeypatch.setattr(health, "time", SimpleNamespace(time_ns=lambda: self.at * 1_000_000))
        self.broker = BrokerProcess(folder / "mosquitto", "mosquitto")
        tables = {"broker": {"url": self.broker.url}, "api": {"port": free_port()}, "telemetry": {"url": "memory:"}}
        self.app = CloudApp(parse(tables, folder))
        self.app.start()
        until(lambda: self.app._services.health.ok)
        self.regency = Regency(self.app.port, self.broker.port, self.app.token)

    def set(self, at: int) -> None:
        self.at = at


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        world = World(tmp_path_factory.mktemp("day"), monkeypatch)
        yield world
        world.regency.close()
        world.app.stop()
        world.broker.stop()


@pytest.fixture(scope="module")
def found(world: World) -> Tally:
    """Two days with a link that is cut, a power cut, a head who is away, and documents that are missing."""
    often = Trouble(1.0, 40.0)
    figures = msgspec.structs.replace(
        load()[0], per_day=5, mix={"permohonan-ktp": 2, "keterangan-usaha": 1}, missing=0.4, link_cut=often, power_cut=often, away=often,
        dukcapil=Spread(60.0, 90.0), rounds=60.0,
    )  # fmt: skip
    return through(Plan(figures, (Office(1, 5),), MONDAY, 2, seed=3), world.regency, world.set)[0]


def test_every_request_stands_where_it_should(found: Tally) -> None:
    """Nothing is lost or doubled by the cut link, and no letter number is given twice."""
    assert found.unexplained == []
    assert sum(r.asked for r in found.rows) >= 6
    assert {r.service for r in found.rows} == {"permohonan-ktp", "keterangan-usaha"}
    assert any(r.returned for r in found.rows)
    assert found.numbers >= 1


def test_minutes_are_those_of_the_desk(found: Tally) -> None:
    """The simulation reckons no time itself: of what was handed over the desk's own statistics say the same."""
    desk = {row["service"]: row for row in found.desk}
    for row in found.rows:
        assert row.handed_over == desk[row.service]["n"]
        assert share(row.handed, 50) == desk[row.service]["village_p50"]
        assert share(row.handed, 90) == desk[row.service]["village_p90"]


def test_dukcapil_is_apart_and_late_work_is_passed_on(found: Tally) -> None:
    """A KTP costs the village minutes while Dukcapil takes an hour; the head's hours away are heard of."""
    ktp = found.of("permohonan-ktp")
    assert ktp is not None
    assert max(ktp.village) < 200
    assert max(ktp.elsewhere) >= 40
    assert found.late["petugas"] >= 1
    json.dumps(found.shown())


def test_residents_answer_whatever_is_asked(world: World) -> None:
    """Of all services, so that any of them may stand in the mix."""
    for row in world.regency.office.ask("GET", f"services?village={VILLAGE}"):
        service = Service.of(world.regency.office.ask("GET", f"services/{row['id']}?village={VILLAGE}"))
        answered(Random(row["id"]), service.questions, MONDAY)


def test_the_office_is_open_when_the_calendar_says_so() -> None:
    """The simulation's hours are those of the services' working time."""
    calendar, start = national(), hours.midnight(MONDAY)
    for minutes in (1, 10, 200, 399, 400, 2_000):
        assert hours.after(start, minutes) == calendar.after(start, minutes)
    assert DONE == ("forwarded", "ready", "handed_over")


def test_events_come_in_order_and_the_clock_with_them() -> None:
    """What is written down for the past happens now; the clock never goes back."""
    seen, clock = [], []
    agenda = Agenda(100, clock.append)
    agenda.at(300, lambda: (seen.append(300), agenda.at(200, lambda: seen.append("late"))))
    agenda.at(150, lambda: seen.append(150))
    agenda.run(400)
    assert seen == [150, 300, "late"]
    assert clock == [150, 300, 400]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[clerks]\nvalue = 2\n", "[clerks] needs value and source"),
        ("[clerks]\nvalue = 0\nsource = 'x'\n", "clerks"),
        ("[typing]\nvalue = { median = 9.0, p90 = 3.0 }\nsource = 'x'\n", "p90 = 3.0 is below the median 9.0"),
        ("[clerks", "figures.toml"),
    ],
)
def test_a_figure_that_cannot_be_is_named(tmp_path: Path, text: str, says: str) -> None:
    """With the file, and what to do."""
    file = tmp_path / "figures.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(file)
    assert says in error.value.message
