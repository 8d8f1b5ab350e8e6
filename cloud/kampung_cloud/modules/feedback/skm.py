"""Survei Kepuasan Masyarakat: index and grade (Permenpan-RB 14/2017; norms 2.3).

Each of the nine elements weighs exactly 1/9; the weight 0.11 in circulation caps the index at 99. The regulation's bands have holes
(76.605), so the index is rounded half up to two decimals before it is graded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

SOURCE = "Permenpan-RB 14/2017"
ELEMENTS = ("persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "sarana", "pengaduan")
"""U1 to U9. Some prints of the regulation change the last two about."""
GRADES = (
    (Decimal("88.31"), "A", "Sangat baik"),
    (Decimal("76.61"), "B", "Baik"),
    (Decimal("65.00"), "C", "Kurang baik"),
    (Decimal("25.00"), "D", "Tidak baik"),
)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """``index`` in [25, 100], two decimals; ``means`` (NRR) in [1, 4] by element."""

    index: Decimal
    grade: str
    words: str
    means: tuple[Fraction, ...]


def satisfaction(sums: Sequence[int], respondents: int) -> Satisfaction:
    """``sums``: of each element's scores 1 to 4 over all ``respondents``. Raises ``ValueError`` for sums that nobody can have given."""
    if respondents < 1:
        raise ValueError(f"respondents = {respondents}: nobody has answered yet; at least 1")
    if len(sums) != len(ELEMENTS):
        raise ValueError(f"sums has {len(sums)} numbers; one for each of the nine elements: {', '.join(ELEMENTS)}")
    for name, total in zip(ELEMENTS, sums, strict=True):
        if not respondents <= total <= 4 * respondents:
            raise ValueError(f"sums: {name} = {total}: {respondents} respondents give {respondents} to {4 * respondents}")
    exact = Fraction(25 * sum(sums), 9 * respondents)
    index = Decimal(floor(exact * 100 + Fraction(1, 2))).scaleb(-2)  # half up, exactly
    grade, words = next((g, w) for least, g, w in GRADES if index >= least)
    return Satisfaction(index, grade, words, tuple(Fraction(s, respondents) for s in sums))
