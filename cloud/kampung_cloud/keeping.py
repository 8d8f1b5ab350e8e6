"""The commands ``kampung-cloud backup`` and ``kampung-cloud restore``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from kampung_contract.errors import ConfigurationError, KampungError

from kampung_cloud.progress import shown
from kampung_cloud.refusing import refusing
from kampung_cloud.running import PIECE, ConfigOption, PortOption, RunningCloud

FileArgument = Annotated[Path, typer.Argument(help="The backup, such as kampung-2026-11-22.tar.")]


def backup(file: FileArgument, config: ConfigOption = Path("cloud.toml"), port: PortOption = None) -> None:
    """Records and readings as of one moment into one file, while the cloud runs, or while it does not."""
    with refusing():
        from kampung_cloud.backup import archive
        from kampung_cloud.config import load

        load(config, port)
        with written(file) as half:
            _fetch(half, config, port)
            with shown("checking", half.stat().st_size) as done:
                manifest = archive.read(half, None, done)
        typer.echo(f"{file}: {file.stat().st_size:,} bytes, as of {manifest.made}")
        _say(manifest)


def restore(file: FileArgument, config: ConfigOption = Path("cloud.toml"), check: Annotated[
    bool, typer.Option("--check", help="Only say whether the backup is whole.")
] = False) -> None:  # fmt: skip
    """Put a backup back into an empty place, whole or not at all; the cloud must not run there."""
    with refusing():
        from kampung_cloud.backup import archive
        from kampung_cloud.backup.restoring import restore as put_back
        from kampung_cloud.config import load

        loaded = load(config)
        with shown("checking" if check else "restoring", file.stat().st_size if file.is_file() else None) as done:
            manifest = archive.read(file, None, done) if check else put_back(file, loaded, done)
        typer.echo(f"{file}: whole, as of {manifest.made}" if check else f"{loaded.data}: as it was at {manifest.made}")
        _say(manifest)
        if not check and (missing := [name for name in ("keys", "hash.key") if not (loaded.data / name).exists()]):
            typer.echo(
                f"  no backup holds keys: if the old cloud had {' and '.join(missing)}, put them into {loaded.data} before the first start"
            )


def _say(manifest: object) -> None:
    from kampung_cloud.backup.archive import Manifest

    assert isinstance(manifest, Manifest)
    readings = (
        f"{manifest.readings:,} readings" if manifest.readings is not None else "no readings: their engine keeps them, back it up too"
    )
    typer.echo(f"  {readings}, {sum(manifest.records.rows.values()):,} records")


def _fetch(half: Path, config: Path, port: int | None) -> None:
    """From the running cloud; where none runs, out of its files."""
    from kampung_cloud.config import load

    loaded = load(config, port)
    if (loaded.data / "token").exists() and (cloud := RunningCloud(config, port)).answers:
        with cloud.asked("GET", "backup") as answer, half.open("wb") as out:
            size = int(answer.headers["Content-Length"])
            with shown("backup", size) as done:
                while piece := answer.read(PIECE):
                    out.write(piece)
                    done(len(piece))
            if out.tell() != size:
                raise KampungError(f"the cloud ended after {out.tell():,} of {size:,} bytes; its log has more")
        return
    from kampung_cloud.backup.placing import check_whole
    from kampung_cloud.backup.taking import take
    from kampung_cloud.records import open_records
    from kampung_cloud.telemetry import open_store

    if not loaded.data.is_dir():
        raise ConfigurationError(f"data = {str(loaded.data)!r}: nothing is there to back up")
    check_whole(loaded.data)
    records = open_records(loaded.records.url, loaded.data)
    store = open_store(loaded.telemetry.url, loaded.data, None, records)
    try:
        taken = take(store, records, loaded.data, lambda action: action())
        with shown("backup", taken.size) as done, half.open("wb") as out:
            for piece in taken.pieces():
                out.write(piece)
                done(len(piece))
    finally:
        store.close()
        records.close()


@contextmanager
def written(file: Path) -> Iterator[Path]:
    """A file that has its name only once it is whole and on disk. Refuses one that is there."""
    from kampung_cloud.lasting import sync

    if file.exists():
        raise ConfigurationError(f"{file} is there; choose another name")
    half = file.with_name(f"{file.name}.part")
    try:
        half.unlink(missing_ok=True)
        yield half
        sync(half)
        half.rename(file)
        sync(file.parent)
    except OSError as error:
        raise ConfigurationError(f"{error.filename or file}: {error.strerror}") from None
    finally:
        half.unlink(missing_ok=True)
