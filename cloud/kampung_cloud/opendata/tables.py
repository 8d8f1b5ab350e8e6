"""Tables that are open data beside the readings: what services are, by year. Where they are made, their modules say; here is what they are.

Each is told by its module so that nobody is known from it (five at least in a figure, quarters that are over).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FIRST = 2026
"""No year before it has figures of this platform."""


@dataclass(frozen=True, slots=True)
class Table:
    """``path``: below ``/api/v1``, for a calendar year; CSV with semicolons. Texts by language."""

    id: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    path: str


TABLES = (
    Table(
        "satisfaction",
        {"id": "Indeks kepuasan masyarakat", "en": "Satisfaction index"},
        {
            "id": "Survei sembilan unsur (Permenpan-RB 14/2017) menurut desa, triwulan dan layanan: responden, nilai tiap unsur, indeks, "
            "mutu. Paling sedikit lima responden tiap baris.",
            "en": "Survey of nine elements (Permenpan-RB 14/2017) by village, quarter and service: respondents, means, index, grade. "
            "At least five respondents a line.",
        },
        "satisfaction/table.csv?year={year}",
    ),
    Table(
        "complaints",
        {"id": "Pengaduan layanan publik", "en": "Complaints about public services"},
        {
            "id": "Menurut desa dan triwulan: jumlah pengaduan, yang dijawab, waktu tengah sampai jawaban pertama dalam hari kerja. "
            "Paling sedikit lima pengaduan tiap baris.",
            "en": "By village and quarter: complaints, answered, median working days to the first answer. At least five complaints a line.",
        },
        "complaints/figures.csv?year={year}",
    ),
)
