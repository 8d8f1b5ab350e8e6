"""The command ``kampung-cloud letters keys``: keys that sign letters; works on the data folder, beside a running cloud or without one."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from kampung_contract.errors import ConfigurationError, KampungError
from kampung_contract.times import WIB, text

from kampung_cloud.health import now_ms
from kampung_cloud.refusing import refusing

if TYPE_CHECKING:
    from kampung_cloud.modules.services.signing import SigningKeys
    from kampung_cloud.modules.services.signing.keys import PublicKey
    from kampung_cloud.records import Records

cli = typer.Typer(help="Letters of villages.", no_args_is_help=True)
keys = typer.Typer(help="Keys that sign letters: list them, begin a new one, or say that one got out.", no_args_is_help=True)
cli.add_typer(keys, name="keys")
ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file (TOML) of the cloud.")]
VillageOption = Annotated[str, typer.Option("--village", help="Kemendagri code, as 35.10.24.2008.")]


@keys.command("list")
def listed(village: VillageOption, config: ConfigOption = Path("cloud.toml")) -> None:
    """A village's keys, the one that signs first, and who changed them."""
    from kampung_cloud.modules.services.signing import log

    with refusing():
        held, code = _open(config, village)
        for key in held.of(code):
            until = "signs now" if key.until is None else f"until {text(key.until)}"
            lost = "" if key.compromised is None else f", NOT TRUSTED from {text(key.compromised)}"
            typer.echo(f"{key.kid.hex()}  since {text(key.since)}  {until}{lost}")
        with _records(config) as records:
            for line in [] if records is None else log.lines(records, code):
                state = f"{line.kid}" if line.done else "asked"
                typer.echo(f"{text(line.at)}  {line.act}  {state}  by {line.by} ({line.via})")


@keys.command()
def rotate(village: VillageOption, config: ConfigOption = Path("cloud.toml")) -> None:
    """A new key signs from now on; letters under older keys stay good."""
    with refusing():
        held, code = _open(config, village)
        now = now_ms()
        new = _logged(config, code, "rotate", now, lambda: held.rotate(code, now))
        typer.echo(f"{new.kid.hex()} signs now; back up the folder keys. Kiosks and /periksa fetch the list by themselves")


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
        done = _logged(config, code, "compromised", now, lambda: held.compromise(code, name, at, now))
        typer.echo(f"{kid}: not trusted from {text(done.compromised or at)}; {held.of(code)[0].kid.hex()} signs now")


def _logged(config: Path, village: str, act: Literal["rotate", "compromised"], now: int, change: Callable[[], PublicKey]) -> PublicKey:
    from kampung_cloud.modules.services.signing import log

    with _records(config) as records:
        if records is None:
            return change()
        return log.logged(records, village, act, by=log.By(getpass.getuser(), "command"), now=now, change=change)


@contextmanager
def _records(config: Path) -> Iterator[Records | None]:
    """None where they do not answer: a key that got out is not trusted any more all the same, and that it is not on record is said."""
    from kampung_cloud.config import load
    from kampung_cloud.records import open_records

    loaded = load(config)
    try:
        records = open_records(loaded.records.url, loaded.data)
    except KampungError as error:
        typer.echo(f"{error.message}; the change is not on record", err=True)
        yield None
        return
    try:
        yield records
    finally:
        records.close()


def _open(config: Path, village: str) -> tuple[SigningKeys, str]:
    from kampung_contract.villages import village as find_village

    from kampung_cloud.config import load
    from kampung_cloud.modules.services.signing import SigningKeys

    return SigningKeys(load(config).data / "keys" / "letters"), find_village(village).code
