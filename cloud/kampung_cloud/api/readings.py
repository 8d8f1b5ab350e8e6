"""Readings as files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from kampung_contract.times import text

from kampung_cloud.api.services import KnownDep, Services, ServicesDep, VillageDep
from kampung_cloud.api.times import Period, PeriodDep
from kampung_cloud.readings.csv_file import csv_file, dialect
from kampung_cloud.readings.parquet_file import parquet_file
from kampung_cloud.readings.subject import Subject, bounded, chosen, subject
from kampung_cloud.telemetry.store import Selector

router = APIRouter(tags=["series"])

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
NO_LIMIT = 2**62
SeriesList = Annotated[list[str], Query()]


def file_of(kind: str) -> dict[int | str, dict[str, Any]]:
    """For the API's description: a file of this media type."""
    return {
        200: {"content": {kind: {}}, "headers": {"Readings": {"description": "How many readings it holds", "schema": {"type": "integer"}}}}
    }


class Wanted(NamedTuple):
    """Series by id or by selector, and a time, as a request names them; ``whole`` lifts the limits."""

    ids: list[str]
    selector: Selector
    time: Period
    whole: bool


async def wanted(  # noqa: PLR0917 - parameters of the query
    known: KnownDep,
    village: VillageDep,
    time: PeriodDep,
    series: SeriesList = [],  # noqa: B006 - FastAPI copies it
    node: str | None = None,
    quantity: str | None = None,
) -> Wanted:
    return Wanted(series, Selector(village, node, quantity), time, known)


WantedDep = Annotated[Wanted, Depends(wanted)]


@router.get("/readings.csv", response_class=StreamingResponse, responses=file_of(CSV))
def as_csv(services: ServicesDep, wanted: WantedDep, separator: str = "comma", decimal: str = "point") -> StreamingResponse:
    """Single readings of one or several series (the last 24 hours): a line each, with unit, flag and time in WIB.

    For a spreadsheet set to Indonesian: ``separator=semicolon&decimal=comma``.
    """
    form = dialect(separator, decimal)
    subjects, rows = _found(services, wanted)
    body = csv_file(services.store, subjects, *wanted.time, form)
    return sent(body, named(_title(subjects), *wanted.time, "csv"), f"{CSV}; charset=utf-8", rows)


@router.get("/readings.parquet", response_class=StreamingResponse, responses=file_of(PARQUET))
def as_parquet(services: ServicesDep, wanted: WantedDep) -> StreamingResponse:
    """Single readings of one or several series (the last 24 hours) with their types; what they are is in the file's metadata."""
    subjects, rows = _found(services, wanted)
    body = parquet_file(services.store, subjects, *wanted.time)
    return sent(body, named(_title(subjects), *wanted.time, "parquet"), PARQUET, rows)


def _found(services: Services, wanted: Wanted) -> tuple[list[Subject], int]:
    """Series, and how many readings a file of them holds."""
    ids, selector, time, whole = wanted
    every = selector == Selector()
    if whole:
        keys = chosen(services.store, ids, None if ids and every else selector, most=NO_LIMIT)
        rows = bounded(services.store, [key.id for key in keys], *time, NO_LIMIT)
    else:
        keys = chosen(services.store, ids, None if every else selector)
        rows = bounded(services.store, [key.id for key in keys], *time)
    nodes = {n.node: n for n in services.nodes.all()}
    return [subject(key, nodes.get(key.node)) for key in keys], rows


def _title(subjects: Sequence[Subject]) -> str:
    return subjects[0].name if len(subjects) == 1 else "smart-kampung"


def named(what: str, start: int, stop: int, ending: str) -> str:
    """``kiosk-1.soil-1.soil_moisture_2026-11-21_2026-11-22.csv``."""
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', what)}_{text(start)[:10]}_{text(stop - 1)[:10]}.{ending}"


def sent(body: Iterator[bytes], name: str, kind: str, rows: int) -> StreamingResponse:
    """A file that is made while it is sent; when the store fails on the way, the connection breaks off and the download with it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Readings": str(rows)}
    if not kind.startswith("text/"):
        headers["Content-Encoding"] = "identity"  # it is compressed already
    return StreamingResponse(body, media_type=kind, headers=headers)
