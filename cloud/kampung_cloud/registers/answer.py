"""What may come in place of an answer. It is a value and no error: the office goes on without the register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Why = Literal["not_connected", "unreachable", "refused", "quota", "unreadable"]

WORDS: dict[Why, tuple[str, str]] = {
    "not_connected": ("{name} belum tersambung.", "Periksa dengan KTP dan KK asli seperti biasa."),
    "unreachable": ("{name} tidak menjawab.", "Lanjutkan dengan berkas asli; coba lagi nanti."),
    "refused": ("{name} menolak sambungan kita.", "Lanjutkan dengan berkas asli; minta operator kabupaten memeriksa sambungannya."),
    "quota": ("Kuota {name} untuk hari ini sudah habis.", "Lanjutkan dengan berkas asli; coba lagi besok."),
    "unreadable": ("Jawaban {name} tidak dapat dibaca.", "Lanjutkan dengan berkas asli; beri tahu operator kabupaten."),
}
"""What it is, and what to do; for staff."""

MARK_HEADER = "X-Simulasi"
"""With a simulator's every answer. What bears it is shown as simulated, whatever the configuration says."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """``register``: its name for people; ``detail`` is for operators and names nobody."""

    register: str
    why: Why
    detail: str = ""
    simulated: bool = False

    @property
    def title(self) -> str:
        """What is the matter."""
        return WORDS[self.why][0].format(name=self.register)

    @property
    def remedy(self) -> str:
        """What to do."""
        return WORDS[self.why][1]


def mark(register: str) -> str:
    """What stands on every page that shows something simulated."""
    return f"SIMULASI — bukan data {register}"
