"""``kampung-sim chaos``."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Annotated, Any

import typer
from kampung_contract.errors import ConfigurationError, KampungError

from kampung_sim.chaos.brokers import Broker
from kampung_sim.chaos.catalogue import listing, parse_faults
from kampung_sim.chaos.run import Options, Run
from kampung_sim.engines import ENGINES

STDOUT = "-"
LEAST, MOST = 0.1, 200.0


def chaos(  # noqa: PLR0917 - typer's
    seed: Annotated[int, typer.Option(help="The same seed is the same schedule.")] = 1,
    seconds: Annotated[float, typer.Option(min=1, max=86_400, help="How long the faults last.")] = 60.0,
    kills: Annotated[int, typer.Option(min=0, max=1_000_000, help="SIGKILLs within that time.")] = 20,
    broker: Annotated[Broker, typer.Option(help="What the village runs on.")] = Broker.MOSQUITTO,
    telemetry: Annotated[
        str, typer.Option(help="The cloud's telemetry engine; 'SCHEME:' alone starts a server of our own, which can be killed.")
    ] = "duckdb:telemetry.duckdb",
    faults: Annotated[str, typer.Option(help="Comma-separated; 'help' lists them; 'default', 'all'.")] = "default",
    edges: Annotated[int, typer.Option(min=1, max=50)] = 2,
    sensors: Annotated[int, typer.Option(min=1, max=20, help="Sensors on each edge.")] = 1,
    rate: Annotated[str, typer.Option(help="Frames a second from each sensor; '50,1' deals them to the edges in turn.")] = "20",
    drain: Annotated[float, typer.Option(min=1, help="Seconds everything may take to arrive when all is healed.")] = 180.0,
    hold: Annotated[float | None, typer.Option(min=1, help="Seconds each fault lasts, instead of its own; one after the other.")] = None,
    state: Annotated[Path | None, typer.Option(help="A new or empty folder that is kept; a temporary one without it.")] = None,
    json_file: Annotated[str, typer.Option("--json", help="Write the report to this file; '-' prints nothing but the report.")] = "",
) -> None:
    """A real village under a seeded schedule of faults. Exit code 1 when anything is lost, doubled or altered without explanation."""
    if faults == "help":
        sys.stdout.write(listing() + "\n")
        return
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    quiet = json_file == STDOUT
    with tempfile.TemporaryDirectory(prefix="kampung-chaos-") as temporary:
        try:
            names = parse_faults(faults, telemetry.rstrip(":") in ENGINES)
            if telemetry == "memory:" and "kill-cloud" in names:
                raise ConfigurationError("--telemetry memory: forgets everything with kill-cloud; leave that out of --faults")
            options = Options(seed, seconds, kills, broker, telemetry, names, edges, sensors, _rates(rate), drain, hold)
            report = Run(options, _folder(state, temporary), _mute if quiet else _say, ended).go()
        except KampungError as error:
            sys.stderr.write(f"kampung-sim: {error.message}\n")
            raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from None
    if report is None:
        _say("Dihentikan; tidak ada laporan.")
        raise typer.Exit(130)
    text = json.dumps(report.object(), indent=2, ensure_ascii=False) + "\n"
    if quiet:
        sys.stdout.write(text)
    else:
        _say(report.table())
        if json_file:
            Path(json_file).parent.mkdir(parents=True, exist_ok=True)
            Path(json_file).write_text(text, encoding="utf-8")
    if not report.good:
        raise typer.Exit(1)


def _rates(text: str) -> tuple[float, ...]:
    try:
        rates = tuple(float(part) for part in text.split(","))
    except ValueError:
        rates = ()
    if not rates or not all(LEAST <= rate <= MOST for rate in rates):
        raise ConfigurationError(f"--rate {text!r}: frames a second from {LEAST:g} to {MOST:g}, or several with commas: --rate 50,1")
    return rates


def _folder(state: Path | None, temporary: str) -> Path:
    if state is None:
        return Path(temporary)
    state.mkdir(parents=True, exist_ok=True)
    if any(state.iterdir()):
        raise ConfigurationError(f"--state {state} is not empty; name a new folder, or remove it first")
    return state.absolute()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _mute(_line: str) -> None:
    """Nothing but the report is printed."""
