"""What comes of asking for a certified signature: a signed PDF, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Why = Literal[
    "not_connected", "unreachable", "refused", "passphrase", "signer", "unreadable", "changed", "untraced", "skipped", "unanswered"
]

WORDS: dict[Why, tuple[str, str]] = {
    "not_connected": ("BSrE belum tersambung.", "Surat tetap berlaku dengan tanda tangan desa, atau ditandatangani basah dan dicap."),
    "unreachable": (
        "BSrE tidak menjawab.",
        "Coba lagi nanti; surat boleh diserahkan dengan tanda tangan desa atau tanda tangan basah.",
    ),
    "refused": (
        "BSrE menolak permintaan ini.",
        "Minta operator kabupaten memeriksa [registers.bsre] dan hak aplikasinya di layanan e-sign.",
    ),
    "passphrase": (
        "Passphrase tidak cocok.",
        "Ketik ulang. Beberapa kali salah dapat mengunci sertifikat; lupa passphrase diurus ke BSrE.",
    ),
    "signer": (
        "NIK penanda tangan tidak dikenal BSrE, atau sertifikatnya habis.",
        "Periksa NIK; urus sertifikat lewat verifikator instansi.",
    ),
    "unreadable": ("Yang kembali dari BSrE bukan PDF bertanda tangan.", "Coba lagi; bila berulang, beri tahu operator kabupaten."),
    "changed": (
        "Berkas yang kembali bukan surat kita ditambah tanda tangan.",
        "Berkas itu tidak disimpan. Beri tahu operator kabupaten: layanan e-sign harus menambah tanda tangan, bukan menyusun ulang berkas.",
    ),
    "untraced": (
        "Sertifikat penanda tangan bukan dari induk yang dipasang kabupaten.",
        "Berkas itu tidak disimpan. Beri tahu operator kabupaten: periksa roots_file, atau alamat layanan e-sign.",
    ),
    "skipped": ("Tidak dikirim, karena surat sebelumnya ditolak.", "Perbaiki sebabnya, lalu minta lagi."),
    "unanswered": ("Permintaan terputus sebelum dijawab.", "Minta lagi; tidak ada yang hilang."),
}
"""What it is, and what to do; for the head of the village."""

STOPS: frozenset[Why] = frozenset({"not_connected", "unreachable", "refused", "passphrase", "signer"})
"""After these the next letter would fail in the same way, and a wrong passphrase given again may lock the certificate."""


@dataclass(frozen=True, slots=True)
class Back:
    """The file that came back, not looked at yet. ``marked``: the service said of itself that it is simulated."""

    pdf: bytes
    marked: bool


@dataclass(frozen=True, slots=True)
class NotSigned:
    """``detail`` is for operators and names nobody."""

    why: Why
    detail: str = ""
