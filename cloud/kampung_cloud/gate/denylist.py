"""What no policy can touch. It stands in code, not in data: a setting could be changed on a bad day.

Documents of civil registration have a closed list of requirements, and a tree is not on it: Undang-Undang 23/2006 on population
administration with 24/2013, Peraturan Presiden 96/2018, Permendagri 108/2019. Nor can help for the poor wait for a tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

ADMINDUK = "UU 23/2006 jo. UU 24/2013; Perpres 96/2018: persyaratannya daftar tertutup"
POOR = "UU 13/2011 tentang penanganan fakir miskin; UU 40/2004 tentang jaminan sosial"


@dataclass(frozen=True, slots=True)
class Denied:
    """The ``right`` (Indonesian) that a service belongs to, and the ``law`` behind it."""

    right: str
    law: str


KTP = Denied("KTP dan identitas", ADMINDUK)
KK = Denied("kartu keluarga", ADMINDUK)
BIRTH = Denied("kelahiran", ADMINDUK)
DEATH = Denied("kematian", ADMINDUK)
POVERTY = Denied("keterangan tidak mampu dan bantuan sosial", POOR)
MARRIAGE = Denied("perkawinan dan perceraian", ADMINDUK)
MOVING = Denied("pindah dan tempat tinggal", ADMINDUK)
RESIDENT = Denied("data kependudukan", ADMINDUK)
STATUS = Denied("pengangkatan dan pengesahan anak, perubahan nama, kewarganegaraan", ADMINDUK)
DISASTER = Denied("pertolongan korban bencana", "UU 24/2007 tentang penanggulangan bencana, pasal 26")
ANYTHING = Denied("surat pengantar umum, yang juga dipakai untuk KTP dan KK", ADMINDUK)

SERVICES: dict[str, Denied] = {
    "surat-keterangan-ktp-dalam-proses": KTP,
    "surat-keterangan-beda-identitas": KTP,
    "surat-keterangan-beda-identitas-kis": POVERTY,
    "surat-pengantar-laporan-kehilangan": KTP,  # without it a lost KTP or KK is not replaced
    "surat-permohonan-kartu-keluarga": KK,
    "surat-permohonan-perubahan-kartu-keluarga": KK,
    "surat-keterangan-kelahiran": BIRTH,
    "surat-permohonan-akta-lahir": BIRTH,
    "surat-permohonan-duplikat-kelahiran": BIRTH,
    "surat-pernyataan-belum-memiliki-akta-lahir": BIRTH,
    "surat-keterangan-lahir-mati": DEATH,
    "surat-keterangan-kematian": DEATH,
    "surat-keterangan-kurang-mampu": POVERTY,
    "surat-keterangan-jamkesos": POVERTY,
    "surat-keterangan-nikah": MARRIAGE,
    "surat-keterangan-untuk-nikah-warga-non-muslim": MARRIAGE,
    "surat-keterangan-wali-hakim": MARRIAGE,
    "surat-permohonan-duplikat-surat-nikah": MARRIAGE,
    "surat-keterangan-pergi-kawin": MARRIAGE,
    "surat-keterangan-izin-orang-tua-suami-istri": MARRIAGE,
    "surat-permohonan-cerai": MARRIAGE,
    "surat-keterangan-pengantar-rujukcerai": MARRIAGE,
    "surat-keterangan-pindah-penduduk": MOVING,
    "surat-keterangan-domisili": MOVING,
    "surat-keterangan-penduduk": RESIDENT,
    "surat-biodata-penduduk": RESIDENT,
    "surat-keterangan-pengantar": ANYTHING,
    "izin-keluarga": MARRIAGE,
}
"""By the name of the village letter (data/village_letters.csv)."""

WORDS: tuple[tuple[frozenset[str], Denied], ...] = (
    (frozenset({"ktp", "ktpel", "ikd", "kia", "identitas", "nik", "kehilangan"}), KTP),
    (frozenset({"kk"}), KK),
    (frozenset({"lahir", "kelahiran", "akta", "akte"}), BIRTH),
    (frozenset({"mati", "kematian", "meninggal", "wafat", "pemakaman", "waris"}), DEATH),
    (
        frozenset(
            {"sktm", "miskin", "fakir", "bansos", "dtsen", "dtks", "pkh", "bpnt", "blt", "kis", "jkn", "bpjs", "jamkesos", "jamkesmas"}
        ),
        POVERTY,
    ),
    (
        frozenset({"nikah", "menikah", "kawin", "perkawinan", "pernikahan", "cerai", "perceraian", "rujuk", "rujukcerai", "janda", "duda"}),
        MARRIAGE,
    ),
    (frozenset({"pindah", "kepindahan", "kedatangan"}), MOVING),
    (frozenset({"penduduk", "kependudukan", "biodata"}), RESIDENT),
    (frozenset({"adopsi", "kewarganegaraan"}), STATUS),
)
PHRASES: tuple[tuple[tuple[str, ...], Denied], ...] = (
    (("kartu", "keluarga"), KK),
    (("kartu", "tanda"), KTP),
    (("satu", "orang"), KTP),
    (("wali", "hakim"), MARRIAGE),
    (("satu", "orang"), KTP),
    (("korban", "bencana"), DISASTER),
    (("kurang", "mampu"), POVERTY),
    (("tidak", "mampu"), POVERTY),
    (("bantuan", "sosial"), POVERTY),
    (("pengangkatan", "anak"), STATUS),
    (("pengesahan", "anak"), STATUS),
    (("pengakuan", "anak"), STATUS),
    (("ganti", "nama"), STATUS),
    (("perubahan", "nama"), STATUS),
)


def denied(service: str, title: str = "") -> Denied | None:
    """The right that a service is, by its name and title, however a catalogue spells them; None where a policy may name it.

    A new service of another name is caught by its words; a word too many only keeps a tree from being asked for.
    """
    words = re.findall(r"[a-z0-9]+", f"{service} {title}".casefold().replace("ktp-el", "ktpel"))
    name = "-".join(re.findall(r"[a-z0-9]+", service.casefold()))
    listed = SERVICES.get(name) or SERVICES.get(f"surat-{name}")
    if listed is not None:
        return listed
    for known, right in WORDS:
        if known.intersection(words):
            return right
    pairs = set(pairwise(words))
    return next((right for phrase, right in PHRASES if phrase in pairs), None)
