"""``/api/v1/waterquality``: the class table, samples, files of them, and probes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import village as find_village
from starlette.concurrency import run_in_threadpool

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import ServicesDep, VillageDep
from kampung_cloud.api.text_body import text_body
from kampung_cloud.api.times import instant
from kampung_cloud.health import now_ms
from kampung_cloud.modules.waterquality.parameters import CLASSES, parameters
from kampung_cloud.modules.waterquality.probe import WORDS
from kampung_cloud.modules.waterquality.probes import probes
from kampung_cloud.modules.waterquality.sample import Measured, sample
from kampung_cloud.modules.waterquality.samples import Samples
from kampung_cloud.modules.waterquality.samples_file import Read, read
from kampung_cloud.modules.waterquality.schemas import (
    ParameterOut,
    PreviewOut,
    SampleIn,
    SampleOut,
    SensorIndexOut,
    TakenOut,
    WithdrawIn,
)
from kampung_cloud.modules.waterquality.showing import shown
from kampung_cloud.modules.waterquality.sites import site_of

router = APIRouter(prefix="/waterquality", tags=["water quality"])

MOST_BYTES = 4 * 1024 * 1024
CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    409: {"model": Error, "description": "Another sample of the place and time is here, or it was withdrawn before"},
}
Staff = Annotated[Actor, Depends(needs("petugas", "officer", "operator"))]
TEXT = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/parameters", response_model=list[ParameterOut])
def table(response: Response) -> list[dict[str, Any]]:
    """The class table of PP 22/2021 with how sure each number is."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    names = ("key", "title", "unit", "decimals", "sense", "source")
    return [
        {name: getattr(each, name) for name in names} | {"limits": [each.limit(w) for w in CLASSES], "marks": list(each.marks)}
        for each in parameters().values()
    ]


@router.get("/samples", response_model=list[SampleOut])
def samples(
    services: ServicesDep, village: VillageDep, start: str | None = None, stop: str | None = None, withdrawn: bool = False
) -> list[dict[str, Any]]:
    """Samples taken from ``start`` to before ``stop`` (ms or ISO 8601), newest first, at most 1,000, each with its index and every term."""
    begin = 0 if start is None else instant("start", start)
    end = None if stop is None else instant("stop", stop)
    codes = None if village is None else [village]
    return [shown(kept.sample, kept) for kept in Samples(services.records).listed(codes, begin, end, all_=withdrawn)]


@router.post("/samples", response_model=SampleOut, status_code=201, responses=CLOSED)
def enter(services: ServicesDep, actor: Staff, given: SampleIn) -> dict[str, Any]:
    """Enter a laboratory's report of one sample."""
    now = now_ms()
    find_village(given.village)
    actor.require(given.village)
    measured = [Measured(each.parameter, each.value, each.unit, each.below) for each in given.values]
    taken = instant("taken", given.taken)
    made = sample(given.village, given.place, given.water, taken, given.laboratory, measured, now, given.natural_temperature)
    ids, _ = Samples(services.records).keep([made], actor.name, now)
    return shown(made) | {"id": ids[0] if ids else None, "by": actor.name}


@router.post("/samples/preview", response_model=PreviewOut, openapi_extra=TEXT)
async def preview(request: Request) -> dict[str, Any]:
    """What a CSV file (village,place,taken,class,parameter,value,unit,laboratory) as the body would bring, and each line that is wrong."""
    found = read(await text_body(request, MOST_BYTES), now_ms())
    faults = [{"line": fault.line, "message": fault.message} for fault in found.faults]
    return {"lines": found.lines, "samples": [shown(each) for each in found.samples], "faults": faults}


@router.post("/samples/file", response_model=TakenOut, responses=CLOSED, openapi_extra=TEXT)
async def take_in(services: ServicesDep, actor: Staff, request: Request) -> dict[str, int]:
    """Take such a file in: all of it, or nothing and what is wrong."""
    now = now_ms()
    found = read(await text_body(request, MOST_BYTES), now)
    _without_faults(found)
    for each in found.samples:
        actor.require(each.village)
    new, same = await run_in_threadpool(Samples(services.records).keep, found.samples, actor.name, now)
    return {"new": len(new), "same": same}


@router.post("/samples/{number}/withdraw", status_code=204, responses=CLOSED)
def withdraw(services: ServicesDep, actor: Staff, number: Annotated[int, Path(ge=1, le=2**31 - 1)], given: WithdrawIn) -> None:
    """Take a sample back; it stays on record with who and why."""
    samples = Samples(services.records)
    actor.require(samples.get(number).sample.village)
    samples.withdraw(number, actor.name, given.why, now_ms())


@router.get("/sensors", response_model=list[SensorIndexOut])
def sensors(services: ServicesDep, village: VillageDep, at: str | None = None) -> list[dict[str, Any]]:
    """The *indeks sensor* of each probe by the medians of the last 24 hours."""
    then = now_ms() if at is None else instant("at", at)
    out = []
    for device in probes(services, then, None if village is None else {village}):
        found, site = device.index, site_of(device.title)
        out.append(
            {
                "village": device.village, "node": device.node, "device": device.device, "title": device.title,
                "index": round(found.value, 3), "status": found.status, "word": WORDS[found.status], "worst": found.worst,
                "medians": device.medians, "n": device.n, "age": then - device.newest, "note": site.note if site else None,
            }
        )  # fmt: skip
    return out


def _without_faults(found: Read) -> None:
    if found.faults:
        first = "; ".join(f"line {fault.line}: {fault.message}" for fault in found.faults[:3])
        raise InvalidRequest(f"{len(found.faults)} lines do not fit, nothing was taken in: {first}")
