"""What polling fifty sensors once a minute costs: the whole edge, our bridge alone, and a plain minimalmodbus loop, side by side.

Each polls its own five RS485 buses (pseudo-terminals) of ten sensors, which one further process simulates. Processor time is that of the
polling process, over whole minutes after all are warm.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from kampung_sim.process import Process

from benchmarks.agent import Agent
from benchmarks.place import Place, place
from benchmarks.proc import cpu_s, status_mb
from benchmarks.result import Result

BUSES, SENSORS, EVERY = 5, 10, 60.0
MINUTES = 4
PROFILE = "xy-md02"
PEER = "minimalmodbus polling the same fifty, without storage"
PORT = """
[[port]]
name = "{name}"
url = "{url}"
"""
DEVICE = """
[[port.device]]
name = "udara-{bus}-{address}"
profile = "{profile}"
address = {address}
every = {every}
"""


def run() -> Iterator[Result]:
    """The real agent with broker and cloud; ``n`` is how many polls it answered for in the time measured."""
    with place() as here:
        here.start_cloud()
        with _simulated(here.folder), _poller(here.folder, "bridge") as bridge, _poller(here.folder, "minimal") as minimal:
            agent = Agent(here.folder, "kios-lima-puluh", here.mqtt_port, _ports(here.folder / "edge"))
            agent.start()
            try:
                yield from _measured(here, agent, bridge, minimal)
            finally:
                agent.process.stop()


def _measured(here: Place, agent: Agent, bridge: Process, minimal: Process) -> Iterator[Result]:
    pids = {"edge": agent.process.pid, "bridge": bridge.pid, "minimal": minimal.pid}
    time.sleep(EVERY * 1.5 - time.time() % EVERY)  # all have polled once; half a minute off the beat
    before, begun = {name: cpu_s(pid) for name, pid in pids.items()}, time.perf_counter()
    polled = {name: _polled(here.folder, agent, name) for name in pids}
    time.sleep(EVERY * MINUTES)
    took = time.perf_counter() - begun
    cost = {name: 100 * (cpu_s(pid) - before[name]) / took for name, pid in pids.items()}
    count = {name: _polled(here.folder, agent, name) - polled[name] for name in pids}
    wanted = BUSES * SENSORS * MINUTES
    if set(count.values()) != {wanted}:
        raise AssertionError(f"{count} polls answered; {wanted} were due")
    memory = {name: status_mb(pid, "VmRSS") for name, pid in pids.items()}
    for name, title in (("edge", "edge"), ("bridge", "bridge_alone")):
        yield Result(f"{title}_cpu_50_sensors_a_minute", cost[name], "% of a core", cost[name] / cost["minimal"], PEER, wanted)
    yield Result("minimalmodbus_cpu_50_sensors_a_minute", cost["minimal"], "% of a core", None, None, wanted)
    for name, title in (("edge", "edge"), ("bridge", "bridge_alone")):
        yield Result(f"{title}_memory", memory[name], "MB", memory[name] / memory["minimal"], PEER, 1)
    yield Result("minimalmodbus_memory", memory["minimal"], "MB", None, None, 1)


def _polled(folder: Path, agent: Agent, name: str) -> int:
    if name == "edge":
        return sum(port["frames"] for port in agent.health()["ports"])
    return int((folder / f"{name}.count").read_text(encoding="ascii"))


def _ports(folder: Path) -> str:
    out = ""
    for bus in range(BUSES):
        out += PORT.format(name=f"bus-{bus}", url=folder / f"bus-{bus}")
        out += "".join(DEVICE.format(bus=bus, address=a, profile=PROFILE, every=EVERY) for a in range(1, SENSORS + 1))
    return out


@contextlib.contextmanager
def _simulated(folder: Path) -> Iterator[None]:
    made = [folder / poller / f"bus-{BUSES - 1}" for poller in ("edge", "bridge", "minimal")]
    with _process(folder, "sensors", lambda: all(link.is_symlink() for link in made)):
        yield


def _poller(folder: Path, name: str) -> contextlib.AbstractContextManager[Process]:
    return _process(folder, name, (folder / f"{name}.count").exists)


@contextlib.contextmanager
def _process(folder: Path, role: str, ready: object) -> Iterator[Process]:
    command = [sys.executable, "-m", "benchmarks.fifty_sensors", role, str(folder)]
    process = Process(role, command, folder / f"{role}.log", ready)  # type: ignore[arg-type]
    process.start()
    try:
        process.wait_ready(30)
        yield process
    finally:
        process.stop()


# The processes beside the edge.


def sensors(folder: Path, ended: threading.Event) -> None:
    """Fifteen buses: five for each poller."""
    from kampung_bridge.clock import SystemClock
    from kampung_sim.device import Line, ModbusBus

    def values(address: int) -> object:
        return lambda t: {"air_temperature": 24 + address / 10 + (t // 60_000 % 10) / 5, "relative_humidity": 70 + t // 60_000 % 17}

    buses = []
    for poller in ("edge", "bridge", "minimal"):
        (folder / poller).mkdir()
        for bus in range(BUSES):
            probes = {address: (PROFILE, values(address)) for address in range(1, SENSORS + 1)}
            buses.append(ModbusBus(Line(folder / poller / f"bus-{bus}"), SystemClock(), probes))  # type: ignore[arg-type]
    for one in buses:
        one.start()
    ended.wait()
    for one in buses:
        one.stop()


def bridge(folder: Path, ended: threading.Event) -> None:
    """Our ports, and nothing behind them: a file that counts the polls."""
    import tomllib

    from kampung_bridge.clock import SystemClock
    from kampung_bridge.config import PortConfig
    from kampung_bridge.port import Port

    tables = tomllib.loads(_ports(folder / "bridge"))["port"]
    ports = [Port(PortConfig.model_validate(t), SystemClock(), lambda *_: None, lambda _event: None) for t in tables]
    for port in ports:
        port.start()
    while not ended.wait(5.0):
        _note(folder / "bridge.count", sum(port.stats().frames for port in ports))
    for port in ports:
        port.stop()


def minimal(folder: Path, ended: threading.Event) -> None:
    """What a technician would write: one loop over all instruments, once a minute."""
    import minimalmodbus

    lines = [[minimalmodbus.Instrument(str(folder / "minimal" / f"bus-{b}"), a) for a in range(1, SENSORS + 1)] for b in range(BUSES)]
    for instrument in (one for line in lines for one in line):
        instrument.serial.baudrate = 9600
        instrument.serial.timeout = 0.3
    count = 0
    _note(folder / "minimal.count", count)
    while not ended.wait(EVERY - time.time() % EVERY):
        for instrument in (one for line in lines for one in line):
            temperature, humidity = instrument.read_registers(1, 2, functioncode=4)
            json.dumps({"at": time.time(), "air_temperature": temperature / 10, "relative_humidity": humidity / 10})
            count += 1
        _note(folder / "minimal.count", count)


def _note(file: Path, count: int) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(str(count), encoding="ascii")
    fresh.replace(file)


if __name__ == "__main__":
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    {"sensors": sensors, "bridge": bridge, "minimal": minimal}[sys.argv[1]](Path(sys.argv[2]), over)
