"""A whole village on this machine: broker, cloud, one edge and its devices."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, TextIO

import msgspec
from kampung_bridge.clock import RehearsalClock
from kampung_contract.errors import ConfigurationError, KampungError
from kampung_contract.times import WIB, text

from kampung_sim import demo_accounts, demo_feedback, demo_office, tamansari
from kampung_sim.device import Device
from kampung_sim.engines import engine
from kampung_sim.process import Process, answers, free_port, listening, port_taken

DAYS = 30
MEMORY = "village.json"
TELEMETRY = "duckdb:telemetry.duckdb"
LEAD = 5_000
"""Milliseconds the edge is given to start before the devices' time begins to hurry."""
COME_IN_S = 15.0
"""Seconds that the last of what was replayed takes to come in."""
QUEUE_CODE = "kelapa-muda-77"
"""What opens the counter's page of this village; nothing real stands behind it."""
SETTLE = tamansari.DAY
"""Milliseconds of the devices' time, just before the present, that are rehearsed slower than the rest."""


class Memory(msgspec.Struct):
    """What a village remembers between starts. Times in milliseconds UTC; ``reached`` is how far its devices' time has come,
    ``telemetry`` where its readings are kept, as it was named at the first start."""

    begun: int
    history_from: int
    reached: int
    telemetry: str = TELEMETRY


class Village:
    """Started in order, stopped in order.

    ``history`` is the seconds in which the first start pushes thirty days through the wires; ``telemetry`` is the cloud's engine, with
    ``SCHEME:`` alone a server of the village's own; it is chosen at the first start (DuckDB if nothing is) and stays.
    """

    def __init__(
        self,
        state: Path,
        kiosk_port: int = 8081,
        cloud_port: int = 8080,
        host: str = "127.0.0.1",
        history: float = 20.0,
        *,
        telemetry: str | None = None,
        messages_port: int | None = None,
    ) -> None:
        self.state = state.absolute()
        self.messages_port = messages_port or free_port(kiosk_port, cloud_port)
        named = (kiosk_port, cloud_port, self.messages_port)  # free until its programs start, and not to be given again
        self.smtp_port = free_port(*named)
        self.magma_port = free_port(*named)
        self.printer_port = free_port(*named)
        self.letters_port = free_port(*named)
        self.registers_port = free_port(*named)
        self.bsre_port = free_port(*named)
        self.kiosk_port = kiosk_port
        self.cloud_port = cloud_port
        self.host = host
        self.history = history
        self.telemetry = telemetry or ""
        self.mqtt_port = free_port(*named)
        self.processes: list[Process] = []
        self.devices: list[Device] = []
        self.accounts: dict[str, str] = {}
        self.complaint = ""
        self.clock: RehearsalClock | None = None
        self._memory: Memory | None = None
        self._lock: TextIO | None = None
        self._replant: float | None = None
        self._importing: str | None = None

    def __enter__(self) -> Village:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, say: Callable[[str], None] = print) -> None:
        """Start all parts and return when all are ready. Raises ``KampungError``; what was started is then to be stopped."""
        self._own()
        memory = self._remember()
        ports = (("kios", self.kiosk_port, "kiosk"), ("kabupaten", self.cloud_port, "cloud"), ("pesan", self.messages_port, "messages"))
        for what, port, key in ports:
            if port_taken(self.host, port):
                raise ConfigurationError(
                    f"port {port} ({what}) is in use by another program; stop it, or choose another: "
                    f"--{key}-port N, or KAMPUNG_{key.upper()}_PORT=N make run"
                )
        for folder in ("broker", "log", "dev"):
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        programs = self._programs()
        self.broker, self.channels, self.magma, self.printer, self.registers, self.bsre, self.cloud, self.edge, self.people = programs
        self.telemetry, server = engine(memory.telemetry, self.state / "engine", self.state / "log" / "engine.log")
        self.processes = [*([server] if server else []), self.broker, self.channels, self.magma, self.printer]
        self.processes += [self.registers, self.bsre, self.cloud, self.edge, self.people]
        say("Menyalakan broker dan kabupaten …")
        if server:
            server.start()
            server.wait_ready(60)
        (self.state / "registers.key").write_text("simulasi\n", encoding="utf-8")
        self.write("sedekah-oksigen.toml")
        self.write("cloud.toml", more=("registers.toml", "gate.toml"))
        self.broker.start()
        self.channels.start()
        self.magma.start()
        self.printer.start()
        self.registers.start()
        self.bsre.start()
        self.broker.wait_ready(60)
        self.channels.wait_ready(60)
        self.magma.wait_ready(60)
        self.printer.wait_ready(60)
        self.registers.wait_ready(60)
        self.bsre.wait_ready(60)
        self.cloud.start()
        self.cloud.wait_ready(90)
        self._announce()
        hurry = self.history if memory.reached < memory.begun else 0.0
        now = _now()
        if hurry:
            say(f"Memutar ulang {DAYS} hari rekaman lewat kabel sensor ({hurry:.0f} detik) …")
            self.clock = RehearsalClock(memory.reached, hurry, now + LEAD, settle_ms=SETTLE)
            rehearsal = f"\n[rehearsal]\nstart = {text(memory.reached)}\nbegun = {text(now + LEAD)}\nseconds = {hurry}\n"
            rehearsal += f"settle_s = {SETTLE // 1000}\n"
            self._replant = time.monotonic() + LEAD / 1000 + hurry + COME_IN_S
        else:
            self.clock = RehearsalClock(now, 0, now)
            rehearsal = ""
        self.write("edge.toml", rehearsal)
        self.devices = tamansari.devices(self.state / "dev", self.clock, memory.begun)
        for device in self.devices:
            device.start()
        self.edge.start()
        self.edge.wait_ready(90)
        with contextlib.suppress(KampungError):  # a kiosk takes so many an hour; what it took before it takes again for nothing
            self.complaint = demo_feedback.complain(self._say_at_kiosk)
        self.people.start()

    def stop(self) -> None:
        """Edge first, so that its last pack is spooled or sent; nothing is left behind."""
        self.note()
        for process in reversed(self.processes):
            process.stop()
        for device in self.devices:
            device.stop()
        self.processes, self.devices = [], []
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def note(self) -> None:
        """Write down how far the devices' time has come, so that a killed village goes on from there."""
        if self._memory is not None and self.clock is not None:
            self._memory.reached = self.clock.now_ms()
            draft = self.state / f"{MEMORY}.new"
            draft.write_bytes(msgspec.json.encode(self._memory))
            draft.replace(self.state / MEMORY)

    def tend(self) -> None:
        """Once what was replayed has come in, the fields' lists are made anew, out of it; once residents are in, some ask for letters."""
        if self._importing is not None:
            with contextlib.suppress(KampungError):
                if demo_office.taken(self._send, self._importing):
                    self._importing = None
                    demo_office.bring_requests(self._send, tamansari.VILLAGE)
                    lines = ["SIMULASI: warga contoh, bukan orang sungguhan", *demo_office.give_pins(self._send, tamansari.VILLAGE)]
                    (self.state / "pin-kios.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
                    self._give("POST", "/api/v1/publishing")  # the kiosk offers services now, not only at the next minute
        if self._replant is not None and time.monotonic() > self._replant:
            self._replant = None
            with contextlib.suppress(KampungError):
                self._plant()

    def mend(self, say: Callable[[str], None] = print) -> None:
        """Start again what ended by itself."""
        for process in self.processes:
            if not process.running:
                say(f"{process.name} berhenti sendiri; dinyalakan lagi. Kata terakhirnya: {process.last_words()}")
                process.start()

    def cut(self, seconds: float, ended: threading.Event) -> None:
        """Cut the village link: stop the broker, and start it again after ``seconds`` or when ``ended`` is set."""
        self.broker.stop()
        ended.wait(seconds)
        if not ended.is_set():
            self.broker.start()

    def ask(self, url: str) -> Any:
        """A JSON answer of the kiosk (``/api/…``) or of the cloud (``/api/v1/…``)."""
        port = self.cloud_port if url.startswith("/api/v1") else self.kiosk_port
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{url}", timeout=10) as answer:
            return json.load(answer)

    def write(self, name: str, rehearsal: str = "", more: tuple[str, ...] = ()) -> None:
        """Write a configuration file of this village, with what ``more`` has beside it."""
        parts = (files("kampung_sim").joinpath("tamansari", part).read_text(encoding="utf-8") for part in (name, *more))
        template = Template("\n".join(parts))
        filled = template.substitute(
            mqtt_port=self.mqtt_port,
            kiosk_port=self.kiosk_port,
            cloud_port=self.cloud_port,
            messages_port=self.messages_port,
            smtp_port=self.smtp_port,
            magma_port=self.magma_port,
            printer_port=self.printer_port,
            queue_code=QUEUE_CODE,
            letters_port=self.letters_port,
            registers_port=self.registers_port,
            bsre_port=self.bsre_port,
            host=self.host,
            telemetry=self.telemetry,
            rehearsal=rehearsal,
        )
        (self.state / name).write_text(filled, encoding="utf-8")

    def _programs(self) -> tuple[Process, ...]:
        def program(name: str, command: str, ready: Callable[[], bool], *arguments: str) -> Process:
            path = str(Path(sys.executable).with_name(command))
            return Process(name, [path, *arguments], self.state / "log" / f"{name}.log", ready)

        token = self.state / "cloud" / "token"  # its own: somebody else's program may answer on the port that it could not take
        cloud, kiosk = f"http://127.0.0.1:{self.cloud_port}/api/v1/healthz", f"http://127.0.0.1:{self.kiosk_port}/api/health"
        broker = ("broker", "--port", str(self.mqtt_port), "--data", str(self.state / "broker"))
        place = f"http://127.0.0.1:{self.kiosk_port}"
        page = f"http://127.0.0.1:{self.messages_port}/received"
        simulated = ("--http-port", str(self.messages_port), "--smtp-port", str(self.smtp_port), "--host", self.host)
        doors = ("--cloud", f"http://127.0.0.1:{self.cloud_port}", "--file", str(self.state / "log" / "messages.jsonl"))
        paper = ("--port", str(self.printer_port), "--letters", str(self.letters_port), "--folder", str(self.state / "printer"))
        return (
            program("broker", "kampung-cloud", lambda: listening(self.mqtt_port), *broker),
            program("channels", "kampung-sim", lambda: answers(page), "channels", *simulated, *doors),
            program("magma", "kampung-sim", lambda: listening(self.magma_port), "magma", "--port", str(self.magma_port)),
            program("printer", "kampung-sim", lambda: listening(self.printer_port), "printer", *paper),
            program("registers", "kampung-sim", lambda: listening(self.registers_port), "registers", "--port", str(self.registers_port)),
            program("bsre", "kampung-sim", lambda: listening(self.bsre_port), "bsre", "--port", str(self.bsre_port)),
            program(
                "cloud", "kampung-cloud", lambda: token.exists() and answers(cloud), "serve", "--config", str(self.state / "cloud.toml")
            ),
            program("edge", "kampung-edge", lambda: answers(kiosk), "run", "--config", str(self.state / "edge.toml")),
            program("queue", "kampung-sim", lambda: True, "queue", "--kiosk", place, "--code", QUEUE_CODE),
        )

    def _own(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        lock = (self.state / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "?"
            lock.close()
            raise ConfigurationError(
                f"a village already runs from {self.state} (process {holder}); stop it, or choose another folder with --state"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _remember(self) -> Memory:
        path = self.state / MEMORY
        if self._memory is None:
            try:
                self._memory = msgspec.json.decode(path.read_bytes(), type=Memory)
            except FileNotFoundError:
                now = _now()
                self._memory = Memory(now, now - DAYS * tamansari.DAY, now - DAYS * tamansari.DAY, self.telemetry or TELEMETRY)
            except msgspec.DecodeError as error:
                raise ConfigurationError(
                    f"{path} is damaged ({error}); remove it to begin the recordings anew, nothing else is lost"
                ) from None
            if self.telemetry not in {"", self._memory.telemetry}:
                raise ConfigurationError(
                    f"--telemetry {self.telemetry}: the village in {self.state} keeps its readings in {self._memory.telemetry}; "
                    "leave the option out, or begin another village with --state"
                )
        return self._memory

    def _announce(self) -> None:
        """What the village's office would have typed: announcements, and who hears of alarms."""
        announcements = f"/api/v1/villages/{tamansari.VILLAGE}/content/announcements"
        with contextlib.suppress(OSError):
            self.ask(announcements)
            announcements = ""
        if announcements:
            self._give("PUT", announcements, "announcements.json")
        if all(not each["id"].endswith("-contoh") for each in self._give("GET", "/api/v1/people")):
            self._give("POST", "/api/v1/people", "people.json")
        self.accounts = demo_accounts.ensure(self._ask, self.state, tamansari.VILLAGE)
        if not self.ask(f"/api/v1/farming/fields?village={tamansari.VILLAGE}"):
            self._plant()
        self._importing = demo_office.bring_residents(self._send, tamansari.VILLAGE)
        demo_feedback.answer(self.state / "cloud" / "records.sqlite", tamansari.VILLAGE, datetime.fromtimestamp(_now() / 1000, WIB).date())

    def _plant(self) -> None:
        """Register the village's fields, or make today's lists anew; they are planted some weeks before the first start."""
        began = (self._memory.begun if self._memory is not None else _now()) + tamansari.WIB_OFFSET
        for field in tamansari.fields(began // tamansari.DAY):
            self._ask("PUT", f"/api/v1/farming/fields/{field.pop('id')}", field)

    def _give(self, method: str, where: str, file: str = "") -> Any:
        body = files("kampung_sim").joinpath("tamansari", file).read_bytes() if file else None
        return self._send(method, where, body)

    def _ask(self, method: str, where: str, body: dict[str, Any] | None) -> Any:
        return self._send(method, where, None if body is None else json.dumps(body).encode())

    def _say_at_kiosk(self, where: str, body: dict[str, Any]) -> Any:
        return self._send("POST", where, json.dumps(body).encode())

    def _send(self, method: str, where: str, body: bytes | None) -> Any:
        token = (self.state / "cloud" / "token").read_text(encoding="utf-8").strip()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        port = self.cloud_port if where.startswith("/api/v1") else self.kiosk_port
        request = urllib.request.Request(f"http://127.0.0.1:{port}{where}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return json.loads(answer.read() or "null")
        except OSError as error:
            raise KampungError(f"{where} was not taken: {error}") from None


def wait(village: Village, ended: threading.Event, say: Callable[[str], None] = print) -> None:
    """Watch over the village until ``ended``: note how far it came, mend what ended, cut the link when told to."""
    order = village.state / "cut"
    while not ended.wait(1.0):
        village.note()
        village.tend()
        village.mend(say)
        if order.exists():
            seconds = float(order.read_text(encoding="utf-8") or 60)
            order.unlink()
            say(f"Jaringan diputus {seconds:.0f} detik …")
            village.cut(seconds, ended)
            say("Jaringan tersambung lagi.")


def _now() -> int:
    return time.time_ns() // 1_000_000
