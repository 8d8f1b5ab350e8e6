"""How a complaint stands, and who may lead it on. Pure: no clock, no records."""

from __future__ import annotations

from typing import Literal

from kampung_contract.complaint import About
from kampung_contract.errors import InvalidRequest, KampungError

State = Literal["received", "checking", "asked", "answered", "dismissed", "closed", "lapsed", "withdrawn"]
Act = Literal["take", "ask", "answer", "dismiss", "forward", "supply", "object", "accept", "withdraw", "close", "lapse"]
Who = Literal["office", "writer", "system"]
Office = Literal["village", "inspectorate"]

TITLES: dict[State, str] = {
    "received": "Diterima",
    "checking": "Sedang ditelaah",
    "asked": "Menunggu kelengkapan dari pengadu",
    "answered": "Sudah dijawab",
    "dismissed": "Tidak ditindaklanjuti",
    "closed": "Selesai",
    "lapsed": "Ditutup: tidak dilengkapi",
    "withdrawn": "Dicabut pengadu",
}
ABOUT: dict[About, str] = {
    "service": "Layanan terlambat atau tidak sesuai",
    "letter": "Isi surat salah",
    "conduct": "Sikap petugas",
    "facility": "Sarana dan tempat",
    "fee": "Diminta membayar",
}
OFFICES: dict[Office, str] = {"village": "Kantor desa", "inspectorate": "Inspektorat kabupaten"}
OPEN: tuple[State, ...] = ("received", "checking", "asked", "answered", "dismissed")
"""With something yet to come; the office's own are the first two."""
BUSY: frozenset[State] = frozenset({"received", "checking"})
WRITER: frozenset[Act] = frozenset({"supply", "object", "accept", "withdraw"})
SAYS: frozenset[Act] = frozenset({"ask", "answer", "dismiss", "forward", "supply", "object"})
"""Acts that need words."""
LEAST_WORDS = 10

NEXT: dict[State, dict[Act, tuple[Who, State]]] = {
    "received": {
        "take": ("office", "checking"), "ask": ("office", "asked"), "answer": ("office", "answered"), "dismiss": ("office", "dismissed"),
        "forward": ("office", "received"), "withdraw": ("writer", "withdrawn"),
    },
    "checking": {
        "ask": ("office", "asked"), "answer": ("office", "answered"), "dismiss": ("office", "dismissed"), "forward": ("office", "received"),
        "withdraw": ("writer", "withdrawn"),
    },
    "asked": {
        "supply": ("writer", "checking"), "answer": ("office", "answered"), "withdraw": ("writer", "withdrawn"),
        "lapse": ("system", "lapsed"),
    },
    "answered": {"object": ("writer", "checking"), "accept": ("writer", "closed"), "close": ("system", "closed")},
    "dismissed": {"object": ("writer", "checking"), "accept": ("writer", "closed"), "close": ("system", "closed")},
    "closed": {},
    "lapsed": {},
    "withdrawn": {},
}  # fmt: skip


class Conflict(KampungError):
    """Not possible from where the complaint stands, or somebody else has led it on in the meantime."""

    code = "conflict"


def next_state(state: State, act: Act, who: Who, note: str, *, office: Office, objected: bool) -> State:
    """Where ``act`` leads. ``objected``: its writer has objected once, and may not again.

    Raises ``Conflict`` for what is not possible, ``InvalidRequest`` for one without its words.
    """
    if act not in possible(state, who, office=office, objected=objected):
        may = ", ".join(possible(state, who, office=office, objected=objected)) or "tidak ada"
        raise Conflict(f"pengaduan ini {TITLES[state].lower()}: {act!r} tidak dapat dilakukan; yang dapat: {may}")
    if act in SAYS and len(note.strip()) < LEAST_WORDS:
        raise InvalidRequest(f"note: tulis paling sedikit {LEAST_WORDS} huruf yang dapat dibaca pengadu")
    return NEXT[state][act][1]


def possible(state: State, who: Who, *, office: Office, objected: bool) -> list[Act]:
    """What ``who`` may do now."""
    return [
        act
        for act, (whose, _) in NEXT[state].items()
        if whose == who and not (act == "object" and objected) and not (act == "forward" and office == "inspectorate")
    ]
