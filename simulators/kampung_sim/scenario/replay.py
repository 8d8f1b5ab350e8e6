"""Recordings into a scenario: columns onto devices, times onto its time."""

from __future__ import annotations

from pathlib import Path as File

from kampung_sim.scenario.mistake import Found
from kampung_sim.scenario.plan import Plan
from kampung_sim.scenario.recordings import Recordings


def lay(plan: Plan, folder: File, file: File | None) -> tuple[Recordings, list[Found], list[str]]:
    """Tracks, mistakes, and how columns were matched."""
    return Recordings(), [], []
