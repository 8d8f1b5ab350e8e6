"""Where something in a village lies: within its village's rectangle, with some room, since the outlines are drawn by hand."""

from __future__ import annotations

from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import Village, villages

ROOM = 0.01
"""Degrees, about a kilometre."""


def check_place(village: Village, latitude: float, longitude: float, what: str = "field") -> None:
    """Raises ``InvalidRequest`` for a point outside, naming where the ``what`` lies."""
    if _within(village, latitude, longitude):
        return
    others = [v for v in villages() if _within(v, latitude, longitude)]
    if not others:
        hint = (
            "swap latitude and longitude" if any(_within(v, longitude, latitude) for v in villages()) else f"point at the {what} on the map"
        )
        raise InvalidRequest(f"the {what} at {latitude}, {longitude} lies outside every village of Banyuwangi; {hint}")
    names = ", ".join(f"{v.name} ({v.code})" for v in others[:3])
    raise InvalidRequest(f"the {what} at {latitude}, {longitude} does not lie in {village.name}; it may lie in {names}")


def _within(village: Village, latitude: float, longitude: float) -> bool:
    south, west, north, east = village.bounds
    return south - ROOM <= latitude <= north + ROOM and west - ROOM <= longitude <= east + ROOM
