"""``kampung-sim run``: a scenario, with a view where there is a terminal and plain lines where there is none."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from kampung_contract.errors import ConfigurationError, KampungError
from kampung_contract.times import text

from kampung_sim.fleet.broker import Where, parse
from kampung_sim.fleet.injected import Injected
from kampung_sim.fleet.ledger import Ledger
from kampung_sim.fleet.limit import make_room
from kampung_sim.fleet.regency import Regency
from kampung_sim.fleet.run import Fleet, Standing
from kampung_sim.live.running import Running
from kampung_sim.process import port_taken
from kampung_sim.scenario.load import Loaded, load
from kampung_sim.scenario.plan import Plan
from kampung_sim.scenario.times import DAY, moment
from kampung_sim.scenario.times import say as span
from kampung_sim.score.cloud import Cloud
from kampung_sim.score.command import progress, table
from kampung_sim.score.score import score
from kampung_sim.wire.run import Wire, few


class Depth(StrEnum):
    """How much of a village is real."""

    FLEET = "fleet"
    WIRE = "wire"


LEAD_S = 12.0
"""In which broker, regency and edges come up before the scenario begins."""


def run(  # noqa: PLR0917 - typer's
    file: Annotated[Path, typer.Argument(help="A scenario file, or the name of a packaged one ('kampung-sim scenarios').")],
    depth: Annotated[Depth, typer.Option(help="fleet: computed edges, any number; wire: real edges and frames, a dozen.")] = Depth.FLEET,
    broker: Annotated[str, typer.Option(help="mqtt://host:1883 of a running regency; without it a broker and a regency are started.")] = "",
    cloud: Annotated[str, typer.Option(help="That regency's address, to compare with at the end.")] = "",
    pace: Annotated[float | None, typer.Option(min=1, max=10_000, help="Times true time; without it the scenario's own.")] = None,
    start: Annotated[str, typer.Option(help="now: so that its end meets the present; file: as written; or a time (WIB).")] = "now",
    replay: Annotated[Path | None, typer.Option(help="A CSV recording instead of the processes behind its columns.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="A new folder for everything that was sent, for 'kampung-sim score'.")] = None,
    drain: Annotated[float, typer.Option(min=0, max=86_400, help="Seconds that what waits may take at the end.")] = 120.0,
    cloud_port: Annotated[int, typer.Option(min=0, max=65_535, help="Of the regency started here; 0 takes any.")] = 8080,
    json_file: Annotated[str, typer.Option("--json", help="Write how it ended and its score to this file.")] = "",
    plain: Annotated[bool, typer.Option("--plain", help="Lines instead of the view.")] = False,
) -> None:
    """Run a scenario: each kiosk speaks the edge's protocol, up to thousands of them in this one process; then compare."""
    with tempfile.TemporaryDirectory(prefix="kampung-fleet-") as temporary:
        regency = None
        try:
            loaded = _loaded(file, replay, start, pace, LEAD_S if depth is Depth.WIRE else 0.0)
            rate = pace or loaded.scenario.pace
            where = parse(broker) if broker else None
            if depth is Depth.WIRE and (where is not None or start != "now"):
                raise ConfigurationError("--depth wire: brings its own regency and runs to the present; leave out --broker and --start")
            if depth is Depth.WIRE:
                few(loaded.plan)
            else:
                make_room(len(loaded.plan.nodes))
            if where is None:
                if cloud_port and port_taken("127.0.0.1", cloud_port):
                    raise ConfigurationError(f"--cloud-port {cloud_port}: in use by another program; choose another, or 0 for any free one")
                regency = Regency(Path(temporary), cloud_port)
                _say("Menyalakan broker dan kabupaten …")
                regency.start()
                where, cloud = Where("127.0.0.1", regency.mqtt_port), regency.url
                _say(f"  Kabupaten   {regency.url}/")
            view = sys.stdout.isatty() and not plain and os.environ.get("TERM", "dumb") != "dumb"
            folder = ledger or Path(temporary) / "ledger"
            how = Carrying(loaded, where, rate, folder, Path(temporary), regency if depth is Depth.WIRE else None)
            good = _carry_out(how, drain=drain, cloud=cloud, json_file=json_file, view=view)
        except KampungError as error:
            sys.stderr.write(f"kampung-sim: {error.message}\n")
            raise typer.Exit(2) from None
        finally:
            if regency is not None:
                regency.stop()
    if not good:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Carrying:
    """What runs where. ``ledger`` and ``state`` are folders; with a ``regency``, at the depth of the wire."""

    loaded: Loaded
    where: Where
    rate: float
    ledger: Path
    state: Path
    regency: Regency | None

    def running(self, ledger: Ledger) -> Running:
        """The runner. Raises ``ConfigurationError``."""
        if self.regency is None:
            return Fleet(self.loaded, ledger, self.where, self.rate)
        return Wire(self.loaded, ledger, self.regency, self.rate, self.state)


def _carry_out(how: Carrying, *, drain: float, cloud: str, json_file: str, view: bool) -> bool:
    plan, rate, folder = how.loaded.plan, how.rate, how.ledger
    run: dict[str, Any] = {
        "scenario": plan.scenario.name,
        "seed": plan.scenario.seed,
        "start": plan.start,
        "stop": plan.stop,
        "pace": rate,
        "depth": "wire" if how.regency else "fleet",
        "every": {f"{d.node}\t{d.name}": (d.every, bool(d.config.bus_address or d.config.sdi12_address)) for d in plan.devices},
        "nodes": {
            n.name: {"village": n.address.village, "ports": {p.name: [d.name for d in p.devices] for p in n.ports}} for n in plan.nodes
        },
        "hindrances": _between(plan, rate, Injected(plan)),
        "faults": Injected(plan).all(),
    }
    _say(f"{plan.scenario.title or plan.scenario.name}: {len(plan.nodes)} kios, {_number(plan.readings())} bacaan")
    _say(f"  {text(plan.start)} sampai {text(plan.stop)}, ×{rate:g}: {span(round((plan.stop - plan.start) / rate / 1000) * 1000)}")
    with Ledger(folder, run) as ledger:
        running = how.running(ledger)
        if view:
            from kampung_sim.live.view import View

            shown = View(running, plan.scenario.title or plan.scenario.name, drain)
            ended = shown.run() or running.standing()
        else:
            ended = asyncio.run(_drive(running, drain))
        ended_at = text(round(time.time() * 1000))
        if ended.service is not None:
            ledger.note(residents=ended.service.shown())
        ledger.note(
            dead=running.dead,
            hindrances=_between(plan, rate, running.injected),
            faults=running.injected.all(),
            ended=ended_at,
            waiting=ended.waiting,
        )
    if ledger.trouble:
        raise ConfigurationError(ledger.trouble)
    if ended.waiting:
        _say(f"{_number(ended.waiting)} paket masih menunggu di kios: beri waktu lebih lama dengan --drain")
    result: dict[str, Any] = {"ended": asdict(ended) | {"service": ended.service and ended.service.shown()}}
    good = True
    if not ledger.readings:
        good = False
        _say("Tidak ada yang dikirim: tidak ada yang dapat dibandingkan.")
    elif cloud:
        found = score(folder, Cloud(cloud), progress())
        good, result["score"] = found.good, found.shown()
        _say("\n" + table(found))
    if json_file:
        Path(json_file).write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return good


def _between(plan: Plan, rate: float, injected: Injected) -> list[tuple[float, float, str]]:
    """Hindrances in seconds of the run."""
    return [((begin - plan.start) / 1000 / rate, (end - plan.start) / 1000 / rate, node) for begin, end, node in injected.hindrances()]


async def _drive(running: Running, drain: float) -> Standing:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(running.run(drain, _tell, stopping))

    def end() -> None:
        if stopping.is_set():
            task.cancel()
            return
        stopping.set()
        _say(f"Berhenti: menunggu paket terakhir, paling lama {drain:g} s. Ctrl-C sekali lagi untuk keluar sekarang.")

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end)
    try:
        return await task
    except asyncio.CancelledError:
        return running.standing()


def _tell(now: Standing) -> None:
    if now.preparing:
        _say(f"Menyiapkan kios: {_number(now.prepared)} dari {_number(now.kiosks)}")
        return
    c = now.counts
    faults = f" · gangguan: {', '.join(now.faults[:3])}{' …' if len(now.faults) > 3 else ''}" if now.faults else ""
    reason = f" · {now.reason}" if now.reason else ""
    met = now.service
    people = f" · {met.visits} warga dilayani" + (f", {met.errors} gagal" if met.errors else "") if met and met.visits + met.errors else ""
    _say(
        f"{text(now.now)[:16].replace('T', ' ')} · {now.connected} dari {now.kiosks} kios tersambung · {_number(c.readings)} bacaan · "
        f"{_number(now.waiting)} paket menunggu{people}{faults}{reason}"
    )


def _loaded(file: Path, replay: Path | None, start: str, pace: float | None, lead_s: float) -> Loaded:
    loaded = load(file, replay)
    if start == "file":
        wanted = loaded.scenario.start
    elif start == "now":
        rate = pace or loaded.scenario.pace
        duration = loaded.scenario.stop - loaded.scenario.start
        wanted = round((time.time() + lead_s) * 1000 + duration / rate - duration) // 1000 * 1000
    else:
        try:
            wanted = moment(start).at(loaded.scenario.start)
        except ValueError as error:
            raise ConfigurationError(f"--start {start}: {error}, or 'now', or 'file'") from None
    if wanted + (loaded.scenario.stop - loaded.scenario.start) > time.time() * 1000 + DAY:
        raise ConfigurationError(
            f"--start {start}: the scenario would end at {text(wanted + loaded.scenario.stop - loaded.scenario.start)}; "
            "a regency sets aside readings more than 24 h ahead of its clock: start earlier, or with --start now"
        )
    return loaded if start == "file" else load(file, replay, wanted)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
