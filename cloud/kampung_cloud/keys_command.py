"""The command ``kampung-cloud keys``: works on the records and the key file themselves, beside a running cloud or without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from kampung_contract.errors import ConfigurationError

from kampung_cloud.refusing import refusing

if TYPE_CHECKING:
    from kampung_cloud.records import Records
    from kampung_cloud.resealing import Held
    from kampung_cloud.sealing import Keyring

cli = typer.Typer(help="Keys that seal personal fields: show them, or change them while everything runs.", no_args_is_help=True)
ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file (TOML) of the cloud.")]


HOUR_MS = 3_600_000


@cli.command()
def show(config: ConfigOption = Path("cloud.toml")) -> None:
    """How many keys there are, and what is still under an older one. No key is shown."""
    with refusing(), _open(config) as (records, ring, tables):
        from kampung_cloud.resealing import left

        typer.echo(f"{ring.count} key(s), {left(records, ring, tables)} rows under an older one")


@cli.command()
def rotate(config: ConfigOption = Path("cloud.toml")) -> None:
    """Make a new key and seal everything anew, while the cloud runs. Ended in the middle, the next call goes on."""
    with refusing(), _open(config) as (records, ring, tables):
        from kampung_cloud.health import now_ms
        from kampung_cloud.resealing import left, reseal

        newest = ring if left(records, ring, tables) else ring.rotated(now_ms())
        done = reseal(records, newest, tables, lambda n: typer.echo(f"\r{n} rows", nl=False, err=True))
        typer.echo(f"{done} rows sealed anew; old keys stay until 'kampung-cloud keys forget'. Back up the keys apart from the records")


@cli.command()
def forget(config: ConfigOption = Path("cloud.toml")) -> None:
    """Drop old keys, an hour after the newest was made and once nothing is under them; backups from before need them."""
    with refusing(), _open(config) as (records, ring, tables):
        from kampung_cloud.health import now_ms
        from kampung_cloud.resealing import left

        if rows := left(records, ring, tables):
            raise ConfigurationError(f"{rows} rows are under an older key; 'kampung-cloud keys rotate' first")
        if ring.count > 1 and now_ms() - ring.since < HOUR_MS:
            raise ConfigurationError("the newest key is less than an hour old: what was begun before may yet be written; try again later")
        typer.echo(f"{ring.count - 1} old key(s) dropped")
        ring.without_old()


@contextmanager
def _open(config: Path) -> Iterator[tuple[Records, Keyring, tuple[Held, ...]]]:
    from kampung_cloud.config import load
    from kampung_cloud.health import now_ms
    from kampung_cloud.modules import kept
    from kampung_cloud.records import open_records
    from kampung_cloud.sealing import Keyring

    loaded = load(config)
    records = open_records(loaded.records.url, loaded.data)
    try:
        yield records, Keyring.open_at(loaded.data, now_ms()), kept()
    finally:
        records.close()
