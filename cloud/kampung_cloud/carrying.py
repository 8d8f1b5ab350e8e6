"""The commands ``kampung-cloud export`` and ``kampung-cloud import``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from kampung_contract.errors import ConfigurationError, KampungError

from kampung_cloud.keeping import written
from kampung_cloud.progress import shown
from kampung_cloud.refusing import refusing
from kampung_cloud.running import PIECE, ConfigOption, PortOption, RunningCloud

ENDINGS = (".csv", ".parquet")


def export(
    *,
    file: Annotated[Path, typer.Argument(help="NAME.csv or NAME.parquet.")],
    series: Annotated[list[str] | None, typer.Option("--series", help="As often as needed; everything without a choice.")] = None,
    village: Annotated[str | None, typer.Option("--village", help="Such as 35.10.24.2008.")] = None,
    node: Annotated[str | None, typer.Option("--node", help="A kiosk.")] = None,
    quantity: Annotated[str | None, typer.Option("--quantity", help="Such as water_level.")] = None,
    start: Annotated[str, typer.Option("--from", help="ISO 8601, WIB without a zone.")] = "2020-01-01T00:00:00",
    stop: Annotated[str | None, typer.Option("--until", help="ISO 8601; now.")] = None,
    spreadsheet: Annotated[
        bool, typer.Option("--spreadsheet", help="CSV with semicolons and decimal commas, as Indonesian ones want it.")
    ] = False,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Readings of the running cloud as CSV or Parquet, without the limit that the page has."""
    with refusing():
        if file.suffix not in ENDINGS:
            raise ConfigurationError(f"{file}: name it NAME.csv or NAME.parquet; the ending says which it becomes")
        query: dict[str, Any] = {"start": start, "series": series or []}
        query |= {k: v for k, v in {"village": village, "node": node, "quantity": quantity, "stop": stop}.items() if v is not None}
        if spreadsheet:
            query |= {"separator": "semicolon", "decimal": "comma"}
        cloud = RunningCloud(config, port)
        with written(file) as half, cloud.asked("GET", f"readings{file.suffix}", **query) as answer, half.open("wb") as out:
            with shown("export", None) as done:
                while piece := answer.read(PIECE):
                    out.write(piece)
                    done(len(piece))
            rows = int(answer.headers["Readings"])
        typer.echo(f"{file}: {rows:,} readings, {file.stat().st_size:,} bytes")


def import_(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet with the columns time, series, value; village and unit for new series.")],
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Readings from a file into the running cloud: all, or none and what is wrong with which line."""
    with refusing():
        cloud = RunningCloud(config, port)
        if not file.is_file():
            raise ConfigurationError(f"{file}: {'not a file' if file.exists() else 'no such file'}; name a CSV or Parquet file")
        try:
            with (
                shown("import", file.stat().st_size) as done,
                cloud.asked("POST", "readings", _pieces(file, done), "application/octet-stream") as answer,
            ):
                told = answer.json()
        except ConfigurationError:
            raise
        except KampungError as error:
            raise KampungError("\n".join(f"{file}: {line}" for line in error.message.splitlines())) from None
        typer.echo(f"{file}: {told['new']:,} new readings, {told['duplicate']:,} that were here already")
        if told["estimated"]:
            typer.echo(f"  {told['estimated']:,} left out: marked as estimated, nobody knows their time")


def _pieces(file: Path, done: Any) -> Iterator[bytes]:
    try:
        with file.open("rb") as content:
            while piece := content.read(PIECE):
                yield piece
                done(len(piece))
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from None
