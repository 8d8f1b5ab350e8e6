"""What is printed: a tree's certificate and sheets of tags with QR codes, as PDF by typst."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import segno
import typst
from kampung_contract.errors import InvalidRequest
from kampung_contract.tree_code import shown

from kampung_cloud.local_day import MONTHS

MOST_TAGS = 240


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands on a tag: the code, and what tree it is. No person's name."""

    code: str
    species: str
    village: str


def qr(text: str, scale: int = 4) -> bytes:
    """A QR code as SVG, level Q: a quarter of it may be scratched or muddy."""
    out = io.BytesIO()
    segno.make(text, error="q", micro=False).save(out, kind="svg", scale=scale, border=2, xmldecl=False)
    return out.getvalue()


def address(base: str, code: str) -> str:
    """Where a tag leads: a tree's public page."""
    return f"{base.rstrip('/')}/pohon/{code}"


def tags(base: str, rows: Sequence[Tag]) -> bytes:
    """An A4 sheet of 3 × 8 tags, as many pages as needed. Raises ``InvalidRequest`` for none, or for too many."""
    if not 0 < len(rows) <= MOST_TAGS:
        raise InvalidRequest(f"codes: {len(rows)} tags; a sheet is made of 1 to {MOST_TAGS}")
    listed = [{"code": shown(r.code), "species": r.species, "village": r.village, "qr": f"{r.code}.svg"} for r in rows]
    return _printed("tags.typ", {"tags": listed}, {f"{r.code}.svg": qr(address(base, r.code)) for r in rows})


def certificate(base: str, tree: Mapping[str, Any], village: str, number: str) -> bytes:
    """Of a tree that was seen alive, as ``tree_shown`` gives it. Raises ``InvalidRequest`` for any other."""
    if tree["status"] not in {"hidup", "tumbuh"}:
        raise InvalidRequest(
            f"tree {shown(tree['code'])} is {tree['status']}: a certificate is for one that a verifier has seen alive; ask for a visit"
        )
    given = {
        "code": shown(tree["code"]), "species": tree["species_title"]["id"], "village": village, "planted": spelled(tree["planted"]),
        "since": spelled(tree["since"][:10]), "status": tree["status"], "planter": tree["planter"] or "", "number": number,
        "height": _comma(tree["height"], 2), "growth": _growth(tree["growth"]), "stock": _stock(tree["stock"]),
        "address": address(base, tree["code"]),
    }  # fmt: skip
    return _printed("certificate.typ", given, {"qr.svg": qr(given["address"])})


def spelled(day: str) -> str:
    """``2 Januari 2026``."""
    when = date.fromisoformat(day)
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def _growth(growth: Mapping[str, Any]) -> str:
    if not growth:
        return ""
    name = {"height": "tinggi", "collar": "tebal pangkal batang", "dbh": "tebal batang"}[growth["kind"]]
    return f"{name} bertambah {_comma(growth['grew'], 2)} {growth['unit']} di antara dua kunjungan"


def _stock(stock: Mapping[str, Any] | None) -> dict[str, str] | None:
    if stock is None:
        return None
    low, high = stock["interval_95"]
    return {
        "above": f"{_comma(stock['above_kg'], 0)} kg (95 %: {_comma(low, 0)} sampai {_comma(high, 0)} kg)",
        "carbon": f"{_comma(stock['carbon_kg'], 0)} kg", "oxygen": f"{_comma(stock['oxygen_kg'], 0)} kg", "note": stock["note"]["id"],
    }  # fmt: skip


def _comma(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}".replace(".", ",")


def _printed(template: str, given: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    sources: Any = {"main.typ": _template(template), "given.json": json.dumps(given).encode(), **pictures}
    made: Any = typst.compile(sources, format="pdf")
    return bytes(made)


@cache
def _template(name: str) -> bytes:
    return files("kampung_cloud.modules.trees").joinpath("data", name).read_bytes()
