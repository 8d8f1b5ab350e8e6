"""The regency's map: its layers, and each at any time; and its monthly report."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from kampung_contract.errors import InvalidRequest
from kampung_contract.times import text
from kampung_contract.villages import villages as all_villages

from kampung_cloud.api.many import many
from kampung_cloud.api.schemas_regency import LayerOut, LayerValuesOut, ReportOut
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.api.times import instant
from kampung_cloud.health import now_ms
from kampung_cloud.regency import catalogue
from kampung_cloud.regency.kecamatan import sums
from kampung_cloud.regency.layer import Layer, Value
from kampung_cloud.regency.month import Month
from kampung_cloud.regency.report.compose import Report, compose
from kampung_cloud.regency.report.pdf import pdf
from kampung_cloud.regency.section import Scope

router = APIRouter(tags=["regency"])

SETTING = threading.Lock()
"""One report is set at a time: it takes a core."""
AHEAD_MS = 60_000
"""Clocks of browsers may be ahead by so much."""


@router.get("/regency/layers", response_model=list[LayerOut])
def layers(response: Response) -> list[dict[str, Any]]:
    """What the map can show."""
    response.headers["Cache-Control"] = "public, max-age=300"
    names = LayerOut.model_fields.keys() - {"legend"}
    return [{name: getattr(each, name) for name in names} | {"legend": [asdict(c) for c in each.legend]} for each in catalogue.layers()]


@router.get("/regency/layers/{key}", response_model=LayerValuesOut)
def layer(services: ServicesDep, key: str, at: str | None = None) -> Response:
    """A layer at ``at`` (ms UTC or ISO 8601; now when it is not said)."""
    found, now = catalogue.layer(key), now_ms()
    then = now if at is None else instant("at", at)
    if then > now + AHEAD_MS:
        raise InvalidRequest(f"at = {text(then)} lies in the future; it is {text(now)}")
    villages = tuple(all_villages())
    values = found.values(services, then, villages)
    return many(
        {
            "key": key,
            "at": then,
            "villages": {code: _shown(found, value) for code, value in sorted(values.items())},
            "kecamatan": {
                each.code: {"name": each.name, "known": each.known, "of": each.of} | _shown(found, each.value)
                for each in sums(found, villages, values)
            },
        }
    )


@router.get("/regency/report", response_model=ReportOut)
def report(services: ServicesDep, month: str | None = None, place: str | None = None) -> dict[str, Any]:
    """What the monthly report of a village (35.10.24.2008), a kecamatan (35.10.24) or the regency (none) would hold."""
    found = _report(services, month, place)
    parts = [{"key": s.key, "title": s.title, "n": p.n, "paragraphs": list(p.paragraphs)} for s, p in found.parts]
    names = {"place": found.scope.title, "code": found.scope.code, "month": found.month.key, "title": found.month.title, "file": found.file}
    return names | {"parts": parts, "silent": list(found.silent), "under_way": found.made < found.month.stop}


@router.get("/regency/report.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def report_pdf(services: ServicesDep, month: str | None = None, place: str | None = None) -> Response:
    """The report, to be printed: charts, tables, n, period and sources."""
    with SETTING:
        found = _report(services, month, place)
        return Response(pdf(found), media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{found.file}"'})


def _report(services: Services, month: str | None, place: str | None) -> Report:
    now = now_ms()
    wanted = Month.of(now) if month is None else Month.parse(month)
    return compose(services, catalogue.sections(), Scope.of(place), wanted, now)


def _shown(layer: Layer, value: Value | None) -> dict[str, Any]:
    if value is None:
        return {"value": None, "class": None, "n": 0, "age": None, "old": False}
    layer.rank(value.kind)  # a class that the legend does not have must not reach a map that could not show it
    return {"value": value.value, "class": value.kind, "n": value.n, "age": value.age, "old": (value.age or 0) > layer.stale}
