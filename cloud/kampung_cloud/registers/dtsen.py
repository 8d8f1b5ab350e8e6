"""DTSEN by the smallest frame there could be: a NIK goes out, a decile and its day come back.

No interface of DTSEN to villages is published: this frame is ours, and a real one needs another adapter beside this (docs/registers.md).
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from kampung_contract.errors import ConfigurationError

from kampung_cloud.registers.answer import Unanswered
from kampung_cloud.registers.asking import Asking
from kampung_cloud.registers.settings import DtsenSettings
from kampung_cloud.registers.welfare import Decile

NAME = "DTSEN"
MOST = 16 * 1024


class Dtsen:
    """May be asked by many threads."""

    name, connected = NAME, True

    def __init__(self, settings: DtsenSettings, asking: Asking | None = None) -> None:
        self._settings = settings
        self.simulated = settings.simulated
        self._asking = asking or Asking(NAME, settings.timeout_s, MOST, ca_file=settings.ca_file)

    def decile(self, nik: str) -> Decile | Unanswered:
        """As the protocol says."""
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._settings.key()}"}
        except ConfigurationError as error:
            return Unanswered(NAME, "refused", error.message, self.simulated)
        reply = self._asking.post(f"{self._settings.url.rstrip('/')}/desil", json.dumps({"nik": nik}).encode(), headers)
        if isinstance(reply, Unanswered):
            return Unanswered(NAME, reply.why, reply.detail, self.simulated)
        return read(reply.status, reply.body, self.simulated or reply.marked)

    def close(self) -> None:
        """As the protocol says."""
        self._asking.close()


def read(status: int, body: bytes, simulated: bool = False) -> Decile | Unanswered:
    """Out of bytes, whatever they are."""
    if status in (401, 403):
        return Unanswered(NAME, "refused", f"answers {status}", simulated)
    if status == 429:
        return Unanswered(NAME, "quota", "answers 429", simulated)
    found = _object(body) if status == 200 else None
    decile = None if found is None else found.get("desil", "")
    if found is not None and decile is None:
        return Decile(None, None, simulated)  # said outright; a 404 may be an address that was written wrong
    if found is None or not isinstance(decile, int) or isinstance(decile, bool) or not 1 <= decile <= 10:
        return Unanswered(NAME, "unreadable", f"answers {status} without a decile from 1 to 10", simulated)
    try:
        as_of = date.fromisoformat(str(found.get("tanggal")))
    except ValueError:
        return Unanswered(NAME, "unreadable", "the decile has no day", simulated)
    return Decile(decile, as_of, simulated)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
