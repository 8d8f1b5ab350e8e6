"""The regency's map: its layers, and each at any time."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from kampung_contract.errors import InvalidRequest
from kampung_contract.times import text
from kampung_contract.villages import villages as all_villages

from kampung_cloud.api.many import many
from kampung_cloud.api.schemas_regency import LayerOut, LayerValuesOut
from kampung_cloud.api.services import ServicesDep
from kampung_cloud.api.times import instant
from kampung_cloud.health import now_ms
from kampung_cloud.regency import catalogue
from kampung_cloud.regency.kecamatan import sums
from kampung_cloud.regency.layer import Layer, Value

router = APIRouter(tags=["regency"])

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


def _shown(layer: Layer, value: Value | None) -> dict[str, Any]:
    if value is None:
        return {"value": None, "class": None, "n": 0, "age": None, "old": False}
    layer.rank(value.kind)  # a class that the legend does not have must not reach a map that could not show it
    return {"value": value.value, "class": value.kind, "n": value.n, "age": value.age, "old": (value.age or 0) > layer.stale}
