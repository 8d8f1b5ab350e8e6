"""Made-up people and their clerk at a real kiosk; a counter at which a person works is left to him."""

from __future__ import annotations

from pathlib import Path
from random import Random

from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from kampung_sim.waiting.room import MOST_WAITING, Room

from tests.edge.test_printing import CONFIG
from tests.edge.test_queue_routes import CODE, QUEUE


def test_a_morning_in_the_waiting_room(tmp_path: Path) -> None:
    text = CONFIG.replace('[printer]\nurl = "{url}"\n', "") + QUEUE + "\n"
    (tmp_path / "edge.toml").write_text(text)
    app = EdgeApp(load(tmp_path / "edge.toml"))
    app.start()
    try:
        assert app.queue is not None
        room = Room(f"http://127.0.0.1:{app.port}", CODE, 2, Random(5))
        for second in range(0, 1_200, 4):
            room.step(float(second))
        states = [t.state for t in app.queue.office.now()[0].tickets.values()]
        assert states.count("served") >= 5 and states.count("waiting") <= MOST_WAITING
        before = [t for t in app.queue.office.now()[0].tickets.values() if t.counter == 2 and t.state in ("called", "serving")]
        if before:
            app.queue.office.act_on(2, "served", "person-1")
        app.queue.office.take("A", "person-0")
        mine = app.queue.office.call(2, "person-2")
        for second in range(1_200, 1_400, 4):
            room.step(float(second))
        assert app.queue.office.now()[0].tickets[mine.number].state == "called"
    finally:
        app.stop()
