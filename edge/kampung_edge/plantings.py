"""Trees that people registered at this kiosk, and whether a tree or a pledge is good, with the link or without.

Each registration is in the spool before its code is shown. Nothing that was said of a person is kept here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
import structlog
from kampung_contract.errors import InvalidEvent, InvalidRequest, KampungError, NotFound
from kampung_contract.planting import TYPE, TreePlanting, event, parse_event
from kampung_contract.times import WIB
from kampung_contract.tree_code import new_code, parse_code, shown

from kampung_edge import remembering
from kampung_edge.clock import wall_ms

log = structlog.get_logger("plantings")

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MOST_HOUR = 60
"""A school class plants in an hour; more is somebody's game."""
KEPT_MS = 90 * DAY_MS
STATUSES = {"d": "ditanam", "h": "hidup", "t": "tumbuh", "m": "mati", "g": "diganti"}
"""As the regency's document writes them."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A registration by its id, at ms UTC, with the spool's epoch and the number of its pack."""

    id: str
    code: str
    at: int
    epoch: str
    seq: int


class Plantings:
    """Called by the kiosk's threads."""

    def __init__(self, path: Path, store: Callable[[dict[str, Any]], tuple[str, int]], waits: Callable[[str, int], bool]) -> None:
        """``store`` puts an event on the disk and gives the spool's epoch and the pack's number, ``waits`` whether it has yet to go."""
        self._path, self._store, self._waits = path, store, waits
        self._lock = threading.Lock()
        self._kept = remembering.read(self._path, Planted)

    def plant(self, document: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """The tree's new code, its QR code for the tag and whether it is sent; the same ``id`` again is the same tree.

        ``document`` is the regency's of the village's trees. Raises ``InvalidRequest``, ``KampungError`` ``too_many``, and
        ``StorageUnavailable`` when the disk does not take it.
        """
        now = wall_ms()
        with self._lock:
            known = next((k for k in self._kept if k.id == body.get("id")), None)
            if known is None:
                known = self._new(document, body, now)
        base = str(document.get("address") or "")
        qr = segno.make(f"{base}/pohon/{known.code}" if base else known.code, error="q", micro=False)
        return {"code": known.code, "qr": qr.svg_data_uri(scale=8, border=2), "sent": not self._waits(known.epoch, known.seq)}

    def _new(self, document: dict[str, Any], body: dict[str, Any], now: int) -> Planted:
        taken = {*document.get("codes", []), *(k.code for k in self._kept)}
        while (code := new_code()) in taken:
            pass
        given = {name: value for name, value in body.items() if value not in (None, "")}
        try:
            said = parse_event({**given, "type": TYPE, "code": code, "at": now})
        except InvalidEvent as error:
            raise InvalidRequest(error.message.removeprefix(f"not a {TYPE} event: ").partition("; it is ")[0]) from None
        if said is None:  # pragma: no cover - the type is given above
            raise InvalidRequest("not a registration")
        self._check(document, said, now)
        epoch, seq = self._store(event(said))
        made = Planted(said.id, code, now, epoch, seq)
        self._kept = [k for k in self._kept if now - k.at <= KEPT_MS] + [made]
        self._write()
        log.info("tree.registered", code=code)
        return made

    def _check(self, document: dict[str, Any], said: TreePlanting, now: int) -> None:
        today = datetime.fromtimestamp(now / 1000, WIB).date().isoformat()
        if said.planted > today:
            raise InvalidRequest(f"planted = {said.planted}: that day is still to come; register the tree when it stands")
        if said.plot and said.plot not in {p.get("id") for p in document.get("plots", [])}:
            raise InvalidRequest(f"plot = {said.plot!r}: the village has no such plot, or the kiosk has not heard of it yet")
        if sum(now - HOUR_MS < k.at <= now for k in self._kept) >= MOST_HOUR:
            raise KampungError(f"this kiosk takes {MOST_HOUR} trees an hour; try again later, or register by phone", code="too_many")

    def look(self, document: dict[str, Any], text: str) -> dict[str, Any]:
        """What is known here of a tree or a pledge by its code. ``kind``: tree or pledge.

        Raises ``InvalidRequest`` for what is no code, ``NotFound`` for one that this kiosk has not heard of.
        """
        code = parse_code(text)
        codes: list[str] = document.get("codes", [])
        mine = next((k for k in self._kept if k.code == code), None)
        if code in codes:
            return {"kind": "tree", "code": code, "status": STATUSES.get(document["statuses"][codes.index(code)], ""), "sent": True}
        pledge = next((p for p in document.get("pledges", []) if p.get("code") == code), None)
        if pledge is not None:
            return {"kind": "pledge", "code": code, "due": pledge["due"], "letter": pledge["letter"], "kept": pledge["kept"], "sent": True}
        if mine is not None:
            return {"kind": "tree", "code": code, "status": "ditanam", "sent": not self._waits(mine.epoch, mine.seq)}
        raise NotFound(f"{shown(code)} is not known at this kiosk: it may be of another village, or newer than what the kiosk has heard")

    def _write(self) -> None:
        remembering.write(self._path, self._kept)
