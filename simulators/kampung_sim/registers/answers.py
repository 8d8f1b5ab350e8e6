"""What the simulated registers say: Dukcapil's frame as programs in use know it, DTSEN's as ours (docs/registers.md)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from kampung_sim.registers.people import CODES, Entry, as_of

USER = "simulasi"
KEY = "simulasi"
MARK = {"X-Simulasi": "Smart Kampung"}
"""On every answer."""
SAYS = "SIMULASI: bukan data Dukcapil, bukan data DTSEN, bukan BSrE"
NOT_FOUND, LOGIN, QUOTA = "13", "03", "05"
RESPONSES = {
    "03": "Login Gagal", "05": "Kuota Akses Hari ini telah Habis", "11": "Data Ditemukan, Status Meninggal Dunia",
    "13": "Data Tidak Ditemukan", "14": "Data Ditemukan, Status Non Aktif",
}  # fmt: skip


def verified(entries: Mapping[str, Entry], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to ``CALL_VERIFY_BY_ELEMEN``."""
    if asked.get("USER_ID") != USER or asked.get("PASSWORD") != KEY:
        return coded(LOGIN)
    entry = entries.get(str(asked.get("NIK", "")))
    if entry is None:
        return coded(NOT_FOUND)
    if entry.state in ("deceased", "inactive"):
        return coded(CODES[entry.state])
    least = int(asked.get("TRESHOLD") or 100)
    content = {"NIK": "Sesuai"}
    alike = {"NAMA_LGKP": entry.name, "TMPT_LHR": entry.birthplace}
    same = {
        "TGL_LHR": entry.born.strftime("%d-%m-%Y"),
        "JENIS_KLMIN": {"L": "LAKI-LAKI", "P": "PEREMPUAN"}[entry.sex],
        "NO_KK": entry.kk,
    }
    for name, known in alike.items():
        if name in asked:
            percent = round(100 * difflib.SequenceMatcher(None, str(asked[name]).upper(), known.upper()).ratio())
            content[name] = f"{'Sesuai' if percent >= least else 'Tidak Sesuai'} ({percent})"
    for name, known in same.items():
        if name in asked:
            content[name] = "Sesuai" if str(asked[name]).upper() == known.upper() else "Tidak Sesuai"
    return framed(content)


def coded(code: str) -> dict[str, Any]:
    """An answer that is a code alone."""
    return framed({"RESPONSE_CODE": code, "RESPON": RESPONSES[code]})


def framed(content: Mapping[str, str]) -> dict[str, Any]:
    """As Dukcapil wraps what it says."""
    return {
        "content": [dict(content)], "lastPage": True, "numberOfElements": 1, "totalElements": 1, "firstPage": True, "number": 0, "size": 1,
        "SIMULASI": SAYS,
    }  # fmt: skip


def decile(entries: Mapping[str, Entry], nik: str) -> dict[str, Any]:
    """The answer of DTSEN; a family that is not in it has none."""
    entry = entries.get(nik)
    found = None if entry is None else entry.decile
    return {"desil": found, "tanggal": None if found is None else as_of().isoformat(), "SIMULASI": SAYS}
