"""What is written to the agency, to a person, to everybody: each says what got out, when and how, and what is done about it (Ps 46 (2))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kampung_cloud.breach.book import Incident
from kampung_cloud.breach.law import law
from kampung_cloud.letterhead import Place, moment


@dataclass(frozen=True, slots=True)
class Writing:
    """A page. ``parts``: heading and paragraphs; ``to``: whom it is for, nothing for a notice."""

    title: str
    to: str
    opening: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    closing: str


def agency(incident: Incident, place: Place, steps: Sequence[tuple[str, str]], now: int) -> Writing:
    """``steps``: when and what, as they stand on record."""
    row, said = incident.row, incident.said
    late = row.agency if row.agency is not None else now
    parts = [
        ("1. Data pribadi yang terungkap", (_data(incident),)),
        ("2. Kapan dan bagaimana", (_when(incident), said.how)),
        ("3. Siapa yang terdampak", (f"{incident.persons} orang; {incident.told} di antaranya sudah diberi tahu secara tertulis.",)),
        ("4. Upaya penanganan dan pemulihan", (said.handling,)),
        ("5. Riwayat penanganan", tuple(f"{at}: {what}" for at, what in steps)),
        ("6. Narahubung", (said.contact,)),
    ]
    if late > row.due:
        why = f"Pemberitahuan ini melewati batas waktu {moment(row.due)}."
        parts.insert(0, ("Keterlambatan", (why, "Sebabnya: ……………………………………………………")))
    opening = (
        f"{place.kind} {place.village}, Kecamatan {place.district}, Kabupaten Banyuwangi, memberitahukan kegagalan pelindungan data "
        f"pribadi yang diketahui pada {moment(row.known)}, sesuai {law().must.source}."
    )
    return Writing(
        "Pemberitahuan kegagalan pelindungan data pribadi", law().agency.title, opening, tuple(parts), "Keterangan tambahan kami susulkan."
    )


def person(incident: Incident, place: Place, to: str) -> Writing:
    """``to``: his name, or the number of his request."""
    return Writing(
        "Pemberitahuan tentang data pribadi Anda",
        to,
        f"Data pribadi Anda yang disimpan {place.kind} {place.village} terungkap kepada yang tidak berhak. Kami memberitahukannya sesuai "
        "undang-undang dan meminta maaf.",
        _told(incident),
        f"Pertanyaan Anda dijawab oleh {incident.said.contact}. Di loket Anda dapat meminta daftar siapa yang membaca data Anda.",
    )


def public(incident: Incident, place: Place) -> Writing:
    """For the board and the kiosk: where not everybody can be reached (Ps 46 (3))."""
    return Writing(
        "Pengumuman kegagalan pelindungan data pribadi",
        "",
        f"Data pribadi {incident.persons or 'sejumlah'} warga yang disimpan {place.kind} {place.village} terungkap kepada yang tidak "
        "berhak. Yang terdampak kami beri tahu dengan surat; pengumuman ini untuk yang tidak terjangkau.",
        _told(incident),
        f"Ingin tahu apakah data Anda termasuk? Hubungi {incident.said.contact}.",
    )


def _told(incident: Incident) -> tuple[tuple[str, tuple[str, ...]], ...]:
    advice = tuple(law().data[name].advice for name in incident.said.data if law().data[name].advice)
    return (
        ("Data apa", (_data(incident),)),
        ("Kapan dan bagaimana", (_when(incident), incident.said.how)),
        ("Apa yang kami lakukan", (incident.said.handling,)),
        ("Apa yang dapat Anda lakukan", advice or ("Bila ada yang janggal, datang atau telepon kantor desa.",)),
    )


def _data(incident: Incident) -> str:
    return ", ".join(law().data[name].title for name in incident.said.data) + "."


def _when(incident: Incident) -> str:
    row = incident.row
    end = "akhirnya belum diketahui" if row.ended is None else f"sampai {moment(row.ended)}"
    return f"Sejak {moment(row.began)}, {end}; diketahui {moment(row.known)}."
