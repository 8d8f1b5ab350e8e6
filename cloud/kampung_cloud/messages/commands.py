"""The commands ``kampung-cloud people`` and ``kampung-cloud silences``: ask the running cloud, with its token."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from kampung_contract.conditions import duration
from kampung_contract.errors import ConfigurationError, KampungError

from kampung_cloud.refusing import refusing
from kampung_cloud.running import ConfigOption, PortOption, RunningCloud

people = typer.Typer(help="Who hears of alarms: import a file of people, list, show or remove them.", no_args_is_help=True)
silences = typer.Typer(help="Alarms that tell nobody for a time: list, add, or end early.", no_args_is_help=True)

VillageOption = Annotated[str | None, typer.Option("--village", help="Such as 35.10.24.2008.")]
PersonArgument = Annotated[str, typer.Argument(help="The person's id.")]
SilenceArgument = Annotated[str, typer.Argument(help="The silence's id.")]
ByOption = Annotated[str, typer.Option("--by", help="Who says so; goes on record.")]


@people.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="TOML with a [[person]] table each (docs/messages.md).")],
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Add or replace the people of a file: all of them, or none and what is wrong with each."""
    with refusing():
        found = _read(file)
        try:
            told = RunningCloud(config, port).ask("POST", "people", body={"people": found})
        except KampungError as error:
            raise type(error)("\n".join(f"{file}: {line}" for line in error.message.splitlines())) from None
        typer.echo(f"{file}: {told['new']} new, {told['changed']} replaced")


@people.command("list")
def show_all(
    village: VillageOption = None,
    role: Annotated[str | None, typer.Option("--role", help="Such as farmer.")] = None,
    addresses: Annotated[bool, typer.Option("--addresses", help="Whole addresses; masked without.")] = False,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Everybody, by village and name."""
    with refusing():
        only: dict[str, Any] = {key: value for key, value in (("village", village), ("role", role)) if value is not None}
        for each in RunningCloud(config, port).ask("GET", "people", addresses=str(addresses).lower(), **only):
            typer.echo(_line(each))


@people.command()
def show(name: PersonArgument, config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """What is known of one person."""
    with refusing():
        for key, value in RunningCloud(config, port).ask("GET", f"people/{quote(name, safe='')}").items():
            typer.echo(f"{key:<10} {_plain(value)}")


@people.command()
def remove(name: PersonArgument, config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Forget somebody; what waits to be sent to him does not go."""
    with refusing():
        RunningCloud(config, port).ask("DELETE", f"people/{quote(name, safe='')}")
        typer.echo(f"{name}: removed")


@silences.command("list")
def silences_list(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    village: VillageOption = None,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Silences in force, the last to end first."""
    with refusing():
        only: dict[str, Any] = {} if village is None else {"village": village}
        for each in RunningCloud(config, port).ask("GET", "silences", state="all" if everything else "holds", **only):
            typer.echo(_silence(each))


@silences.command()
def add(
    *,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", help="Why; goes on record.")],
    length: Annotated[str, typer.Option("--for", help="How long, such as 2h or 1d; at most 31d.")],
    village: VillageOption = None,
    rule: Annotated[str | None, typer.Option("--rule", help="A rule's id; * for the rest of a name.")] = None,
    node: Annotated[str | None, typer.Option("--node", help="A kiosk.")] = None,
    device: Annotated[str | None, typer.Option("--device", help="A device, such as kali-1.")] = None,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Let alarms tell nobody for a time; they are shown and kept as ever."""
    with refusing():
        try:
            until = time.time_ns() // 1_000_000 + duration(length)
        except ValueError as error:
            raise ConfigurationError(f"--for: {error}") from None
        only = {"village": village, "rule": rule, "node": node, "device": device}
        body: dict[str, Any] = {"until": str(until), "by": by, "reason": reason} | {k: v for k, v in only.items() if v is not None}
        typer.echo(_silence(RunningCloud(config, port).ask("POST", "silences", body=body)))


@silences.command("end")
def end(
    name: SilenceArgument,
    by: ByOption,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """End a silence now; alarms that it kept quiet are told if they still stand."""
    with refusing():
        typer.echo(_silence(RunningCloud(config, port).ask("POST", f"silences/{quote(name, safe='')}/end", body={"by": by})))


def _read(file: Path) -> list[dict[str, Any]]:
    """Raises ``ConfigurationError``."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: not TOML: {error}") from None
    found = tables.get("person")
    if not isinstance(found, list) or not found or tables.keys() != {"person"}:
        raise ConfigurationError(f"{file}: expected a [[person]] table for each person, and nothing else")
    return found


def _line(each: dict[str, Any]) -> str:
    reached = ", ".join(f"{a['channel']} {a['address']}" for a in each["addresses"])
    rest = "" if each["active"] else "  (not active)"
    return f"{each['id']:<20} {each['village'] or 'regency':<14} {each['role']:<9} {each['name']}: {reached}{rest}"


def _plain(value: Any) -> str:
    match value:
        case [{"channel": _}, *_]:
            return ", ".join(f"{a['channel']} {a['address']}" for a in value)
        case list():
            return ", ".join(map(str, value)) or "-"
        case {"from": begin, "to": end}:
            return f"{begin} to {end}"
        case None:
            return "as everybody's"
        case _:
            return str(value)


def _silence(each: dict[str, Any]) -> str:
    what = ", ".join(f"{key} {each[key]}" for key in ("village", "rule", "node", "device") if each[key])
    ended = f", ended {each['ended']} by {each['ended_by']}" if each["ended"] else ""
    return f"{each['id']}  {each['state']:<5} until {each['until']}  {what}; {each['by']}: {each['reason']}{ended}"
