"""Dual crop coefficient (FAO-56 chapter 7): what the crop transpires and what the wet soil evaporates, a day at a time.

pyfao56 computes the same over a season, and the tests hold this against it; why it is written here: docs/decisions/0022-fao56.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from kampung_cloud.modules.farming.fao56 import water

LEAST_BARE = 0.01
"""few, below which Eq. 75 would divide by nothing."""
WETTING_RAIN = 3.0
"""mm: that much wets all of the ground (FAO-56, Table 20)."""


@dataclass(frozen=True, slots=True)
class Surface:
    """The layer that evaporates: ``total`` and ``ready`` water in mm (TEW, REW; Table 19), part ``wetted`` by irrigation (fw; Table 20).

    Raises ``ValueError`` unless 0 < REW < TEW and 0 < fw ≤ 1.
    """

    total: float
    ready: float
    wetted: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.ready < self.total:
            raise ValueError(f"REW = {self.ready} mm and TEW = {self.total} mm: expected 0 < REW < TEW")
        if not 0 < self.wetted <= 1:
            raise ValueError(f"fw = {self.wetted}: expected a part of the ground, above 0 and at most 1")


@dataclass(frozen=True, slots=True)
class State:
    """A day's end, in mm: depletion of the root zone and of the evaporating layer, what the day did, and fw as it stands (``wet_part``)."""

    depletion: float
    evaporated: float
    wet_part: float = 1.0
    transpiration: float = 0.0
    evaporation: float = 0.0
    stress: float = 1.0
    p: float = 0.0
    percolation: float = 0.0


@dataclass(frozen=True, slots=True)
class Plant:
    """The crop on a day: Kcb, its limit Kc max, the part of the ground under it (fc), TAW of its roots in mm, p of Table 22."""

    basal: float
    limit: float
    cover: float
    total: float
    p: float


def surface(field_capacity: float, wilting_point: float, ready: float, depth: float = 0.1, wetted: float = 1.0) -> Surface:
    """The evaporating layer of a soil, Eq. 73; ``depth`` in m, ``ready`` (REW) in mm."""
    return Surface(1000 * (field_capacity - 0.5 * wilting_point) * depth, ready, wetted)


def upper_limit(basal: float, wind: float, rhmin: float, height: float) -> float:
    """Kc max, Eq. 72, for the grass reference; wind at 2 m from 1 to 6 m/s, RHmin from 20 to 80 %, height in m."""
    u, r = min(6.0, max(1.0, wind)), min(80.0, max(20.0, rhmin))
    return float(max(1.2 + (0.04 * (u - 2) - 0.004 * (r - 45)) * (height / 3) ** 0.3, basal + 0.05))


def cover(basal: float, bare: float, limit: float, height: float) -> float:
    """fc, Eq. 76; ``bare`` is Kcb of dry ground without cover (Kc min), for an annual its first Kcb."""
    if basal <= bare:
        return 0.0
    return float(min(0.99, ((basal - bare) / (limit - bare)) ** (1 + 0.5 * height)))


def day(
    state: State, layer: Surface, plant: Plant, *, et0: float, rain: float = 0.0, irrigation: float = 0.0, fixed_p: bool = False
) -> State:
    """The next state, Eq. 69, 71, 74, 75, 77, 80 and 85; all in mm. The crop suffers by the depletion at the day's beginning.

    p follows the day's demand unless ``fixed_p``. Conserves water: start − rain − irrigation + transpiration + evaporation + percolation
    is the end, unless the soil was empty.
    """
    wet_part = layer.wetted if irrigation > 0 else 1.0 if rain >= WETTING_RAIN else state.wet_part
    bare = max(LEAST_BARE, min(1 - plant.cover, wet_part))
    dryness = min(1.0, max(0.0, (layer.total - state.evaporated) / (layer.total - layer.ready)))
    evaporation = min(dryness * (plant.limit - plant.basal), bare * plant.limit) * et0
    soaked = max(0.0, rain + irrigation / wet_part - state.evaporated)
    dried = state.evaporated - rain - irrigation / wet_part + evaporation / bare + soaked
    p = plant.p if fixed_p else water.adjusted_p(plant.p, plant.basal * et0 + evaporation)
    stress = water.stress(state.depletion, plant.total, p)
    transpiration = stress * plant.basal * et0
    end = state.depletion - rain - irrigation + transpiration + evaporation
    return State(
        depletion=min(plant.total, max(0.0, end)),
        evaporated=min(layer.total, max(0.0, dried)),
        wet_part=wet_part,
        transpiration=transpiration,
        evaporation=evaporation,
        stress=stress,
        p=p,
        percolation=max(0.0, -end),
    )
