"""The command ``kampung-cloud dead-letters``: asks the running cloud, with its token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from kampung_contract.errors import ConfigurationError

from kampung_cloud.refusing import refusing
from kampung_cloud.running import ConfigOption, PortOption, RunningCloud

cli = typer.Typer(help="What could not be taken: list it, or take it up again.", no_args_is_help=True)

CodeOption = Annotated[str | None, typer.Option("--code", help="Only letters with this code, such as wrong_unit.")]
AT_ONCE = 500


def waiting(cloud: RunningCloud, code: str | None) -> Iterator[int]:
    """Letters that were never replayed; each is, before the next piece is asked for."""
    only: dict[str, Any] = {} if code is None else {"code": code}
    while found := cloud.ask("GET", "dead-letters", limit=AT_ONCE, replayed="false", **only):
        yield from [letter["id"] for letter in found]


@cli.command("list")
def show(
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
    code: CodeOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 50,
) -> None:
    """The last to come first: number, time, how often, size, code, topic, and what became of it."""
    with refusing():
        _show(config, port, code, limit)


def _show(config: Path, port: int | None, code: str | None, limit: int) -> None:
    only: dict[str, Any] = {} if code is None else {"code": code}
    for letter in RunningCloud(config, port).ask("GET", "dead-letters", limit=limit, **only):
        typer.echo(f"{letter['id']:>6}  {letter['at']}  {letter['count']}x  {letter['size']:,} B  {letter['code']}  {letter['topic']}")
        typer.echo(f"        {letter['detail']}")
        if letter["result"]:
            typer.echo(f"        {letter['replayed_at']}: {letter['result']}")


@cli.command()
def replay(
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
    number: Annotated[int | None, typer.Option("--id", min=1, help="This letter, even if it was replayed before.")] = None,
    code: CodeOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Every letter that was not replayed yet.")] = False,
) -> None:
    """Take letters up again through the same intake; ends with 1 when one is still refused."""
    with refusing():
        _replay(config, port, number, code, everything)


def _replay(config: Path, port: int | None, number: int | None, code: str | None, everything: bool) -> None:
    if sum((number is not None, code is not None, everything)) != 1:
        raise ConfigurationError("say which: one of --id, --code and --all")
    cloud = RunningCloud(config, port)
    stored = refused = 0
    for each in [number] if number is not None else waiting(cloud, code):
        done = cloud.ask("POST", f"dead-letters/{each}/replay")
        stored, refused = stored + done["stored"], refused + (not done["stored"])
        typer.echo(f"{each:>6}  {'stored: ' if done['stored'] else 'refused, ' + done['code'] + ': '}{done['detail']}")
    typer.echo(f"{stored} stored, {refused} refused again")
    if refused:
        raise typer.Exit(1)
