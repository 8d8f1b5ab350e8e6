"""The command ``kampung-cloud report``: the monthly report of the running cloud, as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from kampung_contract.errors import ConfigurationError, InvalidRequest

from kampung_cloud.refusing import refusing
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.section import Scope
from kampung_cloud.running import PIECE, ConfigOption, PortOption, RunningCloud


def report(  # noqa: PLR0917 - options of a command
    month: Annotated[str, typer.Argument(help="Year and month, as 2026-11.")],
    village: Annotated[str | None, typer.Option("--village", help="Code of a village, as 35.10.24.2008.")] = None,
    kecamatan: Annotated[str | None, typer.Option("--kecamatan", help="Code of a kecamatan, as 35.10.24.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; laporan-PLACE-MONTH.pdf without it.")] = None,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """The monthly report of a village, a kecamatan, or the regency, as a PDF."""
    with refusing():
        if village and kecamatan:
            raise InvalidRequest("--village and --kecamatan: give one of them, or neither for the whole regency")
        scope, wanted = Scope.of(village or kecamatan), Month.parse(month)
        file = out or Path(f"laporan-{scope.code}-{wanted.key}.pdf")
        try:
            with (
                RunningCloud(config, port).asked("GET", "regency/report.pdf", month=wanted.key, place=scope.code) as answer,
                file.open("wb") as to,
            ):
                while piece := answer.read(PIECE):
                    to.write(piece)
        except OSError as error:
            raise ConfigurationError(f"{file}: {error.strerror}; name another file with --out") from None
    typer.echo(f"{file}: {scope.title}, {wanted.title}")
