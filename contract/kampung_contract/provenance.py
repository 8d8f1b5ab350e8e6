"""Which device, origin and calibration stand behind readings: told by the edge once, whenever it changes, never beside a reading.

An announcement is complete: it names every device of its node, and holds until the next one.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any, Literal

import msgspec

from kampung_contract.errors import InvalidAnnouncement
from kampung_contract.limits import Limits
from kampung_contract.pack import EARLIEST

TYPE: Literal["calibration"] = "calibration"
MOST_MS = 2**48
"""Beyond what any clock says."""


LATEST_MS = 2**47
"""In the year 6429: later ones cannot be written down."""


class Calibration(msgspec.Struct, frozen=True, omit_defaults=True):
    """value = what the device shows × gain + offset, in the quantity's own unit.

    ``method``: ``offset``, ``gain``, ``two-point``, or ``given`` where coefficients came with no reference measurement. ``points`` are
    (shown, true). ``at`` in milliseconds UTC.
    """

    gain: float = 1.0
    offset: float = 0.0
    method: str = "given"
    points: list[tuple[float, float]] = []
    by: str = ""
    at: int | None = None

    @property
    def id(self) -> str:
        """Eight hex digits over all of it: two calibrations are one when they agree in everything."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:8]


class Derived(msgspec.Struct, frozen=True, omit_defaults=True, rename={"source": "from"}):
    """A quantity made from another of the device: value = calibrated ``source`` × gain + offset."""

    source: str
    gain: float = 1.0
    offset: float = 0.0


class Corrected(msgspec.Struct, frozen=True, omit_defaults=True, rename={"source": "from"}):
    """A quantity made of another of the device by a method of ``pm_correction``, with a ``humidity`` and perhaps a ``pair``, both
    device/quantity. The raw one is a series of its own.
    """

    method: str
    source: str
    humidity: str
    pair: str = ""


class SeriesOrigin(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a series' values come from what its device shows: calibrated first, then derived, or corrected; ``limits`` are there where the
    site has set what it is tested by.
    """

    calibration: Calibration | None = None
    derived: Derived | None = None
    corrected: Corrected | None = None
    limits: Limits | None = None

    def raw(self, value: float) -> float | None:
        """What the device itself showed, to nine decimals; None for a corrected value, whose raw one stands in its own series."""
        if self.corrected is not None:
            return None
        if self.derived is not None:
            value = (value - self.derived.offset) / self.derived.gain
        if self.calibration is not None:
            value = (value - self.calibration.offset) / self.calibration.gain
        return round(value, 9)


class DeviceOrigin(msgspec.Struct, frozen=True, omit_defaults=True):
    """A device; ``series`` by quantity, only those of which there is something to say. ``origin`` as in ``documents.Device``."""

    model: str
    origin: str = "sensor"
    series: dict[str, SeriesOrigin] = {}

    def of(self, quantity: str) -> SeriesOrigin:
        """How one of its quantities comes about."""
        return self.series.get(quantity, PLAIN)


PLAIN = SeriesOrigin()


class Announcement(msgspec.Struct, frozen=True, omit_defaults=True, rename={"since": "from"}, tag_field="type", tag=TYPE):
    """What was in force at a node from ``since`` on, in milliseconds UTC of the clock that stamps readings.

    ``up`` is the same moment in milliseconds since ``boot`` began. Where ``synchronised`` is false, ``since`` is as wrong as the readings
    of that boot, and put right with them.
    """

    since: int
    boot: str
    up: int
    devices: dict[str, DeviceOrigin]
    synchronised: bool = True

    def event(self) -> dict[str, Any]:
        """As it travels."""
        return dict(msgspec.to_builtins(self))


def parse_announcement(event: dict[str, Any], latest: int) -> Announcement:
    """The announcement in an event; ``latest``, ms UTC, is the last time still believed. Raises ``InvalidAnnouncement``."""
    try:
        found = msgspec.convert(event, Announcement)
    except msgspec.ValidationError as error:
        raise InvalidAnnouncement(f"not a calibration event: {error}") from None
    if not (0 < len(found.boot) <= 64 and abs(found.up) < MOST_MS and abs(found.since) < MOST_MS):
        raise InvalidAnnouncement(f"boot {found.boot[:64]!r}, up {found.up}, from {found.since}: that is no time of a boot")
    if found.synchronised and not EARLIEST <= found.since <= latest:
        raise InvalidAnnouncement(f"from {found.since} ms is before 2020 or more than 24 h ahead")
    for name, device in found.devices.items():
        for quantity, series in device.series.items():
            if series.calibration is not None and not 0 <= (series.calibration.at or 0) < LATEST_MS:
                raise InvalidAnnouncement(f"{name}/{quantity}: calibrated at {series.calibration.at} ms, which is no time")
            for step in (series.calibration, series.derived):
                if step is not None and not (math.isfinite(step.gain) and math.isfinite(step.offset) and step.gain):
                    raise InvalidAnnouncement(
                        f"{name}/{quantity}: gain {step.gain}, offset {step.offset}; both must be finite, and gain not 0"
                    )
    return found
