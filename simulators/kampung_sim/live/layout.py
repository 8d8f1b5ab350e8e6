"""What of the view has room on a terminal of which size."""

from __future__ import annotations

from dataclasses import dataclass

LEAST = (76, 20)
"""Columns and rows under which nothing can be read."""
Columns = tuple[tuple[str, int], ...]
"""Heading and width; 0 takes what its cells need."""
WAITING, READINGS, FAULTS = ("Menunggu", 8), ("Bacaan", 9), "Gangguan"
NUMBERS = (WAITING, READINGS)


@dataclass(frozen=True, slots=True)
class Layout:
    """Of the two tables."""

    kiosks: Columns
    devices: Columns


def layout(width: int) -> Layout:
    """``-wide``: kiosks beside their devices; ``-normal`` and ``-narrow``: above them. Each column has two cells of padding."""
    if width >= 140:
        return Layout(
            (("Kios", 24), ("Desa", 14), ("Jaringan", 14), WAITING, READINGS, (FAULTS, 0)),
            (("Alat", 13), (FAULTS, 14), ("Nilai sekarang", 0)),
        )
    if width >= 100:
        return Layout(
            (("Kios", 24), ("Desa", 14), ("Jaringan", 14), WAITING, READINGS, (FAULTS, width - 82)),
            (("Alat", 13), (FAULTS, 14), ("Nilai sekarang", 0)),
        )
    return Layout(
        (("Kios", 24), ("Jaringan", 14), WAITING, (FAULTS, width - 56)), (("Alat", 13), (FAULTS, 20), ("Nilai sekarang", width - 41))
    )


def too_small(width: int, height: int) -> str:
    """What to tell whoever cannot see it; empty where there is room."""
    if width >= LEAST[0] and height >= LEAST[1]:
        return ""
    return (
        f"Terminal {width}×{height} terlalu kecil: perlu {LEAST[0]}×{LEAST[1]}.\n\n"
        "Perbesar jendela atau perkecil hurufnya; skenario tetap berjalan. Tanpa tampilan: kampung-sim run … --plain"
    )
