"""Putting a backup back, into an empty place, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from kampung_contract.errors import ConfigurationError

from kampung_cloud.backup import archive, placing, tables
from kampung_cloud.backup.taking import READINGS, counted
from kampung_cloud.config import CloudConfig
from kampung_cloud.photo_folders import PHOTOS
from kampung_cloud.records import open_records


def restore(file: Path, config: CloudConfig, progress: Callable[[int], None] = lambda _: None) -> archive.Manifest:
    """Check ``file``, unpack it beside its place, open what was unpacked, and only then put it there.

    Raises ``ConfigurationError`` when something is there already, when the backup is damaged, or when it does not fit the configuration.
    """
    targets = _targets(config)
    try:
        config.data.mkdir(parents=True, exist_ok=True)
        placing.clear(config.data)
        for target in targets.values():
            if target.exists():
                raise ConfigurationError(f"{target} is there; restore does not overwrite: move it away, or choose another data folder")
        folder = Path(tempfile.mkdtemp(prefix=placing.UNDERWAY, dir=config.data))
    except OSError as error:
        raise ConfigurationError(f"{error.filename or config.data}: {error.strerror}; nothing was restored") from None
    try:
        manifest = archive.read(file, folder, progress)
        if (manifest.readings is None) == ("readings" in targets):
            engine = "without readings (their engine keeps them)" if manifest.readings is None else "with readings of duckdb:"
            raise ConfigurationError(
                f"{file} is a backup {engine}; telemetry.url = {config.telemetry.url.partition(':')[0]!r} does not fit it"
            )
        if manifest.readings is not None:
            _counted(folder, manifest)
        with _records(config, folder, manifest) as made:
            made_by_name = {"readings": folder / READINGS, "days": folder / "readings.days", "records": made}
            made_by_name |= {name: folder / name for name in PHOTOS if (folder / name).exists()}
            placing.place(folder, {target: made_by_name[name] for name, target in targets.items() if name in made_by_name})
        placing.done(folder)
    finally:
        placing.end(folder)
    return manifest


def _targets(config: CloudConfig) -> dict[str, Path]:
    out = {}
    if config.telemetry.url.startswith("duckdb:"):
        out["readings"] = config.data / config.telemetry.url.removeprefix("duckdb:")
        out["days"] = out["readings"].with_suffix(".days")
    if config.records.url.startswith("sqlite:"):
        out["records"] = config.data / config.records.url.removeprefix("sqlite:")
    return out | {name: config.data / name for name in PHOTOS}


def _counted(folder: Path, manifest: archive.Manifest) -> None:
    _without_functions(folder / READINGS)
    found = counted(folder / READINGS)
    (folder / "readings.days").mkdir(exist_ok=True)
    if found != manifest.readings:
        raise ConfigurationError(f"{READINGS} holds {found:,} readings, the manifest says {manifest.readings:,}; choose another backup")


def _without_functions(file: Path) -> None:
    """A function of the file's own could stand in for one of DuckDB's, and read whatever the cloud may read."""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            own = connection.execute("SELECT function_name FROM duckdb_functions() WHERE NOT internal LIMIT 1").fetchone()
    except duckdb.Error as error:
        raise ConfigurationError(f"{READINGS}: {str(error).splitlines()[0]}; choose another backup") from None
    if own is not None:
        raise ConfigurationError(
            f"{READINGS} holds a function of its own ({own[0][:40]!r}), which kampung-cloud makes none of; drop it first"
        )


@contextmanager
def _records(config: CloudConfig, folder: Path, manifest: archive.Manifest) -> Iterator[Path]:
    """The records, filled: a file to be moved, or a transaction in PostgreSQL that ends with the block."""
    here = config.records.url.startswith("sqlite:")
    records = open_records("sqlite:restored.sqlite" if here else config.records.url, folder, manifest.records.revision)
    try:
        with records.transaction() as connection:
            tables.load(connection, folder / "records", manifest.records)
            if not here:
                yield folder
        if here:
            records.close()  # what its log holds goes into the file
            yield folder / "restored.sqlite"
    finally:
        records.close()
