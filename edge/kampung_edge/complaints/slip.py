"""The ticket of a complaint on paper: number and word. It says neither what about nor who."""

from __future__ import annotations

from datetime import UTC, datetime

from kampung_contract.times import WIB
from kampung_contract.villages import Village

from kampung_edge.complaints.desk import Made
from kampung_edge.printing.slip import Row, Slip

FOOT = (
    "Nomor dan kata sandi ini satu-satunya cara melihat jawabannya: di kios, Layanan, Pengaduan dan saran.",
    "Simpan baik-baik. Siapa yang memegang keduanya dapat membaca jawabannya.",
)


def slip(made: Made, place: Village) -> tuple[str, Slip]:
    """What it is about, and the slip."""
    when = datetime.fromtimestamp(made.at / 1000, UTC).astimezone(WIB)
    rows = (Row("Kata sandi", made.word), Row("Tanggal", when.strftime("%d-%m-%Y")))
    return f"complaint {made.ticket}", Slip(f"Tiket pengaduan · {place.name}", made.ticket, rows, "", FOOT)
