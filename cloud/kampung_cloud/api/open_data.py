"""Open data: the catalogue and its files, for everybody and without a token.

Readings are below this one path, so that a server before the cloud can open it alone; the tables of services that the catalogue names
(``opendata/tables.py``) have paths of their own.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, StreamingResponse

from kampung_cloud.api.readings import CSV, PARQUET, file_of, named, sent
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.api.times import Period, PeriodDep
from kampung_cloud.health import now_ms
from kampung_cloud.local_day import day_of
from kampung_cloud.opendata import dcat, public
from kampung_cloud.opendata.openness import openness
from kampung_cloud.readings.csv_file import csv_file, dialect
from kampung_cloud.readings.parquet_file import parquet_file
from kampung_cloud.readings.subject import bounded

router = APIRouter(prefix="/open-data", tags=["open data"])

Name = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,62}$")]


@router.get("", response_class=JSONResponse, responses={200: {"content": {dcat.MEDIA_TYPE: {}}}})
def catalogue(services: ServicesDep, request: Request) -> JSONResponse:
    """What is public, as DCAT (JSON-LD): licence, publisher, times, and where the files are."""
    config = services.config.open_data
    found = public.datasets(openness(config, services.records), services.store, _nodes(services))
    base = (config.url or str(request.base_url)).rstrip("/") + request.scope["path"].rstrip("/")
    told = dcat.catalogue(config, found, base, day_of(now_ms()).year)
    return JSONResponse(told, media_type=dcat.MEDIA_TYPE, headers={"Access-Control-Allow-Origin": "*"})


class Wanted(NamedTuple):
    """A dataset and a time, as a request names them."""

    village: str
    quantity: str
    time: Period


async def wanted(village: str, quantity: Name, time: PeriodDep) -> Wanted:
    return Wanted(village, quantity, time)


WantedDep = Annotated[Wanted, Depends(wanted)]


@router.get("/{village}/{quantity}.csv", response_class=StreamingResponse, responses=file_of(CSV))
def as_csv(services: ServicesDep, wanted: WantedDep, separator: str = "comma", decimal: str = "point") -> StreamingResponse:
    """Public readings of one quantity of one village as CSV, by default the last 24 hours."""
    form = dialect(separator, decimal)
    dataset, rows = _found(services, wanted)
    body = csv_file(services.store, dataset.subjects, *wanted.time, form, notes=_notes(services))
    return _open(sent(body, _named(dataset, *wanted.time, "csv"), f"{CSV}; charset=utf-8", rows))


@router.get("/{village}/{quantity}.parquet", response_class=StreamingResponse, responses=file_of(PARQUET))
def as_parquet(services: ServicesDep, wanted: WantedDep) -> StreamingResponse:
    """Public readings of one quantity of one village as Parquet, by default the last 24 hours."""
    dataset, rows = _found(services, wanted)
    body = parquet_file(services.store, dataset.subjects, *wanted.time, notes=_notes(services))
    return _open(sent(body, _named(dataset, *wanted.time, "parquet"), PARQUET, rows))


def _found(services: Services, wanted: Wanted) -> tuple[public.Dataset, int]:
    """The dataset, and how many readings a file of it holds."""
    opened = openness(services.config.open_data, services.records, wanted.village)
    dataset = public.find(opened, services.store, _nodes(services), wanted.village, wanted.quantity)
    return dataset, bounded(services.store, [s.id for s in dataset.subjects], *wanted.time)


def _named(dataset: public.Dataset, start: int, stop: int, ending: str) -> str:
    return named(f"{dataset.village}-{dataset.quantity}", start, min(stop, dataset.last + 1), ending)


def _nodes(services: Services) -> Any:
    return {n.node: n for n in services.nodes.all()}


def _notes(services: Services) -> list[str]:
    config = services.config.open_data
    return [f"Penerbit: {config.publisher}", f"Lisensi: {config.licence}"]


def _open(answer: StreamingResponse) -> StreamingResponse:
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
