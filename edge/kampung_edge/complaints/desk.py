"""Complaints and suggestions: in the spool before a ticket is shown, and told of to whoever has the ticket and its word."""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kampung_contract.complaint import (
    COMPLAINT,
    MOST_REPLY,
    MOST_TEXT,
    PREFIX,
    REPLY,
    SUGGESTION,
    TYPES,
    Complaint,
    Opening,
    Said,
    checked,
    event,
    opening,
)  # fmt: skip
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.tickets import read_ticket, read_word, ticket, word

from kampung_edge import remembering
from kampung_edge.clock import wall_ms
from kampung_edge.wrong_tries import Limit, WrongTries

log = structlog.get_logger("complaints")

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MOST_HOUR = 20
"""Of all three kinds: a kiosk stands in the open, and more than this is somebody's game."""
TICKET, KIOSK = Limit(5, 15 * 60), Limit(40, 3600)
"""Wrong words; proposals of the project: 36 bits are not found out so, and whoever mistypes soon goes on."""
KEPT_MS = 30 * DAY_MS
SESSION_MS = 15 * 60_000
"""So long after it was made the ticket can be printed; its word is never on this kiosk's disk, but on a slip that waits for the printer."""
NONCE = 12


@dataclass(frozen=True, slots=True)
class Sent:
    """What was written here on a day (ms UTC), by its name in the document; with the spool's epoch and the number of its pack."""

    name: str
    at: int
    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Made:
    """A complaint that was just made, for its slip. In memory only."""

    ticket: str
    word: str
    past: bool
    at: int


class Complaints:
    """Called by the kiosk's threads."""

    def __init__(
        self,
        path: Path,
        store: Callable[[dict[str, Any]], tuple[str, int]],
        waits: Callable[[str, int], bool],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """``store`` puts an event on the disk and gives the spool's epoch and the pack's number, ``waits`` whether it has yet to go.

        ``steady``: seconds on a clock that nobody sets.
        """
        self._path, self._store, self._waits = path, store, waits
        self._lock = threading.Lock()
        self._tries = WrongTries(TICKET, KIOSK, steady)
        self._kept: deque[Sent] = deque(remembering.read(self._path, Sent))
        self._made: dict[str, Made] = {}
        self._recent: deque[int] = deque(maxlen=MOST_HOUR)  # in memory: a restart forgets them

    def take(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``{ticket, word, sent, past}`` of a complaint; the same ``id`` again is the same one. ``past``: the village will not see it.

        Raises ``InvalidRequest``, ``KampungError`` ``too_many``, and ``StorageUnavailable`` when the disk does not take it.
        """
        now = wall_ms()
        said = _said(COMPLAINT, {**body, "at": now}, MOST_TEXT)
        assert isinstance(said, Complaint)  # by its type
        number, secret = ticket(PREFIX, said.id), word(said.id)
        name = opening(number, secret).name
        self._put(said, name, now)
        with self._lock:
            self._made = {k: m for k, m in self._made.items() if abs(now - m.at) < SESSION_MS}
            made = self._made.setdefault(number, Made(number, secret, said.past, now))
        return {"ticket": number, "word": secret, "sent": self._is_sent(name), "past": made.past}

    def suggest(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``{sent}`` of a suggestion. Raises as ``take``."""
        now = wall_ms()
        said = _said(SUGGESTION, {**body, "at": now}, MOST_TEXT)
        self._put(said, said.id, now)
        return {"sent": self._is_sent(said.id)}

    def follow(self, told: Mapping[str, Any] | None, number: str, secret: str) -> dict[str, Any]:
        """``{ticket, sent, told}``: how it stands. ``told`` is what the regency said, or None. Raises ``NotFound``, ``too_many``."""
        number, opened, found = self._open(told, number, secret)
        sent = self._is_sent(opened.name)
        return {"ticket": number, "sent": sent is None or sent, "told": None if found is None else _opened(found, opened)}

    def reply(self, told: Mapping[str, Any] | None, body: Mapping[str, Any]) -> dict[str, Any]:
        """What the writer says to the office. ``body``: ticket, word, act, text and an id. Raises as ``follow`` and ``take``."""
        number, opened, found = self._open(told, str(body.get("ticket", "")), str(body.get("word", "")))
        if found is None:
            raise NotFound(f"pengaduan {number} belum dibaca kantor; tunggu sampai ada kabarnya")
        may = _opened(found, opened)["may"]
        if body.get("act") not in may:
            said = "; ".join(may) or "tidak ada, pengaduan ini sudah ditutup"
            raise InvalidRequest(f"act = {str(body.get('act'))[:20]!r} tidak dapat dilakukan sekarang; yang dapat: {said}")
        now = wall_ms()
        fresh = {"id": body.get("id") or secrets.token_hex(16), "complaint": opened.name, "proof": opened.proof, "at": now}
        reply = _said(REPLY, {"act": body.get("act"), "text": body.get("text", ""), **fresh}, MOST_REPLY)
        self._put(reply, reply.id, now)
        return {"sent": self._is_sent(reply.id)}

    def made(self, number: str) -> Made:
        """One that was made here just now. Raises ``NotFound``."""
        with self._lock:
            made = self._made.get(read_ticket(PREFIX, number) or "")
        if made is None or abs(wall_ms() - made.at) > SESSION_MS:
            raise NotFound(f"pengaduan {number[:20]!r} tidak baru saja dibuat di kios ini; tiketnya hanya dicetak sesudah mengadu")
        return made

    def _open(self, told: Mapping[str, Any] | None, number: str, secret: str) -> tuple[str, Opening, Mapping[str, Any] | None]:
        plain = read_ticket(PREFIX, number[:40])
        if plain is None:
            raise InvalidRequest(f"{number[:24]!r} bukan nomor tiket; tulis seperti pada kertasnya, ADU-7K3M-Q2XA")
        if not read_word(secret[:60]):
            raise InvalidRequest("kata sandi belum ditulis; tiga kata pada kertas tiket, seperti buka-timo-sagu")
        if wait := self._tries.wait(plain):
            raise KampungError(f"kata sandi terlalu sering salah; coba lagi {wait} menit lagi", code="too_many")
        opened = opening(plain, secret[:60])
        found = next((c for c in (told or {}).get("complaints", []) if c.get("complaint") == opened.name), None)
        if found is None and self._is_sent(opened.name) is None:
            self._tries.wrong(plain)
            raise NotFound("tiket dan kata sandi ini tidak cocok, atau kabarnya belum sampai di kios ini; periksa keduanya sekali lagi")
        return plain, opened, found

    def _put(self, said: Said, name: str, now: int) -> None:
        with self._lock:
            if any(k.name == name for k in self._kept):
                return
            self._check_rate(now)
            epoch, seq = self._store(event(said))
            self._recent.append(now)
            self._kept.append(Sent(name, now - now % DAY_MS, epoch, seq))  # the day alone, and no line in the log: a minute here is a name
            self._write(now)

    def _is_sent(self, name: str) -> bool | None:
        with self._lock:
            found = next((k for k in self._kept if k.name == name), None)
        return None if found is None else not self._waits(found.epoch, found.seq)

    def _check_rate(self, now: int) -> None:
        mine = [at for at in self._recent if now - HOUR_MS < at <= now]
        if len(mine) >= MOST_HOUR:
            wait = (mine[-MOST_HOUR] + HOUR_MS - now) // 60_000 + 1
            raise KampungError(
                f"kios ini menerima {MOST_HOUR} pengaduan dan saran sejam; coba lagi {wait} menit lagi, atau ke loket", code="too_many"
            )

    def _write(self, now: int) -> None:
        while self._kept and now - self._kept[0].at > KEPT_MS:
            self._kept.popleft()
        remembering.write(self._path, self._kept)


def _said(kind: str, body: dict[str, Any], most: int) -> Said:
    text = body.get("text", "")
    if isinstance(text, str) and len(text) > most:
        raise InvalidRequest(
            f"tulisannya {_dots(len(text))} huruf; paling banyak {_dots(most)}: tulis yang terpenting, selebihnya ceritakan di kantor"
        )
    try:
        return checked(msgspec.convert({**body, "type": kind}, TYPES[kind]))
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidRequest(f"{kind}: {error}") from None


def _opened(found: Mapping[str, Any], opened: Opening) -> dict[str, Any]:
    """State, since, and what was sealed for whoever has ticket and word. What does not open is told without its words."""
    plain: dict[str, Any] = {"state": found.get("state"), "since": found.get("since"), "may": [], "note": ""}
    try:
        sealed = base64.b64decode(str(found.get("told", "")), validate=True)
        text = AESGCM(opened.key).decrypt(sealed[:NONCE], sealed[NONCE:], opened.name.encode())
        return plain | dict(msgspec.json.decode(text))
    except (InvalidTag, ValueError, binascii.Error, msgspec.DecodeError, TypeError):
        log.warning("complaints.unreadable", state=found.get("state"))
        return plain


def _dots(number: int) -> str:
    """As people here write it: 100.000."""
    return f"{number:,}".replace(",", ".")
