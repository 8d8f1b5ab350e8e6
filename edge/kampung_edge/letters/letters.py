"""A letter from the regency to the paper: asked for, opened in memory, printed, and said to be out. Nothing of it is on this disk."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from kampung_contract.errors import InvalidRequest, KampungError, NotFound, StorageUnavailable
from kampung_contract.letter_print import LIFE_MS, LetterPrinted, LetterWanted, decode_answer, event, info
from kampung_contract.service_request import parse_reference
from kampung_contract.topics import Topic

from kampung_edge.clock import wall_ms
from kampung_edge.identity.own_key import SUITE
from kampung_edge.identity.session import Identified
from kampung_edge.letters.page_printer import PagePrinter, PrinterAway
from kampung_edge.letters.setting import LetterPrinterSetting

log = structlog.get_logger("letters")

MOST_KEPT = 20
LOOK_S = 1.5
AWAY = "Pencetak surat tidak menjawab. Panggil petugas, atau ambil surat di loket."
OFFLINE = "Jaringan putus. Surat dapat dicetak setelah tersambung, atau diambil di loket."
LATE = "Kantor belum menjawab. Coba lagi sebentar, atau ambil surat di loket."
FAILED = "Pencetak membatalkan surat ini. Panggil petugas, lalu coba lagi."


@dataclass(slots=True)
class Wanted:
    """One asking. ``state``: asking, printing, done, failed (then ``why``); ``trouble`` as ``PagePrinter`` says it."""

    id: str
    reference: str
    key: X25519PrivateKey | None
    begun: float
    state: str = "asking"
    trouble: str = ""
    why: str = ""

    def object(self) -> dict[str, str]:
        """For the page."""
        return {"job": self.id, "reference": self.reference, "state": self.state, "trouble": self.trouble, "why": self.why}


class Letters:
    """Called by the kiosk's threads; ``received`` by the link's. A thread for each letter that prints, and one letter at a time."""

    def __init__(self, setting: LetterPrinterSetting, node: str, store: Callable[[dict[str, Any]], Any], up: Callable[[], bool]) -> None:
        """``store`` puts an event on the disk; ``up``: whether there is a link."""
        self._setting, self._node, self._store, self._up = setting, node, store, up
        self._printer = PagePrinter(setting)
        self._lock = threading.Lock()
        self._wanted: dict[str, Wanted] = {}

    def want(self, who: Identified, text: str) -> dict[str, str]:
        """Ask for a letter of his. Raises ``InvalidRequest``, ``NotFound``, ``KampungError`` ``busy``, ``StorageUnavailable``."""
        reference = parse_reference(text)
        if not who.person or who.way == "staff" or who.first:
            raise NotFound("surat dicetak di kios oleh pemohonnya sendiri, dengan PIN; tanpa itu ambil di loket")
        if not self._up():
            raise StorageUnavailable(OFFLINE)
        with self._lock:
            self._forget()
            for each in self._wanted.values():
                if each.state in {"asking", "printing"}:
                    if each.reference == reference:
                        return each.object()  # a finger that touched twice
                    raise KampungError("surat lain sedang dicetak; tunggu sampai selesai", code="too_many")
            key = X25519PrivateKey.generate()
            made = Wanted(secrets.token_hex(16), reference, key, time.monotonic())
            self._wanted[made.id] = made
        said = LetterWanted(made.id, reference, who.person, key.public_key().public_bytes_raw(), wall_ms())
        try:
            self._store(event(said))
        except KampungError:
            self._wanted.pop(made.id, None)
            raise
        log.info("letter.wanted")
        return made.object()

    def job(self, number: str) -> dict[str, str]:
        """How it gets on. Raises ``NotFound``."""
        with self._lock:
            self._forget()
            found = self._wanted.get(number)
        if found is None:
            raise NotFound(f"cetakan {number[:12]!r} tidak dikenal di kios ini; mulai lagi dari Data saya")
        return found.object()

    def received(self, topic: str, payload: bytes, retained: bool) -> None:
        """What the regency answers; from the link's thread. Raises ``KampungError`` for what is no answer."""
        answer = decode_answer(payload)
        if retained or Topic.parse(topic).name != answer.id:
            raise InvalidRequest(f"{topic}: an answer to something else")
        with self._lock:
            found = self._wanted.get(answer.id)
            if found is None or found.state != "asking" or found.key is None:
                return  # nobody waits for it any more
            if not answer.body:
                self._end(found, answer.why or LATE)
                return
            key, found.key = found.key, None
            try:
                pdf = SUITE.decrypt(answer.body, key, info=info(answer.id, self._node).encode())
            except (InvalidTag, ValueError):
                self._end(found, LATE)
                log.warning("letter.not_for_us")
                return
            found.state = "printing"
        threading.Thread(target=self._print, args=(found, pdf), name="letter", daemon=True).start()

    def _print(self, wanted: Wanted, pdf: bytes) -> None:
        try:
            number = self._printer.begin(pdf, f"Surat {wanted.reference}")
            del pdf
            until = time.monotonic() + self._setting.patience_s
            while True:
                progress = self._printer.look(number)
                wanted.trouble = progress.trouble
                if progress.state == "done":
                    break
                if progress.state == "failed" or time.monotonic() > until:
                    self._end(wanted, FAILED if progress.state == "failed" else AWAY)
                    return
                time.sleep(LOOK_S)
        except PrinterAway as error:
            log.warning("letter.printer_away", reason=error.message)
            self._end(wanted, AWAY)
            return
        wanted.state, wanted.trouble = "done", ""
        log.info("letter.printed")
        try:
            self._store(event(LetterPrinted(wanted.id, wanted.reference, wall_ms())))
        except KampungError as error:
            log.warning("letter.untold", reason=error.message)  # the counter hands it over, then

    @staticmethod
    def _end(wanted: Wanted, why: str) -> None:
        wanted.state, wanted.why, wanted.key, wanted.trouble = "failed", why, None, ""

    def _forget(self) -> None:
        now = time.monotonic()
        for each in list(self._wanted.values()):
            if each.state == "asking" and now - each.begun > LIFE_MS / 1000:
                self._end(each, LATE)
        while len(self._wanted) > MOST_KEPT:
            del self._wanted[next(iter(self._wanted))]
