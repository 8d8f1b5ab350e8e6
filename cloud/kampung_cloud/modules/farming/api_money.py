"""The farm book and the market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from kampung_contract.villages import village as find_village
from pydantic import BaseModel, Field

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.api.text_body import text_body
from kampung_cloud.health import now_ms
from kampung_cloud.modules.farming import api_farmer, speaking
from kampung_cloud.modules.farming.book import LEAST_NEIGHBOURS, Book, Totals, csv_of, season_of, standing, totals
from kampung_cloud.modules.farming.models import FarmBookRow
from kampung_cloud.modules.farming.price_file import Reviewed, read_file, review
from kampung_cloud.modules.farming.prices import DISTRICT, Prices, parsed
from kampung_cloud.modules.farming.register import Register
from kampung_cloud.modules.farming.schemas import Given, Text
from kampung_cloud.modules.farming.schemas_farmer import Id
from kampung_cloud.modules.farming.stations import day_of

StaffDep = Annotated[Actor, Depends(needs("petugas", "kades", "officer", "operator"))]
router = APIRouter(tags=["farming"])
CLOSED: dict[int | str, dict[str, Any]] = {401: {"model": Error, "description": "The token is missing or wrong"}}
Rupiah = Annotated[int, Field(ge=0, le=100_000_000_000)]
Season = Annotated[str | None, Query(max_length=10)]
MOST_BYTES = 4 * 1024 * 1024
TEXT = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class LineIn(Given):
    """A line of the book: ``cost`` and ``income`` in rupiah; a harvest with amount in kg, kuintal or ton; a stroke through a line.

    ``by`` may be left out where the field's key says who it is.
    """

    id: Id | None = None
    kind: Literal["activity", "input", "harvest", "sale", "strike"]
    what: Annotated[str, Field(min_length=1, max_length=120)]
    amount: Annotated[float, Field(ge=0, le=1e9)] | None = None
    unit: Annotated[str, Field(max_length=20)] = ""
    cost: Rupiah = 0
    income: Rupiah = 0
    day: date | None = None
    strikes: int | None = None
    by: Text = ""


class SeasonOut(BaseModel):
    """A season's sums in rupiah and t, and of a hectare; ``season`` is its planting day, or the year."""

    season: str
    first: str
    last: str
    cost: int
    income: int
    profit: int
    harvest_t: float
    per_hectare: dict[str, float]


class BookOut(BaseModel):
    """Lines of a field and their sums, by season too, the newest first; ``current`` is the season of today.

    ``neighbours`` are quartiles of others' last seasons of the crop, a hectare, without names, from ``least`` of them on.
    """

    field: str
    current: str
    area: float
    seasons: list[SeasonOut]
    season: str | None
    lines: list[dict[str, Any]]
    cost: int
    income: int
    profit: int
    harvest_t: float
    per_hectare: dict[str, float]
    neighbours: dict[str, Any]


class ReviewOut(BaseModel):
    """A file's lines with what would be kept, or what is wrong with each; ``place`` names the place in words."""

    good: int
    wrong: int
    lines: list[dict[str, Any]]


class PriceIn(Given):
    """A price; ``place`` is a village's code, or 35.10 for the district's market."""

    commodity: Annotated[str, Field(min_length=1, max_length=63)]
    rupiah: Annotated[int, Field(gt=0)]
    unit: Annotated[str, Field(min_length=1, max_length=20)] = "kg"
    place: str = DISTRICT
    day: date | None = None
    by: Text = ""


class TrendOut(BaseModel):
    """Prices by day, and the change in % against the newest price a week and a month old."""

    commodity: str
    place: str
    unit: str | None
    day: list[str]
    rupiah: list[int]
    change_week: float | None
    change_month: float | None


@router.post("/fields/{field}/book", status_code=201, responses=api_farmer.CLOSED)
def write(services: ServicesDep, request: Request, field: str, line: LineIn) -> dict[str, Any]:
    """Add a line to a field's book, by staff or with the field's key; nothing is ever changed, a mistake is struck out by another line.

    With an ``id`` it counts once, however often it is sent.
    """
    said = speaking.often(services, request, field)
    now = now_ms()
    row = Register(services.records).get(field)
    return _line(Book(services.records).write(row, {**line.model_dump(), "by": line.by.strip() or said.by}, now, day_of(now)))


@router.get("/fields/{field}/book", response_model=BookOut, responses=api_farmer.CLOSED)
def read(services: ServicesDep, request: Request, field: str, season: Season = None) -> dict[str, Any]:
    """The book of a field, of one season (its planting day) or of all."""
    speaking.speaker(services, request, field)
    row, book, today = Register(services.records).get(field), Book(services.records), day_of(now_ms())
    lines = book.lines(row.id, season)
    sums = totals(lines)
    return {
        "field": row.id, "season": season, "current": season_of(row, today), "area": row.area, "lines": [_line(each) for each in lines],
        "seasons": _seasons(row.area, lines), **_sums(row.area, sums),
        "neighbours": {**book.neighbours(row, today), "least": LEAST_NEIGHBOURS},
    }  # fmt: skip


@router.get("/fields/{field}/book.csv", responses=api_farmer.CLOSED)
def export(
    services: ServicesDep, request: Request, field: str, season: Season = None, separator: Literal["comma", "semicolon"] = "comma"
) -> Response:
    """The same for a spreadsheet, without what was struck out; with ``semicolon`` as an Indonesian spreadsheet opens it."""
    speaking.speaker(services, request, field)
    row = Register(services.records).get(field)
    name = f'attachment; filename="buku-{row.id}.csv"'
    body = csv_of(Book(services.records).lines(row.id, season), indonesian=separator == "semicolon")
    return Response(body, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@router.post("/prices", responses=CLOSED)
def price(services: ServicesDep, actor: StaffDep, given: PriceIn) -> dict[str, int]:
    """Enter a price; one of the same day and place is replaced. A village's by its staff, the district's by the regency's."""
    now = now_ms()
    found = parsed(given.commodity, given.place, given.day or day_of(now), given.rupiah, given.unit, today=day_of(now))
    actor.require(_concerned(found.place))
    return {"kept": Prices(services.records).keep([found], by=given.by.strip() or actor.name, now=now)}


@router.post("/prices/file", responses=CLOSED, openapi_extra=TEXT)
async def prices_file(
    services: ServicesDep, actor: StaffDep, request: Request, by: Annotated[str, Query(max_length=80)] = ""
) -> dict[str, int]:
    """Take in a CSV file (commodity,place,day,rupiah,unit) as the body: all of it, or nothing and the line that is wrong."""
    now, text = now_ms(), await text_body(request, MOST_BYTES)
    found = read_file(text, day_of(now))
    for place in {each.place for each in found}:
        actor.require(_concerned(place))
    return {"kept": Prices(services.records).keep(found, by=by.strip() or actor.name, now=now)}


@router.post("/prices/review", response_model=ReviewOut, responses=CLOSED, openapi_extra=TEXT)
async def prices_review(services: ServicesDep, actor: StaffDep, request: Request) -> dict[str, Any]:
    """Look through such a file: every line with what would be kept, or what is wrong with it. Nothing is kept."""
    found = [_reviewed(each, actor) for each in review(services.records, await text_body(request, MOST_BYTES), day_of(now_ms()))]
    wrong = sum(bool(each["wrong"]) for each in found)
    return {"good": len(found) - wrong, "wrong": wrong, "lines": found}


@router.get("/prices/board", response_model=list[TrendOut])
def board(services: ServicesDep, village: VillageDep = None, days: Annotated[int, Query(ge=1, le=400)] = 90) -> list[dict[str, Any]]:
    """Every commodity of a village and of the district's market, with where its price goes."""
    return Prices(services.records).board(village, day_of(now_ms()), days)


@router.get("/prices", response_model=TrendOut)
def trend(services: ServicesDep, commodity: str, place: str = DISTRICT, days: Annotated[int, Query(ge=1, le=1500)] = 90) -> dict[str, Any]:
    """Where a price goes."""
    return Prices(services.records).trend(commodity, place, day_of(now_ms()), days)


@router.get("/prices/commodities")
def commodities(services: ServicesDep, place: str = DISTRICT) -> list[str]:
    """What has a price at a place."""
    return Prices(services.records).listed(place)


def _line(row: FarmBookRow) -> dict[str, Any]:
    names = ("id", "season", "day", "kind", "what", "amount", "unit", "cost", "income", "by", "said", "strikes")
    return {name: getattr(row, name) for name in names}


def _sums(area: float, sums: Totals) -> dict[str, Any]:
    each = {k: round(v, 2) for k, v in sums.per_hectare(area).items()}
    return {"cost": sums.cost, "income": sums.income, "profit": sums.profit, "harvest_t": round(sums.harvest, 3), "per_hectare": each}


def _seasons(area: float, lines: Sequence[FarmBookRow]) -> list[dict[str, Any]]:
    by_season: dict[str, list[FarmBookRow]] = defaultdict(list)
    for line in standing(lines):
        by_season[line.season].append(line)
    return [
        {"season": season, "first": some[0].day, "last": some[-1].day, **_sums(area, totals(some))}
        for season, some in sorted(by_season.items(), reverse=True)
    ]


def _concerned(place: str) -> str | None:
    """The village whose staff may say it; None for the whole regency."""
    return None if place == DISTRICT else find_village(place).code


def _reviewed(each: Reviewed, actor: Actor) -> dict[str, Any]:
    """A line as the desk shows it; a place that is not his is wrong too."""
    price, wrong, why, values = each.price, each.wrong, each.why, dict(each.values)
    if price is not None and not actor.covers(_concerned(price.place)):
        wrong, why = f"place = {price.place}: {actor.name} works for {actor.village}", "not_yours"
        values = {"value": price.place, "own": actor.village or ""}
    shown: dict[str, Any] = {"line": each.line, "cells": list(each.cells), "wrong": wrong, "why": why, "values": values}
    shown |= {"commodity": "", "place": "", "name": "", "day": "", "rupiah": 0, "unit": ""}
    if price is None:
        return shown
    name = "" if price.place == DISTRICT else find_village(price.place).name
    return shown | {
        "commodity": price.commodity, "place": price.place, "name": name, "day": price.day.isoformat(), "rupiah": price.rupiah,
        "unit": price.unit,
    }  # fmt: skip
