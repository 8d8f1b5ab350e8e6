"""The calculators, and the modules that bring them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from kampung_contract.errors import TooMuch
from pydantic import BaseModel, ConfigDict

from kampung_cloud.calculator import MOST_BYTES, find
from kampung_cloud.modules import MODULES, calculators

router = APIRouter(tags=["calculators"])


class CalculatorOut(BaseModel):
    """A calculator; ``inputs`` is the JSON Schema of the object that it takes, each field with its unit."""

    name: str
    title: str
    inputs: dict[str, Any]


class ResultOut(BaseModel):
    """``value`` in ``unit``, by ``method`` from ``source``; the terms that led there stand beside them."""

    value: Any
    unit: str
    method: str
    source: str
    model_config = ConfigDict(extra="allow")


class NormOut(BaseModel):
    """What a module judges by. ``mark``: V read in a primary source, V2 in a secondary one, K well known and not re-read."""

    id: str
    title: str
    value: Any
    unit: str
    source: str
    mark: str


class ModuleOut(BaseModel):
    """A domain; ``documents`` are the keys of what its kiosks get."""

    name: str
    title: str
    calculators: list[str]
    documents: list[str]
    rules: list[NormOut]


BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@router.get("/calc", response_model=list[CalculatorOut])
async def listing(response: Response) -> list[dict[str, Any]]:
    """All calculators, by name."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return [{"name": c.name, "title": c.title, "inputs": c.schema()} for c in calculators()]


@router.post("/calc/{name}", response_model=ResultOut, openapi_extra=BODY)
async def calculate(name: str, request: Request) -> dict[str, Any]:
    """Reproduce a number: the object of its inputs as the body, as ``kampung-cloud calc`` takes it."""
    found, body = find(calculators(), name), bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooMuch(f"more than {MOST_BYTES:,} bytes; a calculator reads one object")
    return found.answer(bytes(body))


@router.get("/modules", response_model=list[ModuleOut])
async def modules() -> list[dict[str, Any]]:
    """The domains, and the numbers that each judges by."""
    return [
        {
            "name": m.name,
            "title": m.title,
            "calculators": [c.name for c in m.calculators],
            "documents": [d.key for d in m.documents],
            "rules": [asdict(rule) for rule in m.rules],
        }
        for m in MODULES
    ]
