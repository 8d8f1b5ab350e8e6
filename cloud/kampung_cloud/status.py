"""The command ``kampung-cloud status``: what works, and who takes in for which kecamatan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from kampung_cloud.refusing import refusing
from kampung_cloud.running import ConfigOption, PortOption, RunningCloud


def status(config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Health of the running cloud, and its ingest processes with their leases; ends with 1 when something does not work."""
    with refusing():
        cloud = RunningCloud(config, port)
        health, found = cloud.ask("GET", "healthz"), cloud.ask("GET", "workers")
    typer.echo(health["status"])
    for name, check in health["checks"].items():
        typer.echo(f"  {'ok ' if check['ok'] else 'BAD'} {name:<12} {check['detail']}".rstrip())
    if found["sole"]:
        typer.echo("one process takes in for the whole regency")
    for worker in found["workers"]:
        _show(worker)
    if found["free"]:
        typer.echo(f"nobody takes in for: {', '.join(found['free'])}")
    if health["status"] != "ok":
        raise typer.Exit(1)


def _show(worker: dict[str, Any]) -> None:
    typer.echo(f"{worker['name']}: {len(worker['leases'])} leases, up since {worker['started']}, heard {worker['age_s']:.0f} s ago")
    for lease in worker["leases"]:
        typer.echo(f"  {lease['area']:<9} {lease['name']:<16} since {lease['since']}  token {lease['token']}")
    for name, check in worker["checks"].items():
        if not check["ok"]:
            typer.echo(f"  BAD {name}: {check['detail']}")
