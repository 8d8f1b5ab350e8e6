"""Dukcapil's web service *verify by element*: names of fields go out, *Sesuai* or *Tidak Sesuai* comes back for each.

The frame is that of programs in use (docs/registers.md, mark S): no text of Dukcapil's own was read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from kampung_contract.errors import ConfigurationError

from kampung_cloud.registers.answer import Unanswered, Why
from kampung_cloud.registers.asking import Asking
from kampung_cloud.registers.population import Field, Known, Match, Status, Verified
from kampung_cloud.registers.settings import DukcapilSettings

NAME = "Dukcapil"
METHOD = "CALL_VERIFY_BY_ELEMEN"
MOST = 64 * 1024
ELEMENTS: dict[Field, str] = {
    "nik": "NIK", "name": "NAMA_LGKP", "birthplace": "TMPT_LHR", "born": "TGL_LHR", "sex": "JENIS_KLMIN", "kk": "NO_KK",
}  # fmt: skip
SEXES = {"L": "Laki-laki", "P": "Perempuan"}

STATUS_OF: dict[str, Status] = {
    "08": "not_found", "11": "deceased", "12": "several", "13": "not_found", "14": "inactive", "15": "not_found",
}  # fmt: skip
WHY_OF: dict[str, Why] = {"05": "quota", **dict.fromkeys(("03", "04", "06", "07", "09", "10", "16", "17"), "refused")}
"""By RESPONSE_CODE."""

SAID: tuple[tuple[str, Why | Status], ...] = (
    ("kuota", "quota"), ("tidak ditemukan", "not_found"), ("login", "refused"), ("ip ", "refused"), ("user", "refused"),
    ("meninggal", "deceased"), ("ganda", "several"), ("aktif", "inactive"),
)  # fmt: skip
"""Where there is no code: a word of RESPON, and what it means; the first that is in it counts."""
AGREES = re.compile(r"\s*(tidak\s+)?sesuai\s*(?:\(\s*([0-9]{1,3})\s*\))?\s*", re.IGNORECASE)


class Dukcapil:
    """May be asked by many threads."""

    name, connected = NAME, True

    def __init__(self, settings: DukcapilSettings, asking: Asking | None = None) -> None:
        self._settings = settings
        self.simulated = settings.simulated
        self._asking = asking or Asking(NAME, settings.timeout_s, MOST, ca_file=settings.ca_file)

    def verify(self, known: Known) -> Verified | Unanswered:
        """As the protocol says."""
        try:
            secret = self._settings.key()
        except ConfigurationError as error:
            return Unanswered(NAME, "refused", error.message, self.simulated)
        asked = {
            "USER_ID": self._settings.user, "PASSWORD": secret, "IP_USER": self._settings.ip,
            "TRESHOLD": str(self._settings.threshold), **elements(known),
        }  # fmt: skip
        url = f"{self._settings.url.rstrip('/')}/{METHOD}"
        reply = self._asking.post(url, json.dumps(asked).encode(), {"Content-Type": "application/json"})
        if isinstance(reply, Unanswered):
            return Unanswered(NAME, reply.why, reply.detail, self.simulated)
        return read(reply.status, reply.body, known, self.simulated or reply.marked)

    def close(self) -> None:
        """As the protocol says."""
        self._asking.close()


def elements(known: Known) -> dict[str, str]:
    """What is sent of a person: nothing that the office does not have."""
    said = {
        "nik": known.nik, "name": known.name.upper(), "birthplace": known.birthplace.upper(),
        "born": known.born.strftime("%d-%m-%Y") if known.born else "", "sex": SEXES.get(known.sex, ""), "kk": known.kk,
    }  # fmt: skip
    return {ELEMENTS[name]: said[name] for name in known.fields if said[name]}


def read(status: int, body: bytes, known: Known, simulated: bool = False) -> Verified | Unanswered:
    """Out of bytes, whatever they are."""
    if status in (401, 403):
        return Unanswered(NAME, "refused", f"answers {status}", simulated)
    if status == 429:
        return Unanswered(NAME, "quota", "answers 429", simulated)
    if status != 200:
        return Unanswered(NAME, "unreadable", f"answers {status}", simulated)
    content = _content(body)
    if content is None:
        return Unanswered(NAME, "unreadable", "no JSON with content", simulated)
    code = str(content.get("RESPONSE_CODE", ""))
    said = str(content.get("RESPON") or content.get("RESPONSE") or "")
    if code in WHY_OF:
        return Unanswered(NAME, WHY_OF[code], f"code {code}", simulated)
    if code in STATUS_OF:
        return Verified(STATUS_OF[code], _matches(content, known) if code == "12" else (), simulated)
    matches = _matches(content, known)
    if any(m.agrees is not None for m in matches):
        return Verified("found", matches, simulated)
    return _said(said, simulated)


def _said(said: str, simulated: bool) -> Verified | Unanswered:
    """Where it gave words alone."""
    meant = next((means for word, means in SAID if word in f"{said.lower()} "), None)
    match meant:
        case "quota" | "refused":
            return Unanswered(NAME, meant, "said in words", simulated)
        case "not_found" | "deceased" | "several" | "inactive":
            return Verified(meant, (), simulated)
        case _:
            return Unanswered(NAME, "unreadable", "neither fields nor a known reason", simulated)


def _content(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    content = found.get("content") if isinstance(found, dict) else None
    first = content[0] if isinstance(content, list) and content else None
    return first if isinstance(first, dict) else None


def _matches(content: Mapping[str, Any], known: Known) -> tuple[Match, ...]:
    return tuple(_match(name, content.get(ELEMENTS[name])) for name in known.fields)


def _match(name: Field, said: object) -> Match:
    found = AGREES.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        return Match(name, None)
    percent = None if found[2] is None else min(int(found[2]), 100)
    return Match(name, found[1] is None, percent)
