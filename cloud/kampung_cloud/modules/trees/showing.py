"""Trees and visits as they go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kampung_contract.times import text

from kampung_cloud.modules.trees.biomass import HONEST, LEAST_CM, stock
from kampung_cloud.modules.trees.species import species
from kampung_cloud.records.tree_models import TreeChangeRow, TreeRow, TreeVisitRow

COLUMNS = (
    "code", "village", "species", "said", "latitude", "longitude", "accuracy", "plot", "planted", "height", "dbh", "status", "growth",
    "replaces", "replaced_by",
)  # fmt: skip


def tree_shown(row: TreeRow, history: Sequence[TreeChangeRow] = (), *, named: bool = False) -> dict[str, Any]:
    """As anybody may see it; ``named``: for the village office, which knows the planter."""
    kind = species().get(row.species)
    title = kind.title if kind else {"id": row.said}
    changes = [{"status": c.now, "at": text(c.at)} for c in history]
    return {name: getattr(row, name) for name in COLUMNS} | {
        "species_title": title, "since": text(row.since), "planter": row.planter_name if row.public or named else None,
        "stock": stock_shown(row), "history": changes,
    }  # fmt: skip


def stock_shown(row: TreeRow) -> dict[str, Any] | None:
    """Kilograms of a living tree from 5 cm on whose wood is known and whose height was measured, else nothing."""
    kind = species().get(row.species)
    density = kind.density if kind is not None else None
    if row.status not in {"hidup", "tumbuh"} or density is None or row.dbh is None or row.height is None or row.dbh < LEAST_CM:
        return None
    found = stock(density, row.dbh, row.height, spread=kind.spread or 0.0 if kind else 0.0)
    return {
        "above_kg": round(found.above, 1), "interval_95": [round(found.low, 1), round(found.high, 1)],
        "carbon_kg": round(found.carbon, 1), "carbon_dioxide_kg": round(found.carbon_dioxide, 1), "oxygen_kg": round(found.oxygen, 1),
        "note": HONEST,
    }  # fmt: skip


def visit_shown(row: TreeVisitRow, status: str = "") -> dict[str, Any]:
    """A visit with its reasons. ``status``: the tree's after it, where that was asked."""
    return {
        "id": row.id, "tree": row.tree, "at": text(row.began), "verifier": row.verifier_name, "accepted": row.accepted, "status": status,
        "alive": row.alive, "damage": row.damage, "measures": row.measures, "photo": row.photo, "note": row.note, "reasons": row.reasons,
    }  # fmt: skip
