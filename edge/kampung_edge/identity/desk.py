"""Finding out who stands at the kiosk, by the roll that the regency sealed for it; works without a line."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kampung_contract.documents import Content
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.roll import INFO, PIN_LENGTH, Helper, Known, PinChange, Roll, card, check_pin, decode, event, sealed, short
from kampung_contract.service_request import parse_reference

from kampung_edge import whole_file
from kampung_edge.clock import wall_ms
from kampung_edge.identity import pins
from kampung_edge.identity.attempts import Attempts
from kampung_edge.identity.own_key import OwnKey
from kampung_edge.identity.session import Identified, Sessions, Way

log = structlog.get_logger("identity")

NONCE = 12
UNKNOWN = {
    "pin": "NIK atau PIN tidak cocok. Periksa lagi, atau minta dibantu petugas. Belum punya PIN? Petugas di loket memberikannya.",
    "card": "Kartu atau PIN tidak cocok. Coba dengan NIK, atau minta dibantu petugas.",
    "receipt": "Nomor tanda terima atau PIN tidak cocok. Coba dengan NIK, atau minta dibantu petugas.",
    "staff": "PIN petugas tidak cocok.",
}


class NotKnown(KampungError):
    """Nobody on the roll fits. It does not say what was wrong."""

    code = "not_known"


@dataclass(frozen=True, slots=True)
class _Book:
    """A roll, to look up in."""

    roll: Roll
    by_id: Mapping[str, Known]
    by_nik: Mapping[int, list[Known]]
    by_card: Mapping[int, list[Known]]
    by_request: Mapping[str, Known]
    staff: Mapping[str, Helper]


class _Changed(msgspec.Struct, frozen=True):
    """A PIN that was changed here, until the roll is another than that of ``base``, its salt."""

    base: bytes
    salt: bytes
    pin: bytes


class Identity:
    """Called by the kiosk's threads; ``follow`` by the link's."""

    def __init__(self, folder: Path, village: str, node: str, store: Callable[[dict[str, Any]], Any]) -> None:
        """``store`` puts an event on the disk."""
        self._village, self._node, self._store = village, node, store
        self.key = OwnKey(folder / "kiosk.key")
        self.attempts = Attempts(folder / "attempts.json")
        self.sessions = Sessions()
        self._changed_path = folder / "pins.json"
        self._lock = threading.Lock()
        self._changed: dict[str, _Changed] = self._read()
        self._book: _Book | None = None

    def follow(self, content: Content) -> None:
        """A new roll. One that cannot be opened leaves the one before in force; never raises."""
        try:
            self._take(self._opened(content.document))
        except KampungError as error:
            log.warning("roll.refused", version=content.version, reason=error.message)

    @property
    def ready(self) -> bool:
        """Whether there is a roll."""
        return self._book is not None

    def ways(self) -> dict[str, Any]:
        """How somebody can be known here, for the page."""
        book = self._book
        if book is None:
            return {"ways": [], "staff": []}
        ways = ["pin", "receipt"] if book.by_id else []
        ways += ["card"] if book.by_card else []
        ways += ["staff"] if book.staff else []
        return {"ways": ways, "staff": [{"id": s.id, "name": s.name} for s in book.roll.staff]}

    def identify(self, body: Mapping[str, Any]) -> Identified:
        """Who it is. ``body``: way, pin, and nik, card, reference, or staff with nik or name.

        Raises ``NotKnown``, ``InvalidRequest``, ``NotFound`` while there is no roll, and ``KampungError`` ``too_many``.
        """
        book, way = self._there(), body.get("way")
        if way == "pin":
            nik = read_nik(body.get("nik"))
            at = short(book.roll.key, "nik", nik)
            found = self._one(way, f"nik/{at}", book.by_nik.get(at, []), body)
            return self._identified(found, "pin", mask=masked(nik))
        if way == "card":
            at = short(book.roll.key, "card", card(str(body.get("card", ""))))
            return self._identified(self._one(way, f"card/{at}", book.by_card.get(at, []), body), "card")
        if way == "receipt":
            reference = parse_reference(str(body.get("reference", "")))
            mine = book.by_request.get(reference)
            return self._identified(self._one(way, f"request/{reference}", [] if mine is None else [mine], body), "receipt")
        if way == "staff":
            return self._helped(book, body)
        raise InvalidRequest(f"way = {str(way)[:20]!r}: pin, card, receipt or staff")

    def change_pin(self, who: Identified, body: Mapping[str, Any]) -> None:
        """His own PIN from now on: in the spool before this returns. Raises as ``identify``, and ``StorageUnavailable``."""
        known = self._there().by_id.get(who.person)
        if known is None:
            raise NotFound("PIN hanya dapat diganti oleh pemiliknya sendiri; masuk dengan NIK dan PIN")
        new = check_pin(body.get("pin"))
        if not who.first:
            self._one("pin", f"change/{who.person}", [known], {"pin": body.get("old")})
        salt, kept = self._pin(known)
        if pins.fits(new, salt, kept):
            raise InvalidRequest("PIN baru sama dengan yang lama; pilih yang lain")
        fresh = pins.new_salt()
        said = PinChange(known.id, salt, fresh, pins.digest(new, fresh), wall_ms())
        self._store(event(said))
        with self._lock:
            self._changed[known.id] = _Changed(known.salt, said.salt, said.pin)
            self._write()
        log.info("pin.changed")

    def requests(self, who: Identified) -> tuple[str, ...]:
        """References of his that the regency knows, the newest first."""
        known = self._there().by_id.get(who.person)
        return () if known is None else known.requests

    def _helped(self, book: _Book, body: Mapping[str, Any]) -> Identified:
        helper = book.staff.get(str(body.get("staff", "")))
        if helper is None:
            raise InvalidRequest("pilih nama petugas yang membantu")
        keys = (f"staff/{helper.id}",)
        pin = read_pin(body.get("pin"))
        self.attempts.count(keys, helped=True)
        if not pins.fits(pin, helper.salt, helper.pin):
            raise NotKnown(UNKNOWN["staff"])
        self.attempts.good(keys, helped=True)
        name = " ".join(str(body.get("name", "")).split())[:100]
        if body.get("nik"):
            nik = read_nik(body["nik"])
            found = book.by_nik.get(short(book.roll.key, "nik", nik), [])
            if len(found) == 1 and (not name or _same(name, found[0].name)):
                return Identified(found[0].id, found[0].name, "staff", masked(nik), helper.id, helper.name)
            if not name:
                raise NotFound("NIK ini belum punya PIN di desa ini; ketik nama lengkapnya, petugas mencocokkannya di loket")
            return Identified("", name, "staff", masked(nik), helper.id, helper.name)
        if not name:
            raise InvalidRequest("ketik NIK atau nama lengkap warga yang dibantu")
        return Identified("", name, "staff", "", helper.id, helper.name)

    def _one(self, way: Way, key: str, candidates: Iterable[Known], body: Mapping[str, Any]) -> Known:
        """Counted before it is looked at; whoever is nobody takes as long as somebody."""
        pin = read_pin(body.get("pin"))
        people = list(candidates)
        keys = (key, *(f"person/{each.id}" for each in people))
        self.attempts.count(keys)
        if not people:
            pins.digest(pin, pins.NOBODY)
        found = next((each for each in people if pins.fits(pin, *self._pin(each))), None)
        if found is None:
            log.info("identity.unknown", way=way)
            raise NotKnown(UNKNOWN[way])
        self.attempts.good((key, f"person/{found.id}"))
        log.info("identity.known", way=way)
        return found

    def _identified(self, known: Known, way: Way, mask: str = "") -> Identified:
        return Identified(known.id, known.name, way, mask, first=known.first and known.id not in self._changed)

    def _pin(self, known: Known) -> tuple[bytes, bytes]:
        """As it was changed here last, until the regency has it too."""
        changed = self._changed.get(known.id)
        return (known.salt, known.pin) if changed is None else (changed.salt, changed.pin)

    def _there(self) -> _Book:
        if self._book is None:
            raise NotFound("PIN belum bisa dipakai di kios ini: daftarnya datang setelah jaringan tersambung. Ketik nama Anda saja")
        return self._book

    def _opened(self, document: dict[str, Any]) -> Roll:
        found = sealed(document)
        mine = found.keys.get(self._node)
        if mine is None:
            raise InvalidRequest(f"the roll is not sealed for {self._node}; its key is on the way to the regency")
        info = f"{INFO} {self._village}"
        secret = self.key.open(mine, f"{info} {self._node}")
        try:
            return decode(AESGCM(secret).decrypt(found.body[:NONCE], found.body[NONCE:], f"{info} {found.mark}".encode()))
        except (InvalidTag, ValueError):
            raise InvalidRequest("the roll was changed on its way") from None

    def _take(self, roll: Roll) -> None:
        by_nik: dict[int, list[Known]] = defaultdict(list)
        by_card: dict[int, list[Known]] = defaultdict(list)
        for each in roll.people:
            if each.nik is not None:
                by_nik[each.nik].append(each)
            if each.card is not None:
                by_card[each.card].append(each)
        by_id = {each.id: each for each in roll.people}
        by_request = {reference: each for each in roll.people for reference in each.requests}
        self._book = _Book(roll, by_id, by_nik, by_card, by_request, {s.id: s for s in roll.staff})
        with self._lock:
            # a PIN that staff gave anew counts before the one that was changed here; so does the changed one that has come back
            kept = {k: v for k, v in self._changed.items() if k in by_id and by_id[k].salt == v.base}
            if kept != self._changed:
                self._changed = kept
                self._write()

    def _read(self) -> dict[str, _Changed]:
        try:
            return msgspec.json.decode(self._changed_path.read_bytes(), type=dict[str, _Changed])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            log.warning("pins.unread", file=self._changed_path.name, reason=str(error))  # the spool has them on the way
            return {}

    def _write(self) -> None:
        try:
            whole_file.replace(self._changed_path, msgspec.json.encode(self._changed), mode=0o600)
        except OSError as error:
            log.warning("pins.unwritten", reason=str(error))


def read_nik(given: Any) -> str:
    """Sixteen digits; spaces and dots are forgiven. Raises ``InvalidRequest``; the message never holds it."""
    digits = re.sub(r"[\s.-]", "", given) if isinstance(given, str) else ""
    if not re.fullmatch(r"[0-9]{16}", digits):
        raise InvalidRequest("NIK terdiri dari 16 angka; lihat di KTP atau KK")
    return digits


def read_pin(given: Any) -> str:
    """Raises ``InvalidRequest``."""
    if not isinstance(given, str) or not re.fullmatch(rf"[0-9]{{{PIN_LENGTH}}}", given):
        raise InvalidRequest(f"PIN terdiri dari {PIN_LENGTH} angka")
    return given


def masked(nik: str) -> str:
    """As it is shown."""
    return f"{nik[:4]}••••••••{nik[-4:]}"


def _same(typed: str, name: str) -> bool:
    return set(typed.casefold().split()) <= set(name.casefold().split())
