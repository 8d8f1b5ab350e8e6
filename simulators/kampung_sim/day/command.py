"""``kampung-sim day``."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from kampung_contract.errors import ConfigurationError, KampungError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from kampung_sim.day import report
from kampung_sim.day.figures import load
from kampung_sim.day.run import Office, Plan, run

STDOUT = "-"
SWEEP_CLERKS = (1, 2, 3, 4)
SWEEP_PER_DAY = (20.0, 40.0, 60.0, 80.0)


def day(  # noqa: PLR0917 - typer's
    days: Annotated[int, typer.Option(min=1, max=60, help="Days on which the office is open.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed is the same residents, troubles and durations.")] = 1,
    first: Annotated[str, typer.Option("--date", help="The first day, as 2026-10-05.")] = "2026-10-05",
    clerks: Annotated[int | None, typer.Option(min=1, max=20, help="Clerks, instead of the figures'.")] = None,
    per_day: Annotated[float | None, typer.Option("--arrivals", min=1, max=2000, help="Requests a day, instead of the figures'.")] = None,
    figures: Annotated[Path | None, typer.Option(help="A file as the packaged figures.toml, with a village's own counts.")] = None,
    sweep: Annotated[bool, typer.Option("--sweep", help="1 to 4 clerks by 20 to 80 requests a day, each an office of its own.")] = False,
    state: Annotated[Path | None, typer.Option(help="A new folder that is kept, with the database and the programs' logs.")] = None,
    json_file: Annotated[str, typer.Option("--json", help="Write the result to this file; '-' prints nothing else.")] = "",
) -> None:
    """Days of a village's office at the real application, by a clock that is moved: how long services take, and what was late.

    Exit code 1 when a request stands where it should not, 2 when it cannot be run.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="kampung-day-") as temporary:
        try:
            found, sources = load(figures)
            chosen = {k: v for k, v in (("clerks", clerks), ("per_day", per_day)) if v is not None}
            found = msgspec.structs.replace(found, **chosen)
            offices = tuple(Office(c, n) for n in SWEEP_PER_DAY for c in SWEEP_CLERKS) if sweep else (Office(found.clerks, found.per_day),)
            plan = Plan(found, offices, _date(first), days, seed)
            folder = Path(temporary) if state is None else _folder(state)
            with _progress(json_file) as told:
                tallies = run(plan, folder, told)
        except KampungError as error:
            sys.stderr.write(f"kampung-sim: {error.message}\n")
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            sys.stderr.write("Dihentikan; tidak ada hasil.\n")
            raise typer.Exit(130) from None
    plain = {
        "seed": seed, "dates": [str(d) for d in plan.dates], "offices": [t.shown() for t in tallies],
        "figures": msgspec.to_builtins(found), "sources": sources,
    }  # fmt: skip
    if json_file and json_file != STDOUT:
        Path(json_file).parent.mkdir(parents=True, exist_ok=True)
        Path(json_file).write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if json_file == STDOUT:
        sys.stdout.write(json.dumps(plain, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write((report.sweep(plan, tallies) if sweep else report.one(plan, tallies[0], sources)) + "\n")
    if any(t.unexplained for t in tallies):
        raise typer.Exit(1)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"--date {text!r} is no day; write it as 2026-10-05") from None


def _folder(state: Path) -> Path:
    state.mkdir(parents=True, exist_ok=True)
    if any(state.iterdir()):
        raise ConfigurationError(f"--state {state} is not empty; name a new folder, or remove it first")
    return state.absolute()


@contextmanager
def _progress(json_file: str) -> Iterator[Any]:
    """A bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal or json_file == STDOUT, transient=True) as bar:
        task = bar.add_task("Hari desa", total=1.0)
        yield lambda done: bar.update(task, completed=done)
