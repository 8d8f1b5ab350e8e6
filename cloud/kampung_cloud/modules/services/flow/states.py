"""The states of a request, and who may lead it from one to another. Pure: what is written, and where, is not decided here.

More than the field has (norms, letter flow): a request that lacks one thing comes back to where it was, and every state has its clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kampung_cloud.modules.services.catalogue.definition import Service

State = Literal["submitted", "checking", "returned", "waiting_signature", "forwarded", "ready", "handed_over", "rejected", "cancelled"]
Act = Literal[
    "take", "approve", "return", "resubmit", "reject", "cancel", "sign", "send_back", "arrived", "came_back", "hand_over", "expire"
]
Who = Literal["pemohon", "petugas", "sekdes", "kades", "sistem"]

OPEN: tuple[State, ...] = ("submitted", "checking", "returned", "waiting_signature", "forwarded", "ready")
CLOSED: tuple[State, ...] = ("handed_over", "rejected", "cancelled")
VILLAGE: frozenset[State] = frozenset({"submitted", "checking", "waiting_signature"})
"""States whose time is the village's: neither the resident's nor that of whoever decides elsewhere."""

TITLES: dict[State, str] = {
    "submitted": "Diterima",
    "checking": "Sedang diperiksa",
    "returned": "Perlu dilengkapi",
    "waiting_signature": "Menunggu tanda tangan",
    "forwarded": "Diteruskan",
    "ready": "Siap diambil",
    "handed_over": "Sudah diserahkan",
    "rejected": "Ditolak",
    "cancelled": "Dibatalkan",
}

SAYS_WHY: frozenset[Act] = frozenset({"return", "reject", "send_back", "came_back", "cancel"})
"""Acts that need a reason in words the resident reads."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request stands. ``step``: how many of the service's checks are done. ``back``: where a returned one goes on."""

    state: State
    step: int = 0
    back: State | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an act is not possible here, in words for the person who tried it."""

    reason: str


def next_place(service: Service, at: Place, act: Act, who: Who, note: str = "") -> Place | Refused:
    """Where ``act`` by ``who`` leads. ``note`` is the reason, where one is needed."""
    if at.state in CLOSED:
        return Refused(f"permohonan sudah selesai ({TITLES[at.state].lower()}); buat permohonan baru")
    if who not in allowed(service, at).get(act, ()):
        return Refused(_why_not(service, at, act, who))
    if act in SAYS_WHY and not note.strip():
        return Refused("alasan belum ditulis; tulis satu kalimat yang dapat dibaca pemohon")
    match act:
        case "take":
            return Place("checking")
        case "approve":
            step = at.step + 1
            if step < len(service.verifies):
                return Place("checking", step)
            return Place("waiting_signature" if service.kind == "letter" else "forwarded", step)
        case "return":
            return Place("returned", at.step, "checking")
        case "came_back":
            return Place("returned", at.step, "forwarded")
        case "resubmit":
            return Place(at.back or "checking", at.step)
        case "send_back":
            return Place("checking", max(0, at.step - 1))
        case "sign" | "arrived":
            return Place("ready", at.step)
        case "hand_over":
            return Place("handed_over", at.step)
        case "reject":
            return Place("rejected", at.step)
        case "cancel" | "expire":
            return Place("cancelled", at.step)


def allowed(service: Service, at: Place) -> dict[Act, tuple[Who, ...]]:
    """Acts that are possible here, with who may do them."""
    checks: tuple[Who, ...] = (service.verifies[at.step],) if at.step < len(service.verifies) else ()
    signs: tuple[Who, ...] = (service.signs,) if service.signs else ()
    match at.state:
        case "submitted":
            return {"take": ("petugas", "sistem"), "cancel": ("pemohon", "petugas")}
        case "checking":
            return {"approve": checks, "return": checks, "reject": checks, "cancel": ("pemohon", "petugas")}
        case "returned":
            return {"resubmit": ("pemohon", "petugas"), "cancel": ("pemohon", "petugas"), "expire": ("sistem",)}
        case "waiting_signature":
            return {"sign": signs, "send_back": signs, "reject": signs, "cancel": ("pemohon",)}
        case "forwarded":
            return {"arrived": ("petugas", "sistem"), "came_back": ("petugas", "sistem"), "reject": ("petugas",)}
        case "ready":
            return {"hand_over": ("petugas", "pemohon")}
        case _:
            return {}


def _why_not(service: Service, at: Place, act: Act, who: Who) -> str:
    may = allowed(service, at).get(act)
    here = TITLES[at.state].lower()
    if may is None:
        return f"permohonan ini {here}; yang dapat dilakukan: {', '.join(allowed(service, at)) or 'tidak ada'}"
    return f"permohonan ini {here}; yang berhak: {', '.join(may)}, bukan {who}"
