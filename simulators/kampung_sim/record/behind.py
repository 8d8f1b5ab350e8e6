"""How a recorded device is set up, so that its simulated twin delivers the same values: as it was told, else as the values show. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from kampung_bridge.config import DeviceConfig
from kampung_contract.provenance import Calibration, DeviceOrigin
from kampung_contract.villages import village
from numpy.typing import NDArray

from kampung_sim.scenario.plan import Device

EXACT = 1e-6
Values = dict[str, NDArray[np.float64]]


@dataclass
class Setting:
    """``adjust`` and ``derive`` as in a kit; ``left``: quantities nobody can tell the origin of, with the reason."""

    adjust: dict[str, dict[str, float]] = field(default_factory=dict)
    derive: list[dict[str, Any]] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def setting(profile: str, told: DeviceOrigin | None, values: Values, units: dict[str, str]) -> Setting:
    """For a device of this profile that delivered ``values`` by quantity."""
    config = DeviceConfig(name="x", profile=profile)
    plain = Device(village("35.10.24.2008"), "x", "x", "x", 60_000, config, {})
    out = Setting()
    for quantity, seen in values.items():
        series = told.of(quantity) if told is not None else None
        if quantity in plain.measures:
            if series is not None and series.calibration is not None:
                out.adjust[quantity] = _coefficients(series.calibration)
            elif told is None and (off := _off_grid(plain, quantity, seen)):
                out.adjust[quantity] = {"offset": off}
            continue
        if series is not None and series.derived is not None:
            source, gain, offset = series.derived.source, series.derived.gain, series.derived.offset
            if series.calibration is not None:
                out.adjust[source] = _coefficients(series.calibration)
        elif quantity == "water_level" and "distance" in plain.measures and (mount := _mount(plain, seen)) is not None:
            source, gain, offset = "distance", -1.0, mount
        else:
            out.left[quantity] = f"{profile} tidak mengukurnya, dan asal turunannya tidak diketahui"
            continue
        table: dict[str, Any] = {"quantity": quantity, "from": source, "gain": gain, "offset": offset, "unit": units[quantity]}
        out.derive.append(table | ({"keep": True} if source in values else {}))
    return out


def _coefficients(calibration: Calibration) -> dict[str, float]:
    return {"gain": calibration.gain, "offset": calibration.offset}


def _mount(device: Device, level: NDArray[np.float64]) -> float | None:
    """How far above the gauge's zero it may hang so that each level is a distance it can show: whole steps above the first."""
    step, (low, high) = device.step("distance"), device.measures["distance"].span
    mount = round(float(level[0]) + math.ceil((float(level.max()) + low - float(level[0])) / step + EXACT) * step, 9)
    return mount if mount - float(level.min()) <= high else None


def _off_grid(device: Device, quantity: str, seen: NDArray[np.float64]) -> float:
    """The same distance of all values from what it counts in; 0 where there is none, or no one."""
    step, offset = device.step(quantity), device.measures[quantity].offset
    off = float(seen[0] - offset - np.rint((seen[0] - offset) / step) * step)
    rest = (seen - offset - off) / step
    return round(off, 9) if abs(off) > EXACT * step and bool((np.abs(rest - np.rint(rest)) < EXACT).all()) else 0.0
