"""What a rule wonders about a number; it never refuses one. Words are Indonesian, for who keeps the register."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """``code`` is stable; ``words`` say what, and what to do about it, without the number itself."""

    code: str
    words: str


WORDS = {
    "length": "bukan 16 angka; cocokkan dengan KTP-el atau KK",
    "province": "dua angka pertama bukan kode provinsi; cocokkan dengan KTP-el atau KK",
    "date": "angka ke-7 sampai ke-12 bukan tanggal; cocokkan dengan KTP-el atau KK",
    "serial": "nomor urut 0000 tidak dipakai; cocokkan dengan KTP-el atau KK",
    "born": "tanggal di NIK lain dari tanggal lahir tercatat; NIK tetap berlaku, periksa tanggal lahirnya",
    "sex": "angka tanggal di NIK menunjukkan jenis kelamin lain dari yang tercatat; NIK tetap berlaku, periksa jenis kelaminnya",
    "century": "tahun lahir di NIK cocok dengan dua abad; isi tanggal lahir",
    "temporary": "NIK sementara buatan desa; ganti setelah Dukcapil menerbitkan NIK",
    "number_cell": "angka terakhir mungkin hilang di Excel (hanya 15 angka disimpan); ketik ulang sebagai teks",
    "twice": "NIK ini juga tercatat pada orang lain",
    "future": "tanggal pencatatan di nomor KK belum terjadi; cocokkan dengan KK",
    "missing": "NIK belum ada",
}
"""By code. Stored are the codes; the words may get better."""


def doubt(code: str) -> Doubt:
    """A doubt by its code."""
    return Doubt(code, WORDS[code])
