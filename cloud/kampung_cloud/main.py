"""The command ``kampung-cloud``."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from kampung_cloud import calc, carrying, keeping, keys_command, letter_keys_command, logs, replay, status, switch, verify
from kampung_cloud.access import commands as accounts
from kampung_cloud.messages.commands import people, silences
from kampung_cloud.refusing import refusing
from kampung_cloud.regency.report import command as report
from kampung_cloud.withdrawals.command import cli as nodes
from kampung_cloud.words import command as words

cli = typer.Typer(help="Smart Kampung, the regency's side.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file (TOML).")]
PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="In place of [api] port.")]
MetricsPortOption = Annotated[
    int | None,
    typer.Option("--metrics-port", min=1, max=65535, help="Figures for Prometheus at http://127.0.0.1:PORT/metrics, this process's own."),
]


def _share_arenas() -> None:
    """Before anything is imported that begins threads."""
    from kampung_cloud.telemetry.freeing import share_arenas

    share_arenas()


@cli.command()
def serve(config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Take in, store and show what the villages send."""
    logs.configure()
    _collect_seldom()
    with refusing():
        from kampung_cloud.config import load

        loaded = load(config, port)
        _share_arenas()
        from kampung_cloud.app import CloudApp

        CloudApp(loaded).run()


@cli.command()
def ingest(config: ConfigOption = Path("cloud.toml"), metrics_port: MetricsPortOption = None) -> None:
    """Take in beside others of the same, each for its share of the kecamatan; needs PostgreSQL and an engine outside this process."""
    logs.configure()
    _collect_seldom()
    with refusing():
        from kampung_cloud.config import load

        loaded = load(config)
        _share_arenas()
        from kampung_cloud.leases.holder import Holder

        Holder(loaded, metrics_port).run()


@cli.command()
def api(config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """API and pages beside ingest processes; what is changed here goes on record, and one of them does it."""
    logs.configure()
    _collect_seldom()
    with refusing():
        from kampung_cloud.config import load

        loaded = load(config, port)
        _share_arenas()
        from kampung_cloud.app import ApiApp

        ApiApp(loaded).run()


@cli.command()
def check(config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Say whether the configuration can be used, and what it sets."""
    with refusing():
        from kampung_cloud.config import load
        from kampung_cloud.engine_address import shown
        from kampung_cloud.telemetry import left_behind
        from kampung_cloud.words.rules import doubts

        loaded = load(config, port)
    typer.echo(f"{config}: good")
    typer.echo(f"  data       {loaded.data}")
    typer.echo(f"  broker     {loaded.broker.url}")
    typer.echo(f"  telemetry  {shown(loaded.telemetry.url)}")
    typer.echo(f"  records    {shown(loaded.records.url)}")
    typer.echo(f"  api        http://{loaded.api.host}:{loaded.api.port}")
    typer.echo(f"  rules      {len(loaded.rule)}, fields {len(loaded.field)}")
    for doubt in filter(None, (left_behind.files(loaded.telemetry.url, loaded.data), *doubts(loaded.rule))):
        typer.echo(f"  warning    {doubt}")


@cli.command()
def broker(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 1883,
    data: Annotated[Path, typer.Option(help="Folder for what the broker keeps.")] = Path("broker-data"),
    embedded: Annotated[bool, typer.Option("--embedded", help="Use amqtt even where mosquitto is installed.")] = False,
    passwords: Annotated[
        Path | None, typer.Option(help="Let in only the accounts of this file of mosquitto_passwd, each node to its own topics.")
    ] = None,
) -> None:
    """Run an MQTT broker for this machine, in the foreground."""
    logs.configure()
    with refusing():
        from kampung_cloud.broker import run

        run(port, data, embedded=embedded, passwords=passwords)


cli.add_typer(replay.cli, name="dead-letters")
cli.add_typer(words.cli, name="words")
cli.add_typer(people, name="people")
cli.add_typer(accounts.cli, name="account")
cli.add_typer(keys_command.cli, name="keys")
cli.add_typer(letter_keys_command.cli, name="letters")
cli.add_typer(silences, name="silences")
cli.add_typer(nodes, name="nodes")
cli.command("report")(report.report)
cli.command("status")(status.status)
cli.command("switch")(switch.switch)
cli.command("commands")(switch.commands)
cli.command("backup")(keeping.backup)
cli.command("restore")(keeping.restore)
cli.command("export")(carrying.export)
cli.command("import")(carrying.import_)
cli.command("calc")(calc.calc)
cli.command("verify")(verify.verify)


def _collect_seldom() -> None:
    """What a start makes stays: to look through it again and again for what could go was a quarter of its cost."""
    gc.set_threshold(50_000, 20, 20)


if __name__ == "__main__":
    cli()
