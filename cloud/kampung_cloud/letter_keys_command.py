"""The command ``kampung-cloud letters keys``: keys that sign letters; works on the data folder, beside a running cloud or without one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from kampung_contract.errors import ConfigurationError
from kampung_contract.times import WIB, text

from kampung_cloud.health import now_ms
from kampung_cloud.refusing import refusing

if TYPE_CHECKING:
    from kampung_cloud.modules.services.signing import SigningKeys

cli = typer.Typer(help="Letters of villages.", no_args_is_help=True)
keys = typer.Typer(help="Keys that sign letters: list them, begin a new one, or say that one got out.", no_args_is_help=True)
cli.add_typer(keys, name="keys")
ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file (TOML) of the cloud.")]
VillageOption = Annotated[str, typer.Option("--village", help="Kemendagri code, as 35.10.24.2008.")]


@keys.command("list")
def listed(village: VillageOption, config: ConfigOption = Path("cloud.toml")) -> None:
    """A village's keys, the one that signs first."""
    with refusing():
        held, code = _open(config, village)
        for key in held.of(code):
            until = "signs now" if key.until is None else f"until {text(key.until)}"
            lost = "" if key.compromised is None else f", NOT TRUSTED from {text(key.compromised)}"
            typer.echo(f"{key.kid.hex()}  since {text(key.since)}  {until}{lost}")


@keys.command()
def rotate(village: VillageOption, config: ConfigOption = Path("cloud.toml")) -> None:
    """A new key signs from now on; letters under older keys stay good."""
    with refusing():
        held, code = _open(config, village)
        typer.echo(
            f"{held.rotate(code, now_ms()).kid.hex()} signs now; back up the folder keys. Kiosks and /periksa fetch the list by themselves"
        )


@keys.command()
def compromised(
    village: VillageOption,
    kid: Annotated[str, typer.Argument(help="The key, as 'list' names it.")],
    since: Annotated[str | None, typer.Option(help="When it got out, in WIB: 2026-11-30T09:00. Without it: now.")] = None,
    config: ConfigOption = Path("cloud.toml"),
) -> None:
    """What a key signed from a time on is not trusted any more; where it is in use, a new one signs."""
    with refusing():
        now = now_ms()
        try:
            name = bytes.fromhex(kid)
            day = None if since is None else datetime.fromisoformat(since)
        except ValueError as error:
            raise ConfigurationError(f"{error}; a key is 16 hexadecimal digits, a time is written 2026-11-30T09:00") from None
        at = now if day is None else round((day if day.tzinfo else day.replace(tzinfo=WIB)).timestamp() * 1000)
        held, code = _open(config, village)
        done = held.compromise(code, name, at, now)
        typer.echo(f"{kid}: not trusted from {text(done.compromised or at)}; {held.of(code)[0].kid.hex()} signs now")


def _open(config: Path, village: str) -> tuple[SigningKeys, str]:
    from kampung_contract.villages import village as find_village

    from kampung_cloud.config import load
    from kampung_cloud.modules.services.signing import SigningKeys

    return SigningKeys(load(config).data / "keys" / "letters"), find_village(village).code
