"""Accounts for trying out the simulated village: labelled, made at its first start, with passwords of its own folder."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = "accounts.json"
ACCOUNTS = {
    "operator-contoh": ("Operator (contoh)", ["operator"], False),
    "petugas-contoh": ("Siti (contoh)", ["petugas"], True),
    "kades-contoh": ("Kepala desa (contoh)", ["kades"], True),
    "verifikator-contoh": ("Verifikator (contoh)", ["verifikator"], True),
    "officer-contoh": ("Pegawai kabupaten (contoh)", ["officer"], False),
    "inspektur-contoh": ("Inspektur (contoh)", ["inspektur"], False),
}
"""Name, roles, whether it is the village's."""
WORDS = [
    "awan",
    "bakau",
    "bambu",
    "belimbing",
    "bintang",
    "bukit",
    "cempaka",
    "damar",
    "danau",
    "delima",
    "duku",
    "dusun",
    "embun",
    "gambir",
    "gamelan",
    "garam",
    "gunung",
    "hutan",
    "jagung",
    "jambu",
    "kakao",
    "kapal",
    "kayu",
    "kebun",
    "kelapa",
    "kenanga",
    "kerang",
    "kopi",
    "kunyit",
    "ladang",
    "lesung",
    "lontar",
    "madu",
    "mangga",
    "melati",
    "nanas",
    "nelayan",
    "ombak",
    "padi",
    "pandan",
    "pantai",
    "pasar",
    "pelita",
    "perahu",
    "pisang",
    "rambutan",
    "rotan",
    "salak",
    "sawah",
    "sungai",
    "surau",
    "tambak",
    "tebu",
    "teluk",
    "tenun",
    "teratai",
    "tirta",
    "ulin",
    "wayang",
]
"""Four of them are 23 bits: enough on this machine alone, where attempts wait."""

Ask = Callable[[str, str, dict[str, Any] | None], Any]


def ensure(ask: Ask, state: Path, village: str) -> dict[str, str]:
    """Make what is missing; passwords by account, as ``state/accounts.json`` (for its owner alone) keeps them."""
    file = state / FILE
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    there = {each["id"] for each in ask("GET", "/api/v1/accounts", None)}
    for name, (title, roles, local) in ACCOUNTS.items():
        if name in known and name in there:
            continue
        known[name] = " ".join(secrets.choice(WORDS) for _ in range(4))
        body: dict[str, Any] = {"password": known[name], "temporary": False}
        if name in there:
            ask("POST", f"/api/v1/accounts/{name}/password", body)
        else:
            ask("POST", "/api/v1/accounts", body | {"id": name, "name": title, "roles": roles, "village": village if local else None})
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(known, out, indent=2)
    return known
