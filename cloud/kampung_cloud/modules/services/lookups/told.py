"""What a register said, in words for staff, with its label. Nothing here decides about a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kampung_cloud.modules.services.letters.words import day as day_text
from kampung_cloud.registers.answer import Unanswered
from kampung_cloud.registers.population import STATUSES, TITLES, Match, Verified
from kampung_cloud.registers.welfare import Decile

COMPARE = "Bandingkan dengan KTP dan KK asli. Ini peringatan; permohonan tidak ditolak karenanya."
ADVISES = "Desil hanya keterangan; yang memutuskan tetap petugas dan kepala desa (UU 27/2022 Ps 10)."
ABSENT = "Keluarga ini tidak tercatat di DTSEN. Warga dapat mengusulkannya lewat layanan sanggah dan usul DTSEN."


def plain(answer: Verified | Decile) -> dict[str, Any]:
    """To be sealed."""
    if isinstance(answer, Decile):
        return {"decile": answer.decile, "as_of": answer.as_of.isoformat() if answer.as_of else None}
    return {"status": answer.status, "matches": [[m.field, m.agrees, m.likeness] for m in answer.matches]}


def opened(found: Mapping[str, Any], simulated: bool) -> Verified | Decile:
    """What ``plain`` made."""
    if "status" in found:
        return Verified(found["status"], tuple(Match(*m) for m in found["matches"]), simulated)
    return Decile(found["decile"], date.fromisoformat(found["as_of"]) if found["as_of"] else None, simulated)


def words(answer: Verified | Decile | Unanswered) -> dict[str, Any]:
    """``text`` in one sentence, ``remedy`` what to do, ``warns`` whether to look again, ``fields`` one by one."""
    if isinstance(answer, Unanswered):
        return {"text": answer.title, "remedy": answer.remedy, "warns": True, "fields": [], "decile": None}
    if isinstance(answer, Decile):
        return _decile(answer)
    apart = [TITLES[m.field] for m in answer.matches if m.agrees is False]
    silent = [TITLES[m.field] for m in answer.matches if m.agrees is None]
    if answer.status != "found":
        text = STATUSES[answer.status]
    elif apart:
        text = f"{', '.join(apart)} berbeda dari catatan Dukcapil."
    elif silent:
        text = f"Yang dijawab cocok; {', '.join(silent)} tidak dijawab."
    else:
        text = "Semua yang ditanyakan cocok dengan catatan Dukcapil."
    warns = not answer.agrees
    fields = [{"field": m.field, "title": TITLES[m.field], "agrees": m.agrees, "text": _match(m)} for m in answer.matches]
    return {"text": text, "remedy": COMPARE if warns else "", "warns": warns, "fields": fields, "decile": None}


def _decile(answer: Decile) -> dict[str, Any]:
    if answer.decile is None or answer.as_of is None:
        text = ABSENT
    else:
        text = f"Desil {answer.decile} dari 10 (1 paling miskin), keadaan {day_text(answer.as_of)}."
    return {"text": text, "remedy": ADVISES, "warns": False, "fields": [], "decile": answer.decile}


def _match(m: Match) -> str:
    if m.agrees is None:
        return "tidak dijawab"
    like = f" (mirip {m.likeness} dari 100)" if m.likeness is not None and m.likeness < 100 else ""
    return f"{'cocok' if m.agrees else 'berbeda'}{like}"
