"""Outputs and commands on the regency's side: on record, sent while the kiosk is there, answered once, audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from kampung_cloud.app import CloudApp
from kampung_cloud.main import cli
from kampung_cloud.records.postgresql import address
from kampung_contract.documents import Output, State
from kampung_contract.switching import Reply, Switching, event
from kampung_contract.topics import Lane
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from .conftest import HTTP, VILLAGE, BrokerProcess, EdgeClient, get, now_ms, until

Cloud = Callable[..., CloudApp]
Connect = Callable[..., EdgeClient]
PUMP = Output("pompa", "relay-1", "relay-board", 600, "Pompa kebun cabai", "tanah-2/soil_moisture", 60, "synthetic")
SIREN = Output("sirene", "relay-1", "relay-board", 120)
PATH = "outputs/kiosk-1/pompa/commands"
ASK = {"on": True, "seconds": 300, "by": "Bu Sari", "reason": "kebun kering"}


class Kiosk:
    """A kiosk's side of outputs: introduces them, tells and replies."""

    def __init__(self, edge: EdgeClient, run: str = "r1") -> None:
        self.edge, self.run, self._seq, self._order = edge, run, 0, now_ms()
        self.online()

    def online(self, here: bool = True, conflict: bool = False) -> None:
        self.edge.state(State(here, "aabbccdd", self.run, outputs=[PUMP, SIREN], conflict=conflict))

    def tell(self, *messages: Reply | Switching) -> None:
        self._seq += 1
        self.edge.pack(self._seq, lane=Lane.EVENT, events=[event(m) for m in messages])
        assert until(lambda: self._seq in self.edge.receipted())

    def switched(self, state: Any, cause: Any = "command", **more: Any) -> Switching:
        self._order += 1
        return Switching("pompa", state, cause, now_ms(), more.pop("order", self._order), **more)


def post(app: CloudApp, path: str = PATH, token: str | None = None, **change: Any) -> Any:
    headers = {"Authorization": f"Bearer {app.token if token is None else token}"}
    return HTTP.post(f"{app.url}/api/v1/{path}", json=ASK | change, headers=headers)


def output(app: CloudApp, name: str = "pompa") -> dict[str, Any]:
    found: dict[str, Any] = next((o for o in get(app, "outputs") if o["name"] == name), {})
    return found


def states(app: CloudApp) -> dict[str, str]:
    return {c["id"]: c["state"] for c in get(app, "commands")}


BOTH = pytest.mark.parametrize("records_url", ["sqlite", "postgresql"], indirect=True)
"""On both databases; other tests are about what does not depend on them."""


@pytest.fixture
def records_url(request: pytest.FixtureRequest) -> str:
    """Records that hold nothing yet."""
    in_postgresql = getattr(request, "param", "sqlite") == "postgresql"
    return str(request.getfixturevalue("postgres").database()) if in_postgresql else "sqlite:r.sqlite"


@pytest.fixture
def place(mosquitto: BrokerProcess, start_cloud: Cloud, connect: Connect, records_url: str) -> tuple[CloudApp, Kiosk]:
    app = start_cloud(mosquitto.url, telemetry={"url": "memory:"}, records={"url": records_url})
    kiosk = Kiosk(connect(mosquitto))
    assert until(lambda: output(app))
    return app, kiosk


@BOTH
def test_a_command_is_sent_answered_and_on_record(place: tuple[CloudApp, Kiosk]) -> None:
    """From the request to the kiosk's answer; every step is in the audit trail, with who and why."""
    app, kiosk = place
    assert (output(app)["state"], output(app)["as_of"], output(app)["online"]) == ("unknown", None, True)
    kiosk.tell(kiosk.switched("off", "start"))
    assert (output(app)["state"], output(app)["cause"]) == ("off", "start")
    asked = post(app)
    assert asked.status_code == 202
    command = asked.json()
    assert (command["state"], command["actor"], command["seconds"]) == ("queued", "Bu Sari", 300)
    assert until(kiosk.edge.commands)
    (came,) = kiosk.edge.commands()
    assert (came.id, came.output, came.on, came.seconds, came.actor) == (command["id"], "pompa", True, 300, "Bu Sari")
    assert came.expires - came.at == 300_000
    assert until(lambda: states(app) == {command["id"]: "sent"})
    end = now_ms() + 300_000
    kiosk.tell(kiosk.switched("on", command=came.id, until=end), Reply(came.id, "pompa", "done", "done", now_ms(), "on", "", end))
    done = get(app, f"commands/{came.id}")
    assert (done["state"], done["code"], done["sends"]) == ("done", "done", 1)
    assert (output(app)["state"], output(app)["until"]) == ("on", done["until"])
    kiosk.tell(kiosk.switched("off", "limit"))
    assert (output(app)["state"], output(app)["cause"], output(app)["until"]) == ("off", "limit", None)
    lines = list(reversed(get(app, "output-log", node="kiosk-1", output="pompa")))
    assert [line["kind"] for line in lines] == ["switched", "asked", "sent", "switched", "answered", "switched"]
    assert (lines[1]["actor"], lines[1]["reason"], lines[1]["seconds"]) == ("Bu Sari", "kebun kering", 300)
    assert [line["command"] for line in lines] == [None, came.id, came.id, came.id, came.id, None]
    older = get(app, "output-log", before=lines[2]["id"], limit=1)
    assert [line["id"] for line in older] == [lines[1]["id"]]


def test_a_command_to_a_kiosk_that_is_away_waits_for_it(
    place: tuple[CloudApp, Kiosk], start_cloud: Cloud, mosquitto: BrokerProcess
) -> None:
    """Queued, also over a restart of the cloud, and sent when the kiosk is back."""
    app, kiosk = place
    kiosk.online(False)
    assert until(lambda: not output(app)["online"])
    number = post(app).json()["id"]
    app.stop()
    again = start_cloud(mosquitto.url, telemetry={"url": "memory:"}, records={"url": app.config.records.url})
    assert states(again) == {number: "queued"}
    assert kiosk.edge.commands() == []
    kiosk.online()
    assert until(lambda: [c.id for c in kiosk.edge.commands()] == [number])
    assert until(lambda: states(again) == {number: "sent"})


def test_a_command_nobody_answers_expires(place: tuple[CloudApp, Kiosk], monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent again while it lives; an answer that comes after all is believed."""
    from kampung_cloud.outputs import commands

    monkeypatch.setattr(commands, "RESEND_MS", 100)
    monkeypatch.setattr(commands, "SHORTEST_S", 1)
    app, kiosk = place
    number = app._commands.give("kiosk-1", "pompa", on=True, seconds=None, actor="Sari", reason="r", life_s=2)["id"]
    assert until(lambda: states(app)[number] == "expired")
    came = [c.id for c in kiosk.edge.commands()]
    assert len(came) > 1
    assert set(came) == {number}
    (line,) = [x for x in get(app, "output-log") if x["kind"] == "expired"]
    assert line["sends"] == get(app, f"commands/{number}")["sends"] == len(came)
    kiosk.tell(Reply(number, "pompa", "done", "done", now_ms(), "on"))
    assert get(app, f"commands/{number}")["state"] == "done"


@BOTH
def test_the_last_word_counts(place: tuple[CloudApp, Kiosk]) -> None:
    """A later command to the same output replaces one that is not answered; another output's stays."""
    app, kiosk = place
    first = post(app).json()["id"]
    other = post(app, "outputs/kiosk-1/sirene/commands", seconds=60).json()["id"]
    second = post(app, on=False, seconds=None).json()["id"]
    assert until(lambda: states(app) == {first: "replaced", other: "sent", second: "sent"})
    assert get(app, "output-log", output="pompa")[-1]["kind"] == "asked"
    assert [line["replaced_by"] for line in get(app, "output-log") if line["kind"] == "replaced"] == [second]
    kiosk.tell(Reply(second, "pompa", "refused", "no_reply", now_ms(), "unknown", "the device is silent"))
    kiosk.tell(Reply(second, "pompa", "done", "done", now_ms(), "off"))
    assert get(app, f"commands/{second}")["state"] == "refused", "the first answer stands"


@BOTH
def test_events_that_come_late_or_twice(place: tuple[CloudApp, Kiosk]) -> None:
    """A salvaged event does not undo a later one, and is one line of the audit trail however often it comes."""
    app, kiosk = place
    late, new = kiosk.switched("on", order=now_ms() - 60_000), kiosk.switched("off", "stop")
    kiosk.tell(new)
    kiosk.tell(late)
    kiosk.tell(late, new)
    assert (output(app)["state"], output(app)["cause"]) == ("off", "stop")
    assert [line["kind"] for line in get(app, "output-log")] == ["switched", "switched"]


def test_an_answer_to_another_kiosks_command_changes_nothing(
    place: tuple[CloudApp, Kiosk], connect: Connect, mosquitto: BrokerProcess
) -> None:
    """A kiosk speaks for itself only."""
    app, _ = place
    number = post(app).json()["id"]
    liar = connect(mosquitto, "kiosk-2")
    liar.pack(1, lane=Lane.EVENT, events=[event(Reply(number, "pompa", "done", "done", now_ms(), "on"))], epoch="ddccbbaa")
    assert until(lambda: liar.receipted("ddccbbaa"))
    assert states(app)[number] in ("queued", "sent")


def test_events_that_are_none_become_dead_letters(place: tuple[CloudApp, Kiosk]) -> None:
    """With what is wrong; the pack's other events count."""
    app, kiosk = place
    broken = event(kiosk.switched("on")) | {"state": "glowing"}
    kiosk.edge.pack(1, lane=Lane.EVENT, events=[broken, event(kiosk.switched("off", "start"))])
    assert until(lambda: get(app, "dead-letters"))
    (letter,) = get(app, "dead-letters")
    assert (letter["reason"], letter["code"]) == ("event", "invalid_event")
    assert "glowing" in letter["detail"]
    assert output(app)["state"] == "off"


def test_an_output_that_is_taken_away_cannot_be_switched(place: tuple[CloudApp, Kiosk]) -> None:
    """It is no longer listed; what was done with it stays on record."""
    app, kiosk = place
    kiosk.tell(kiosk.switched("off", "start"))
    kiosk.edge.state(State(True, "aabbccdd", "r2", outputs=[SIREN]))
    assert until(lambda: [o["name"] for o in get(app, "outputs")] == ["sirene"])
    assert post(app).status_code == 404
    assert len(get(app, "output-log", output="pompa")) == 1


@pytest.mark.parametrize(
    ("path", "change", "status", "said"),
    [
        ("outputs/kiosk-1/pomp/commands", {}, 404, "did you mean 'pompa'"),
        ("outputs/kiosk-9/pompa/commands", {}, 404, "kiosks with outputs: kiosk-1"),
        (PATH, {"seconds": 601}, 422, "600 seconds at most"),
        (PATH, {"on": False}, 422, "leave seconds out"),
        (PATH, {"by": "  "}, 422, "by"),
        (PATH, {"reason": ""}, 422, "reason"),
        (PATH, {"expires_in": 5}, 422, "expires_in"),
        (PATH, {"colour": "red"}, 422, "colour"),
    ],
)
def test_what_cannot_be_commanded_is_refused(
    shared: tuple[CloudApp, Kiosk], path: str, change: dict[str, Any], status: int, said: str
) -> None:
    """With the value and the remedy; nothing is put on record."""
    app, _ = shared
    answer = post(app, path, **change)
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True), answer.text
    assert get(app, "commands") == []


def test_the_token_is_needed(shared: tuple[CloudApp, Kiosk]) -> None:
    """As for announcements."""
    assert post(shared[0], token="wrong").status_code == 401
    assert get(shared[0], "commands") == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A cloud for tests that change nothing."""
    from kampung_cloud.config import parse

    folder = tmp_path_factory.mktemp("outputs")
    broker = BrokerProcess(folder / "b", "mosquitto")
    app = CloudApp(parse({"broker": {"url": broker.url}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}, folder))
    app.start()
    edge = EdgeClient(broker.port)
    kiosk = Kiosk(edge)
    assert until(lambda: output(app))
    yield app, kiosk
    edge.close()
    app.stop()
    broker.stop()


def test_two_kiosks_of_one_name_are_not_commanded(place: tuple[CloudApp, Kiosk]) -> None:
    """Both would obey."""
    app, kiosk = place
    kiosk.online(conflict=True)
    assert until(lambda: get(app, "nodes")[0]["state"] == "conflict")
    answer = post(app)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


@BOTH
def test_the_audit_trail_cannot_be_changed(place: tuple[CloudApp, Kiosk]) -> None:
    """Not by this program and not by another one that opens the database."""
    app, kiosk = place
    kiosk.tell(kiosk.switched("off", "start"))
    url = app.config.records.url
    other = create_engine(f"sqlite:///{app.config.data / 'r.sqlite'}" if url.startswith("sqlite") else address(url))
    for statement in ("UPDATE output_log SET at = 0", "DELETE FROM output_log"):
        with pytest.raises(DBAPIError, match="append-only"), other.begin() as db:
            db.execute(text(statement))
    other.dispose()
    assert len(get(app, "output-log")) == 1


def test_a_page_hears_of_it_at_once(place: tuple[CloudApp, Kiosk]) -> None:
    """Each step of a command, and the output's new state."""
    app, kiosk = place
    with HTTP.stream("GET", f"{app.url}/api/v1/stream", params={"village": VILLAGE}, timeout=10) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": hello"
        number = post(app).json()["id"]
        heard: list[tuple[str, dict[str, Any]]] = []

        def next_event() -> tuple[str, dict[str, Any]]:
            line = next(x for x in lines if x.startswith("event: "))
            return line.removeprefix("event: "), json.loads(next(lines).removeprefix("data: "))

        while len(heard) < 2:
            heard.append(next_event())
        kiosk.tell(kiosk.switched("on", command=number), Reply(number, "pompa", "done", "done", now_ms(), "on"))
        while len(heard) < 4:
            heard.append(next_event())
    assert [(kind, data.get("id", data.get("name")), data["state"]) for kind, data in heard] == [
        ("command", number, "queued"),
        ("command", number, "sent"),
        ("output", "pompa", "on"),
        ("command", number, "done"),
    ]


def run(app: CloudApp, folder: Path, *arguments: str) -> Result:
    file = folder / "cloud.toml"
    file.write_text(f"[api]\nport = {app.port}\n")
    return CliRunner().invoke(cli, [*arguments, "--config", str(file)])


def test_the_command_line_switches_and_waits(place: tuple[CloudApp, Kiosk], tmp_path: Path) -> None:
    """0 when the device confirmed, 1 with the kiosk's words when not; ``commands`` and its audit trail tell who and why."""
    import threading

    app, kiosk = place

    def answer(count: int, *reply: Any) -> threading.Thread:
        def wait() -> None:
            assert until(lambda: len({c.id for c in kiosk.edge.commands()}) == count)
            kiosk.tell(Reply(kiosk.edge.commands()[-1].id, "pompa", *reply))

        thread = threading.Thread(target=wait)
        thread.start()
        return thread

    words = ("--by", "Pak Budi", "--reason", "kebun kering")
    thread = answer(1, "done", "done", now_ms(), "on", "", now_ms() + 60_000)
    done = run(app, tmp_path, "switch", "kiosk-1", "pompa", "on", "--for", "1m", *words)
    thread.join()
    assert (done.exit_code, kiosk.edge.commands()[0].seconds) == (0, 60), done.output
    assert "off again by itself at" in done.output
    thread = answer(2, "refused", "guard_silent", now_ms(), "off", "tanah-2/soil_moisture has been silent for 70 s")
    no = run(app, tmp_path, "switch", "kiosk-1", "pompa", "on", *words)
    thread.join()
    assert no.exit_code == 1
    assert "refused, guard_silent: tanah-2/soil_moisture has been silent for 70 s" in no.output
    wrong = run(app, tmp_path, "switch", "kiosk-1", "pompa", "on", "--for", "soon", *words)
    assert (wrong.exit_code, "--for = 'soon'" in wrong.output) == (2, True)
    unknown = run(app, tmp_path, "switch", "kiosk-1", "lampu", "off", *words)
    assert (unknown.exit_code, "it has pompa, sirene" in unknown.output) == (1, True)
    assert run(app, tmp_path, "switch", "kiosk-1", "pompa", "off", "--no-wait", *words).exit_code == 0
    listed = run(app, tmp_path, "commands", "--node", "kiosk-1").output
    assert "by Pak Budi: kebun kering" in listed
    trail = run(app, tmp_path, "commands", "--log").output
    assert "asked     on for 60 s, by Pak Budi: kebun kering" in trail
    assert "answered  refused, guard_silent" in trail
