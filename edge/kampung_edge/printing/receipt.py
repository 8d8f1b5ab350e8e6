"""The receipt of a request: what a resident takes home. Nothing on it names anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kampung_contract.times import WIB
from kampung_contract.villages import Village

from kampung_edge.printing.slip import Row, Slip
from kampung_edge.requests import Asked


def receipt(asked: Asked, offered: Mapping[str, Any] | None, place: Village) -> tuple[str, Slip]:
    """What it is about, and the slip; ``offered`` is the document of services, None while it was never here."""
    service: Mapping[str, Any] = next((s for s in (offered or {}).get("services", []) if s.get("id") == asked.service), {})
    when = datetime.fromtimestamp(asked.at / 1000, UTC).astimezone(WIB)
    bring = ", ".join(str(n["name"]) for n in service.get("needs", []) if n.get("required"))
    rows = [Row("Layanan", str(service.get("title") or asked.service)), Row("Tanggal", when.strftime("%d-%m-%Y %H:%M WIB"))]
    rows += [Row("Waktu layanan", str(service["time"]))] if service.get("time") else []
    rows += [Row("Bawa", bring)] if bring else []
    foot = ("Simpan kertas ini. Dengan nomor ini Anda melihat keadaan permohonan di kios atau di loket.",)
    return f"request {asked.reference}", Slip(f"Bukti permohonan · {place.name}", asked.reference, tuple(rows), asked.reference, foot)
