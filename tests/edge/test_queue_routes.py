"""The queue of a real kiosk over HTTP: at the kiosk, from a counter and a television in the office's network, and told to the regency."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from kampung_contract.errors import ConfigurationError, KampungError, StorageUnavailable
from kampung_contract.queue_tickets import parse_event
from kampung_edge.app import EdgeApp
from kampung_edge.config import Kiosk, load
from kampung_edge.queueing.board import slip
from kampung_edge.queueing.door import ADDRESS, ALL, Door
from kampung_edge.queueing.invitation import links, picture
from kampung_edge.queueing.journal import Journal
from kampung_edge.queueing.owner import Office
from kampung_edge.queueing.ruling import MOST_TAKEN
from kampung_edge.queueing.setting import LineSetting, QueueSetting
from kampung_edge.queueing.telling import Telling
from kampung_sim.printer.service import SimulatedPrinter

from tests.edge.conftest import wait_until
from tests.edge.test_printing import CONFIG
from tests.edge.test_queue_office import Clock, office

CODE = "kelapa-muda-77"
QUEUE = f"""
[queue]
counters = 2
code = "{CODE}"
host = "127.0.0.1"
port = 0
[[queue.line]]
letter = "A"
title = "Surat dan kependudukan"
[[queue.line]]
letter = "B"
title = "Bantuan sosial"
counters = [2]
"""


@pytest.fixture(scope="module")
def printer() -> Iterator[SimulatedPrinter]:
    simulated = SimulatedPrinter()
    simulated.start()
    yield simulated
    simulated.stop()


@pytest.fixture(scope="module")
def kiosk(printer: SimulatedPrinter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeApp]:
    folder = tmp_path_factory.mktemp("kiosk")
    (folder / "edge.toml").write_text(CONFIG.format(url=f"socket://127.0.0.1:{printer.port}") + QUEUE)
    app = EdgeApp(load(folder / "edge.toml"))
    app.start()
    yield app
    app.stop()


def ask(port: int | None, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
    assert port
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    head = {"Authorization": f"Bearer {key}"} if key else {}
    line.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body), head)
    answer = line.getresponse()
    found = answer.status, json.loads(answer.read() or b"null")
    line.close()
    return found


def test_from_the_ticket_to_the_counter_and_the_display(kiosk: EdgeApp, printer: SimulatedPrinter) -> None:
    """Taken and printed at the kiosk, called from the office's network, seen on the display, told to the regency."""
    assert kiosk.queue is not None
    lan = kiosk.queue.port
    status, first = ask(kiosk.port, "/api/queue/tickets", {"line": "A", "act": "t1"})
    assert (status, first["number"], first["before"], first["wait"]) == (201, "A1", 0, None)
    assert ask(kiosk.port, "/api/queue/tickets", {"line": "A", "act": "t1"})[1]["token"] == first["token"]  # a finger that touched twice
    elder = ask(kiosk.port, "/api/queue/tickets", {"line": "A", "act": "t2", "priority": True})[1]
    assert (elder["number"], elder["before"]) == ("A2", 0)
    assert ask(kiosk.port, f"/api/queue/tickets/{first['token']}")[1]["before"] == 1
    other = ask(kiosk.port, "/api/queue/tickets", {"line": "B", "act": "t3"})[1]
    job = ask(kiosk.port, f"/api/print/queue/{first['token']}", {})[1]
    wait_until(lambda: ask(kiosk.port, f"/api/print/jobs/{job['job']}")[1]["state"] == "done", "it is printed")
    assert "A001" in "\n".join(printer.strips[-1]) and "Surat dan kependudukan" in "\n".join(printer.strips[-1])

    assert ask(lan, "/api/queue/tickets", {"line": "A", "act": "x"})[0] in {404, 405}  # numbers are taken at the kiosk alone
    assert ask(lan, "/api/village")[0] == 404
    assert ask(lan, "/api/queue/counters/1")[0] == 401
    assert ask(lan, "/api/queue/counters/1/next", {"act": "n0"}, "wrong")[0] == 401
    key = ask(lan, "/api/queue/enter", {"code": CODE})[1]["key"]
    status, desk = ask(lan, "/api/queue/counters/1/next", {"act": "n1", "holding": ""}, key)
    assert (status, desk["here"]["number"], desk["calls_from"]) == (200, "A2", ["A"])
    status, refused = ask(lan, "/api/queue/counters/1/serving", {"act": "n2", "holding": ""}, key)
    assert status == 409 and "digerakkan dari layar lain" in refused["error"]["message"]
    assert ask(lan, "/api/queue/counters/1/next", {"act": "n1", "holding": ""}, key)[1]["here"]["number"] == "A2"  # sent twice
    status, _ = ask(lan, "/api/queue/counters/1/next", {"act": "n3", "holding": "A2"}, key)
    assert status == 409  # whoever was called is served or marked absent first
    ask(lan, "/api/queue/counters/1/serving", {"act": "n4", "holding": "A2"}, key)
    assert ask(lan, "/api/queue/counters/1/next", {"act": "n5", "holding": "A2"}, key)[1]["here"]["number"] == "A1"
    board = ask(lan, "/api/queue")[1]
    assert [c["number"] for c in board["recent"]] == ["A1", "A2"] and board["counters"][0] == {
        "counter": 1,
        "number": "A1",
        "state": "called",
    }
    assert ask(kiosk.port, f"/api/queue/tickets/{first['token']}")[1]["counter"] == 1
    ask(lan, "/api/queue/counters/1/moved", {"act": "n6", "holding": "A1", "line": "B"}, key)
    assert [t["number"] for t in ask(lan, "/api/queue/counters/2", key=key)[1]["next"]] == ["A1", "B1"]
    assert ask(kiosk.port, f"/api/queue/tickets/{other['token']}/give-back", {"act": "g"})[1]["state"] == "left"
    assert ask(kiosk.port, f"/api/queue/tickets/{other['token']}/give-back", {"act": "g2"})[0] == 409
    now = kiosk.queue.office.now()[0].tickets
    assert [now[number].state for number in ("A1", "A2", "B1")] == ["waiting", "served", "left"]
    ask(lan, "/api/queue/leave", {}, key)
    assert ask(lan, "/api/queue/counters/1", key=key)[0] == 401


def told(queue: Office) -> list[Any]:
    """What the regency would be told now."""
    out: list[dict[str, Any]] = []
    later = iter([0.0, 100.0, 200.0, 300.0])
    Telling(queue, out.append, lambda: next(later)).tend()
    said = parse_event(json.loads(json.dumps(out[0]))) if out else None
    return list(said.tickets) if said else []


def test_a_wrong_body_is_refused_and_none_is_too_large(kiosk: EdgeApp) -> None:
    for body in (
        {},
        {"line": "Z", "act": "a"},
        {"line": "A", "act": ""},
        {"line": "A", "act": "x" * 65},
        {"line": "A", "act": "a", "priority": 1},
        [1],
    ):
        assert ask(kiosk.port, "/api/queue/tickets", body)[0] == 400
    assert ask(kiosk.port, "/api/queue/tickets", {"line": "A", "act": "a" * 5_000})[0] == 413
    key = ask(kiosk.port, "/api/queue/enter", {"code": CODE})[1]["key"]
    assert ask(kiosk.port, "/api/queue/counters/9", key=key)[0] == 400
    assert ask(kiosk.port, "/api/queue/counters/1/jump", {"act": "j"}, key)[0] in {400, 409}


def test_the_stream_begins_with_the_board_and_follows(kiosk: EdgeApp) -> None:
    line = http.client.HTTPConnection("127.0.0.1", kiosk.port, timeout=30)
    line.request("GET", "/api/queue/stream")
    stream = line.getresponse()

    def next_board() -> Any:
        while not (said := stream.readline()).startswith(b"data: "):
            pass
        return json.loads(said[6:])

    before = next_board()["waiting"]
    ask(kiosk.port, "/api/queue/tickets", {"line": "A", "act": "watched"})
    assert next_board()["waiting"] == before + 1
    line.close()


def test_guessing_is_soon_refused_and_open_keys_stay_open() -> None:
    now = [0.0]
    door = Door(CODE, lambda: now[0])
    key = door.enter(f" {CODE} ", "192.0.2.1")
    for _ in range(ADDRESS.most):
        with pytest.raises(KampungError, match="kode tidak cocok"):
            door.enter("guess", "192.0.2.9")
    with pytest.raises(KampungError, match="terlalu sering"):
        door.enter(CODE, "192.0.2.9")
    door.enter(CODE, "192.0.2.2")  # a colleague is not locked out by one who guesses
    for n in range(ALL.most - ADDRESS.most):
        with pytest.raises(KampungError, match="kode tidak cocok"):
            door.enter(None, f"192.0.2.{n + 10}")
    with pytest.raises(KampungError, match="terlalu sering"):
        door.enter(CODE, "192.0.2.2")
    door.check(key)
    now[0] += 301
    door.enter(CODE, "192.0.2.9")
    with pytest.raises(KampungError, match=r"queue\.code"):
        Door("").enter("", "192.0.2.1")


def test_told_at_least_once_and_again_when_the_absent_comes_back(tmp_path: Path) -> None:
    queue = office(tmp_path, Clock())
    queue.take("A", "t")
    queue.call(1, "c")
    queue.act_on(1, "absent", "a")
    out: list[dict[str, Any]] = []
    telling = Telling(queue, out.append, iter([0.0, 61.0, 61.0, 130.0, 200.0, 200.0, 300.0, 400.0]).__next__)

    def full(_event: dict[str, Any]) -> None:
        raise StorageUnavailable("nothing can be saved now")

    Telling(queue, full, iter([0.0, 61.0, 61.0, 61.0]).__next__).tend()
    telling.tend()
    telling.tend()
    assert len(out) == 1  # once it is in the spool it is not told again
    queue.recall(1, "A1", "r")
    queue.act_on(1, "served", "s")
    again = Telling(office(tmp_path, Clock()), out.append, iter([0.0, 61.0, 61.0]).__next__)  # the power was cut before it was told
    again.tend()
    first, last = (t for body in out for t in (parse_event(body) or pytest.fail("no event")).tickets)
    assert (first.outcome, last.outcome, first.token == last.token, last.rev > first.rev) == ("absent", "served", True, True)


def test_lines_and_counters_that_the_file_has_no_more(tmp_path: Path) -> None:
    """Who waits in such a line is called by every counter; who stood at such a counter waits again, before the others."""
    clock = Clock()
    was = office(tmp_path, clock)
    for n, line in enumerate("CAAB"):
        was.take(line, f"t{n}")
    was.recall(4, "A1", "r")
    was.recall(3, "B1", "s")
    was.act_on(3, "serving", "s2")
    fewer = QueueSetting(counters=1, line=(LineSetting(letter="A", title="Surat"),))
    now = Office(Journal(tmp_path / "queue.jsonl"), fewer, clock)
    queue, moment = now.now()
    assert queue.tickets["B1"].state == "served"
    assert slip(queue.tickets["C1"], queue, fewer, moment)["title"] == "Antrian C"
    called = []
    for n in range(3):
        called.append(now.call(1, f"c{n}").number)
        now.act_on(1, "served", f"d{n}")
    assert called == ["C1", "A1", "A2"]
    with pytest.raises(KampungError, match="this office has A"):
        now.take("C", "late")


def test_a_child_at_the_kiosk_and_a_clock_that_jumps(tmp_path: Path) -> None:
    clock = Clock()
    queue = office(tmp_path, clock)
    for n in range(MOST_TAKEN):
        queue.take("A", f"t{n}")
    with pytest.raises(KampungError, match="coba lagi sebentar"):
        queue.take("A", "more")
    clock.at += 86_400_000 * 365
    clock.sure = False
    queue.call(1, "c")
    queue.act_on(1, "served", "s")
    (ticket,) = told(queue)
    assert ticket.doubtful and ticket.ended - ticket.taken > 86_400_000  # told, and left out of the figures


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ('code = "short"', r"queue\.code = …"),
        ("counters = 0", r"queue\.counters = 0"),
        ('[[queue.line]]\nletter = "a"\ntitle = "x"', r"queue\.line\[0\]\.letter"),
        ('[[queue.line]]\nletter = "A"\ntitle = "x"\ncounters = [3]', "counters 1 to 2"),
        ('[[queue.line]]\nletter = "A"\ntitle = "x"\n[[queue.line]]\nletter = "A"\ntitle = "y"', "two lines have one letter"),
    ],
)
def test_a_wrong_setting_is_told_and_no_code_is_shown(tmp_path: Path, words: str, remedy: str) -> None:
    (tmp_path / "edge.toml").write_text(CONFIG.format(url="/dev/usb/lp0") + f"[queue]\n{words}\n")
    with pytest.raises(ConfigurationError, match=remedy):
        load(tmp_path / "edge.toml")


def test_the_link_has_its_code_where_no_server_sees_it() -> None:
    kiosk = Kiosk()
    found = links(QueueSetting(code="empat kata & lain", host="192.0.2.7"), kiosk, "edge.toml")
    assert found == ("http://192.0.2.7:8082/loket#kode=empat%20kata%20%26%20lain", "http://192.0.2.7:8082/antrian")
    assert links(QueueSetting(code=CODE), kiosk, "edge.toml").display == "http://127.0.0.1:8081/antrian"
    assert "0.0.0.0" not in links(QueueSetting(code=CODE, host="0.0.0.0"), kiosk, "edge.toml").counter
    drawn = StringIO()
    picture(found.counter, drawn)
    assert len(drawn.getvalue().splitlines()) > 10
    for setting in (None, QueueSetting()):
        with pytest.raises(ConfigurationError, match="queue"):
            links(setting, kiosk, "edge.toml")
