"""The command ``kampung-cloud nodes``: asks the running cloud, with its token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from kampung_contract.errors import NotFound

from kampung_cloud.refusing import refusing
from kampung_cloud.running import ConfigOption, PortOption, RunningCloud

cli = typer.Typer(help="Kiosks: list them, withdraw one that was stolen or given away, or take it back.", no_args_is_help=True)

NodeArgument = Annotated[str, typer.Argument(help="The kiosk, such as tamansari-kios-1.")]
ByOption = Annotated[str, typer.Option("--by", help="Who says so; goes on record.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; goes on record.")]
BROKER = {
    "none": "no command is set to have the broker refuse it ([broker] refuse): take its account away there by hand (docs/brokers.md)",
    "asked": "the broker does not refuse it yet, and is asked again",
    "refused": "the broker refuses it",
}


@cli.command("list")
def show(
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Only those that ever were withdrawn.")] = False,
) -> None:
    """Every kiosk by village, how it is, and its withdrawals, the last first."""
    with refusing():
        for each in RunningCloud(config, port).ask("GET", "kiosks"):
            if each["withdrawals"] or not withdrawn:
                _say(each)


@cli.command()
def withdraw(
    *,
    node: NodeArgument,
    by: ByOption,
    reason: ReasonOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask once more.")] = False,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Take nothing of it and seal nothing for it any more, and have the broker refuse it."""
    with refusing():
        cloud = RunningCloud(config, port)
        for line in _warnings(_find(cloud, node)):
            typer.echo(line)
        if not yes:
            typer.confirm(f"Withdraw {node}?", abort=True)
        _say(cloud.ask("POST", f"kiosks/{quote(node, safe='')}/withdraw", body={"reason": reason, "by": by}))


@cli.command()
def restore(
    *,
    node: NodeArgument,
    by: ByOption,
    reason: ReasonOption,
    mistake: Annotated[bool, typer.Option("--mistake", help="It never was in other hands: trust its old key and what it holds.")] = False,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Take it back; without --mistake it has to come with an empty data folder. Give it its account at the broker anew."""
    with refusing():
        body = {"reason": reason, "by": by, "mistake": mistake}
        _say(RunningCloud(config, port).ask("POST", f"kiosks/{quote(node, safe='')}/restore", body=body))


def _find(cloud: RunningCloud, node: str) -> dict[str, Any]:
    """Raises ``NotFound``."""
    found: list[dict[str, Any]] = cloud.ask("GET", "kiosks")
    for each in found:
        if each["node"] == node:
            return each
    raise NotFound(f"no kiosk is called {node[:63]!r}; 'kampung-cloud nodes list' names them")


def _warnings(each: dict[str, Any]) -> Iterator[str]:
    if each["only"]:
        yield f"{each['node']} is the only kiosk of {each['village']}: nobody there will be served at a kiosk until there is another"
    if each["pins"] and each["key"] != "none":
        yield f"{each['pins']} residents of {each['village']} have a PIN of which this kiosk has a hash: give them new ones"


def _say(each: dict[str, Any]) -> None:
    key = {"none": "no key", "good": "key good", "old": "key of before it was withdrawn: nothing is sealed to it"}[each["key"]]
    typer.echo(f"{each['node']:<24} {each['village']}  {each['state']:<9} heard {each['last_seen']}  {key}")
    for row in each["withdrawals"]:
        typer.echo(f"    withdrawn {row['at']} by {row['by']}: {row['reason']}")
        if row["restored"]:
            how = "a mistake" if row["mistake"] else "with a new key"
            typer.echo(f"    restored  {row['restored']} by {row['restored_by']}, {how}: {row['restored_reason']}")
        else:
            note = f" ({row['broker_note']})" if row["broker_note"] else ""
            typer.echo(f"    {BROKER[row['broker']]}{note}")
