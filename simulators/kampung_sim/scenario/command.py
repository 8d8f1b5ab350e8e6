"""``kampung-sim check`` and what else looks at a scenario without running it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from kampung_contract.errors import KampungError

from kampung_sim.scenario.faults.catalogue import KINDS
from kampung_sim.scenario.load import Loaded, load, packaged, packaged_kit
from kampung_sim.scenario.processes import KINDS as PROCESSES
from kampung_sim.scenario.summary import summary
from kampung_sim.scenario.times import say

File = Annotated[Path, typer.Argument(help="A scenario file, or the name of a packaged one.")]
Recording = Annotated[Path | None, typer.Option("--replay", help="A CSV recording instead of the processes behind its columns.")]


def check(file: File, replay: Recording = None) -> None:
    """Say what is wrong in a scenario, with line and remedy (exit code 2), or what it holds."""
    _print(summary(read(file, replay)))


def scenarios() -> None:
    """List the packaged scenarios and kits, the processes with their parameters, and the faults with their keys."""
    _print("Skenario (kampung-sim check NAMA):")
    for name in packaged("scenarios"):
        found = load(Path(name)).scenario
        _print(f"  {name:20} {found.title}")
    _print("Perlengkapan (kit):")
    for name in packaged("kits"):
        kit = packaged_kit(name)
        _print(f"  {name:20} {sum(d.count for d in kit.device)} alat, tiap {say(kit.every)}: {kit.title}")
    _print("Proses (process):")
    for name, process in PROCESSES.items():
        _print(f"  {name:20} {', '.join(process.QUANTITIES) or (process.__doc__ or '').rstrip('.')}")
        for key, field in process.model_fields.items():
            if key not in ("kind", "source", *process.ROLES):
                default = field.get_default(call_default_factory=True)
                _print(f"    {key:18} = {_shown(default)}{f': {field.description}' if field.description else ''}")
    _print("Gangguan (fault):")
    for kind in KINDS.values():
        parameters = ", ".join(f"{n} = {p.default:g}{'' if p.unit == '1' else f' {p.unit}'}" for n, p in kind.parameters.items())
        _print(f"  {kind.key} {kind.name:20} {kind.words}; {kind.about}{f' ({parameters})' if parameters else ''}")


def read(file: Path, replay: Path | None = None) -> Loaded:
    """A scenario for a command: what is wrong goes to standard error, and the command ends with 2."""
    try:
        return load(file, replay)
    except KampungError as error:
        sys.stderr.write(f"{error.message}\n")
        raise typer.Exit(2) from None


def _shown(value: object) -> str:
    return json.dumps(value, default=str) if not isinstance(value, int) or value < 60_000 else f'"{say(value)}"'


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
