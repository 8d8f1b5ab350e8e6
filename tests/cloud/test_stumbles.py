"""What nobody foresaw happens in the ingest thread of a real cloud: it is told at once, ingest goes on, nothing is lost or given up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from kampung_cloud import logs
from kampung_cloud.app import CloudApp
from kampung_cloud.health import Health
from kampung_cloud.ingest import worker as ingest
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.patience import Patience
from kampung_contract.errors import StorageUnavailable
from kampung_contract.pack import Column, column
from kampung_contract.times import milliseconds, text

from .conftest import HTTP, BrokerProcess, EdgeClient, get, now_ms, until

Cloud = Callable[..., CloudApp]
Edge = Callable[..., EdgeClient]
RAIN = b'[{"n":"rain","u":"mm","v":0.2}]'


def soil(t: int, *values: float) -> Column:
    return column("soil-1/soil_moisture", "%", [(t + i, v, 1) for i, v in enumerate(values)])


def told(app: CloudApp, part: str = "ingest") -> dict[str, Any]:
    return dict(get(app, "healthz")["checks"][part])


class Injected:
    """Stands before a function and fails while ``error`` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> None:
        self.error: Exception | None = None
        self.calls = 0
        self._real = getattr(where, name)
        monkeypatch.setattr(where, name, self)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return self._real(*arguments, **named)


def test_an_error_after_the_commit_ends_nothing(
    mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Receipts cannot be made for a while: told with its time, no receipts; afterwards all of them, and each reading once."""
    app, edge, t = start_cloud(mosquitto.url), connect(mosquitto), now_ms() - 60_000
    edge.pack(1, soil(t, 30.0))
    assert until(lambda: edge.receipted() == {1}, 60)
    assert told(app)["ok"]
    broken = Injected(monkeypatch, ingest, "encode_receipt")
    broken.error = RuntimeError("secret of the inside")
    began = now_ms()
    for seq in (2, 3, 4):
        edge.pack(seq, soil(t + seq, 31.0))
    edge.send(f"{edge.address.base}/senml/gauge", RAIN)
    assert until(lambda: not told(app)["ok"], 60)
    said = told(app)
    assert said["detail"] == (
        "taking in fails: an error inside the cloud (RuntimeError); its log has more; it is tried again, and nothing is lost"
    )
    assert began - 1000 <= milliseconds(said["since"]) <= now_ms()
    assert get(app, "healthz")["status"] == "degraded"
    assert until(lambda: broken.calls > 2, 60)
    assert edge.receipted() == {1}
    assert told(app)["since"] == said["since"]
    broken.error = None
    assert until(lambda: edge.receipted() == {1, 2, 3, 4}, 60)
    assert until(lambda: get(app, "healthz")["status"] == "ok", 60)
    assert until(lambda: get(app, "nodes")[0]["readings"] == 5, 60)
    assert get(app, "nodes")[0]["reused"] == 0
    assert get(app, "dead-letters") == []
    assert app._worker.idle < 60


def test_a_message_that_cannot_be_stored_holds_up_nobody_else(
    mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It becomes a dead letter with its bytes, and is not receipted; the others of its batch are."""
    app, edge, t = start_cloud(mosquitto.url), connect(mosquitto), now_ms() - 60_000
    edge.pack(1, soil(t, 30.0))
    assert until(lambda: edge.receipted() == {1}, 60)
    real = app._pipeline.store.commit

    def commit(batch: Any) -> Any:
        if any(pack.seq == 5 for pack in batch.packs):
            raise ValueError("poison")
        return real(batch)

    monkeypatch.setattr(app._pipeline.store, "commit", commit)
    for seq in range(2, 10):
        edge.pack(seq, soil(t + seq, 31.0))
    assert until(lambda: edge.receipted() == {1, 2, 3, 4, 6, 7, 8, 9}, 60)
    (letter,) = until(lambda: get(app, "dead-letters"), 60)
    assert letter["code"] == "internal"
    assert letter["detail"] == "while it was stored: an error inside the cloud (ValueError); its log has more"
    assert told(app)["ok"]
    assert 5 not in edge.receipted()


def test_what_is_no_messages_fault_makes_no_dead_letter(
    mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, edge, t = start_cloud(mosquitto.url), connect(mosquitto), now_ms() - 60_000
    commit = Injected(monkeypatch, app._pipeline.store, "commit")
    commit.error = OSError(24, "Too many open files")
    for seq in (1, 2):
        edge.pack(seq, soil(t + seq, 31.0))
    assert until(lambda: told(app)["detail"].startswith("taking in fails: Too many open files"), 60)
    assert get(app, "dead-letters") == []
    commit.error = None
    assert until(lambda: edge.receipted() == {1, 2}, 60)
    assert until(lambda: told(app)["ok"], 60)


def test_housekeeping_that_fails_is_told_and_readings_go_on(
    mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "PING_MS", 100)
    app, edge, t = start_cloud(mosquitto.url), connect(mosquitto), now_ms() - 60_000
    ping = Injected(monkeypatch, app._pipeline.store, "ping")
    ping.error = KeyError("x")
    assert until(lambda: told(app, "upkeep")["detail"].startswith("looking at the engine fails: an error inside the cloud (KeyError)"), 60)
    edge.pack(1, soil(t, 30.0))
    assert until(lambda: edge.receipted() == {1}, 60)
    assert told(app)["ok"]
    ping.error = None
    assert until(lambda: told(app, "upkeep")["ok"], 60)


def test_what_was_taken_from_the_queue_survives_an_error_while_it_is_taken_apart(
    mosquitto: BrokerProcess, start_cloud: Cloud, connect: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, edge, t = start_cloud(mosquitto.url), connect(mosquitto), now_ms() - 60_000
    take = Injected(monkeypatch, app._worker._intake, "take")
    take.error = MemoryError()
    edge.pack(1, soil(t, 30.0))
    assert until(lambda: "not enough memory" in told(app)["detail"], 60)
    take.error = None
    assert until(lambda: edge.receipted() == {1}, 60)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_ingest_that_ends_for_good_says_so(mosquitto: BrokerProcess, start_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start_cloud(mosquitto.url)

    def end() -> None:
        raise SystemExit

    monkeypatch.setattr(app._worker, "_tick", end)
    assert until(lambda: "has ended; restart kampung-cloud" in told(app)["detail"], 60)


def test_a_foreign_message_taken_once_more_keeps_its_time(mosquitto: BrokerProcess, start_cloud: Cloud) -> None:
    app = start_cloud(mosquitto.url)
    topic = "kampung/v1/351024/2008/kiosk-1/senml/gauge"
    one, two = (Message(topic, RAIN, False, now_ms(), mid, 1, 1) for mid in (1, 2))
    first, second, again = (app._worker._intake.take([m]).batch.rows().t[0] for m in (one, two, one))
    assert first == again
    assert second > first


def test_health_tells_of_each_change_once() -> None:
    """``since`` is when it became so, whatever is said of it meanwhile."""
    heard: list[dict[str, dict[str, object]]] = []
    health = Health(lambda: heard.append(health.report()))
    for ok, detail in ((True, ""), (True, ""), (False, "a"), (False, "b"), (False, "b"), (True, "")):
        health.set("ingest", ok, detail)
    assert [(h["ingest"]["ok"], h["ingest"]["detail"]) for h in heard] == [(True, ""), (False, "a"), (False, "b"), (True, "")]
    assert heard[1]["ingest"]["since"] == heard[2]["ingest"]["since"] <= text(now_ms())


def test_the_log_shows_no_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Where an error came from, yes; what tokens, passwords or residents' words were at hand, no."""
    before = structlog.get_config()
    try:
        logs.configure()
        token = "t0ken-of-the-cloud"
        try:
            raise ValueError(len(token))
        except ValueError:
            structlog.get_logger().exception("stumbles")
    finally:
        structlog.configure(**before)
    said = capsys.readouterr().err
    assert "ValueError: 18" in said
    assert "test_stumbles.py" in said
    assert "t0ken" not in said


def test_open_pages_hear_of_a_change_at_once(start_cloud: Cloud) -> None:
    """Without what it is: they ask ``healthz``. A page of one village does not hear of the cloud's health."""
    app = start_cloud("mqtt://127.0.0.1:9", wait=False)
    with HTTP.stream("GET", f"{app.url}/api/v1/stream", timeout=60) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": hello"
        app._health.set("ingest", False, "stands still")
        while next(lines) != "event: health":
            pass
        assert next(lines) == "data: {}"
    assert told(app)["detail"] == "stands still"


def test_what_had_nothing_to_ask_of_an_engine_does_not_say_that_it_works() -> None:
    """Alarm rules are looked at every second: with an engine that was down and nothing new, health said so for a moment only."""
    health, stopping = Health(), threading.Event()
    patience = Patience(health, stopping)
    errors = [StorageUnavailable("the engine does not answer: Connection refused")]

    def ping() -> None:
        raise errors[0]

    def commit() -> str:
        if errors:
            raise errors.pop()
        return "done"

    patience.look("telemetry", ping)
    assert patience.until_done("telemetry", lambda: "nothing to do") == "nothing to do"
    assert health.report()["telemetry"]["ok"] is False
    assert patience.until_done("telemetry", commit) == "done"
    assert health.report()["telemetry"]["ok"] is True
