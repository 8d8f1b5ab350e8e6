"""The villages of Kabupaten Banyuwangi by Kemendagri code. Names are for people: three of them occur twice."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kampung_contract.errors import UnknownVillage

KABUPATEN = "Banyuwangi"


@dataclass(frozen=True, slots=True)
class Village:
    """One desa or kelurahan; ``latitude`` and ``longitude`` in degrees (WGS 84), south is negative.

    ``bounds``: the southern, western, northern and eastern edge of the rectangle around it.
    """

    code: str
    name: str
    type: str
    kecamatan: str
    latitude: float
    longitude: float
    bounds: tuple[float, float, float, float]

    @property
    def kecamatan_code(self) -> str:
        """Six digits of the kecamatan, as in topics: ``351024``."""
        return self.code[:8].replace(".", "")

    @property
    def desa_code(self) -> str:
        """Four digits within the kecamatan, as in topics: ``2008``."""
        return self.code[9:]


@cache
def _table(name: str) -> tuple[dict[str, str], ...]:
    text = files("kampung_contract").joinpath("data", name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _villages() -> dict[str, Village]:
    places = {row["code"]: row for row in _table("banyuwangi_desa_centroids.csv")}
    return {
        row["code"]: _village(row, places[row["code"]]) for row in _table("wilayah_banyuwangi.csv") if row["type"] in {"desa", "kelurahan"}
    }


def _village(row: dict[str, str], place: dict[str, str]) -> Village:
    south, west, north, east = (float(place[edge]) for edge in ("min_lat", "min_lng", "max_lat", "max_lng"))
    return Village(
        row["code"], row["name"], row["type"], row["kecamatan"], float(place["lat"]), float(place["lng"]), (south, west, north, east)
    )


def villages() -> Iterator[Village]:
    """All 217 villages in order of code."""
    return iter(_villages().values())


def village(code: str) -> Village:
    """The village with this code.

    Raises ``UnknownVillage``, naming the new code where the village was re-coded, else codes that look alike.
    """
    found = _villages().get(code)
    if found is not None:
        return found
    for row in _table("wilayah_banyuwangi_code_map.csv"):
        if row["old_code"] == code:
            raise UnknownVillage(f"village code {code!r} is out of use since {row['to_release']}: {row['name']} is now {row['new_code']}")
    near = difflib.get_close_matches(code, _villages(), n=3, cutoff=0.8)
    named = [f"{v.code} ({v.name}, {v.kecamatan})" for v in _villages().values() if v.name.casefold() == code.strip().casefold()]
    hint = f"did you mean {' or '.join(named or near)}?" if named or near else "write it as 35.10.24.2008 (Tamansari, Licin)"
    raise UnknownVillage(f"village code {code!r} is not one of Banyuwangi's {len(_villages())}; {hint}")
