"""The farm book and the market."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from kampung_contract.errors import InvalidRequest, TooMuch
from pydantic import BaseModel, Field

from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep, authorised
from kampung_cloud.health import now_ms
from kampung_cloud.modules.farming.book import Book, csv_of, totals
from kampung_cloud.modules.farming.models import FarmBookRow
from kampung_cloud.modules.farming.prices import DISTRICT, Prices, parsed, read_file
from kampung_cloud.modules.farming.register import Register
from kampung_cloud.modules.farming.schemas import Given, Who
from kampung_cloud.modules.farming.stations import day_of

router = APIRouter(tags=["farming"])
CLOSED: dict[int | str, dict[str, Any]] = {401: {"model": Error, "description": "The token is missing or wrong"}}
Rupiah = Annotated[int, Field(ge=0, le=100_000_000_000)]
Season = Annotated[str | None, Query(max_length=10)]
MOST_BYTES = 4 * 1024 * 1024
TEXT = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class LineIn(Given):
    """A line of the book: ``cost`` and ``income`` in rupiah; a harvest with amount in kg, kuintal or ton."""

    kind: Literal["activity", "input", "harvest", "sale"]
    what: Annotated[str, Field(min_length=1, max_length=120)]
    amount: Annotated[float, Field(ge=0, le=1e9)] | None = None
    unit: Annotated[str, Field(max_length=20)] = ""
    cost: Rupiah = 0
    income: Rupiah = 0
    day: date | None = None
    by: Who


class BookOut(BaseModel):
    """Lines of a field, and their sums; ``neighbours`` are quartiles of others' last seasons of the crop, a hectare, without names."""

    field: str
    season: str | None
    lines: list[dict[str, Any]]
    cost: int
    income: int
    profit: int
    harvest_t: float
    per_hectare: dict[str, float]
    neighbours: dict[str, Any]


class PriceIn(Given):
    """A price; ``place`` is a village's code, or 35.10 for the district's market."""

    commodity: Annotated[str, Field(min_length=1, max_length=63)]
    rupiah: Annotated[int, Field(gt=0)]
    unit: Annotated[str, Field(min_length=1, max_length=20)] = "kg"
    place: str = DISTRICT
    day: date | None = None
    by: Who


class TrendOut(BaseModel):
    """Prices by day, and the change in % against the newest price a week and a month old."""

    commodity: str
    place: str
    unit: str | None
    day: list[str]
    rupiah: list[int]
    change_week: float | None
    change_month: float | None


@router.post("/fields/{field}/book", status_code=201, dependencies=[Depends(authorised)], responses=CLOSED)
def write(services: ServicesDep, field: str, line: LineIn) -> dict[str, Any]:
    """Add a line to a field's book; nothing is ever changed, a mistake is answered by another line."""
    now = now_ms()
    row = Register(services.records).get(field)
    return _line(Book(services.records).write(row, line.model_dump(), now, day_of(now)))


@router.get("/fields/{field}/book", response_model=BookOut, dependencies=[Depends(authorised)], responses=CLOSED)
def read(services: ServicesDep, field: str, season: Season = None) -> dict[str, Any]:
    """The book of a field, of one season (its planting day) or of all."""
    row, book = Register(services.records).get(field), Book(services.records)
    lines = book.lines(row.id, season)
    sums = totals(lines)
    return {
        "field": row.id, "season": season, "lines": [_line(each) for each in lines], "cost": sums.cost, "income": sums.income,
        "profit": sums.profit, "harvest_t": round(sums.harvest, 3),
        "per_hectare": {k: round(v, 2) for k, v in sums.per_hectare(row.area).items()},
        "neighbours": book.neighbours(row, day_of(now_ms())),
    }  # fmt: skip


@router.get("/fields/{field}/book.csv", dependencies=[Depends(authorised)], responses=CLOSED)
def export(services: ServicesDep, field: str, season: Season = None) -> Response:
    """The same for a spreadsheet."""
    row = Register(services.records).get(field)
    name = f'attachment; filename="buku-{row.id}.csv"'
    return Response(
        csv_of(Book(services.records).lines(row.id, season)), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@router.post("/prices", dependencies=[Depends(authorised)], responses=CLOSED)
def price(services: ServicesDep, given: PriceIn) -> dict[str, int]:
    """Enter a price; one of the same day and place is replaced."""
    now = now_ms()
    found = parsed(given.commodity, given.place, given.day or day_of(now), given.rupiah, given.unit, today=day_of(now))
    return {"kept": Prices(services.records).keep([found], by=given.by, now=now)}


@router.post("/prices/file", dependencies=[Depends(authorised)], responses=CLOSED, openapi_extra=TEXT)
async def prices_file(services: ServicesDep, request: Request, by: Annotated[str, Query(min_length=1, max_length=80)]) -> dict[str, int]:
    """Take in a CSV file (commodity,place,day,rupiah,unit) as the body: all of it, or nothing and the line that is wrong."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooMuch(f"more than {MOST_BYTES // 1024**2} MB; cut the file into parts")
    now = now_ms()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the file is not UTF-8 text: {error}") from None
    return {"kept": Prices(services.records).keep(read_file(text, day_of(now)), by=by, now=now)}


@router.get("/prices", response_model=TrendOut)
def trend(services: ServicesDep, commodity: str, place: str = DISTRICT, days: Annotated[int, Query(ge=1, le=1500)] = 90) -> dict[str, Any]:
    """Where a price goes."""
    return Prices(services.records).trend(commodity, place, day_of(now_ms()), days)


@router.get("/prices/commodities")
def commodities(services: ServicesDep, place: str = DISTRICT) -> list[str]:
    """What has a price at a place."""
    return Prices(services.records).listed(place)


def _line(row: FarmBookRow) -> dict[str, Any]:
    names = ("id", "season", "day", "kind", "what", "amount", "unit", "cost", "income", "by")
    return {name: getattr(row, name) for name in names}
