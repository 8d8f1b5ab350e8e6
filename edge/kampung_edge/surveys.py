"""The satisfaction survey at this kiosk: after a hand-over, once, in the spool before thanks are said; not tied to who answered."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog
from kampung_contract.errors import InvalidEvent, InvalidRequest, NotFound
from kampung_contract.service_request import parse_reference
from kampung_contract.survey import event, new_respondent, new_survey
from kampung_contract.times import quarter

from kampung_edge import whole_file
from kampung_edge.clock import wall_ms

log = structlog.get_logger("surveys")

WIB = timedelta(hours=7)
KEPT_DAYS = 60
"""Longer than the regency tells of a request that is closed, so none can be answered twice."""


class Surveys:
    """Called by the kiosk's threads. What is kept here says which hand-overs were answered (a digest and a day), never with what."""

    def __init__(self, path: Path, store: Callable[[dict[str, Any]], Any]) -> None:
        """``store`` puts an event on the disk."""
        self._path, self._store = path, store
        self._key: bytes | None = None
        self._lock = threading.Lock()
        self._answered: dict[str, str] = self._read()

    def open(self, told: Mapping[str, Any] | None, reference: str) -> bool:
        """Whether it can be answered: handed over, by the document of how requests stand, and not answered here."""
        return self._service(told, reference) is not None and _digest(reference) not in self._answered

    def take(self, told: Mapping[str, Any] | None, text: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """``{counted}``: false where this hand-over was answered before. ``body`` has ``scores``, nine from 1 to 4.

        Raises ``InvalidRequest``, ``NotFound`` and ``StorageUnavailable``.
        """
        reference = parse_reference(text)
        service = self._service(told, reference)
        if service is None:
            raise NotFound(f"survei untuk {reference} belum terbuka; survei dibuka setelah layanan diserahkan")
        today = _today(wall_ms())
        try:
            said = new_survey(service, today, body.get("scores"), self._name("survey", reference))
        except InvalidEvent as error:
            raise InvalidRequest(f"scores: {error.message}") from None
        digest = _digest(reference)
        with self._lock:
            if digest in self._answered:
                return {"counted": False}
            self._store(event(said))
            self._answered[digest] = today.isoformat()
            self._write(today)
        log.info("survey.taken")
        return {"counted": True}

    def describe(self, told: Mapping[str, Any] | None, text: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """``{counted}``: what whoever answered says of himself, with sex, age, schooling and work as he likes; once, after the answers.

        Raises ``InvalidRequest``, ``NotFound`` and ``StorageUnavailable``.
        """
        reference = parse_reference(text)
        if self._service(told, reference) is None or _digest(reference) not in self._answered:
            raise NotFound(f"survei untuk {reference} belum dijawab di kios ini; jawab sembilan pertanyaannya dulu")
        today = _today(wall_ms())
        try:
            said = new_respondent(self._name("respondent", reference), quarter(today.isoformat()), dict(body))
        except InvalidEvent as error:
            raise InvalidRequest(error.message) from None
        digest = _digest(f"respondent {reference}")
        with self._lock:
            if digest in self._answered:
                return {"counted": False}
            self._store(event(said))
            self._answered[digest] = today.isoformat()
            self._write(today)
        return {"counted": True}

    def _name(self, kind: str, reference: str) -> str:
        """The id under which answers about a hand-over count, so that they count once even where this kiosk forgot that it sent them. It
        follows from a key that never leaves the kiosk: the regency, which knows the references, cannot tell whose answers they are.
        """
        if self._key is None:
            file = self._path.with_suffix(".key")
            try:
                self._key = bytes.fromhex(file.read_text(encoding="ascii"))
            except (OSError, ValueError):
                self._key = secrets.token_bytes(32)
                try:
                    whole_file.replace(file, self._key.hex().encode(), 0o600)
                except OSError as error:  # then only a restart in the wrong moment counts twice
                    log.warning("surveys.key_unwritten", reason=str(error))
        return hmac.digest(self._key, f"{kind} {reference}".encode(), hashlib.sha256)[:16].hex()

    @staticmethod
    def _service(told: Mapping[str, Any] | None, reference: str) -> str | None:
        found = next((r for r in (told or {}).get("requests", []) if r.get("reference") == reference), None)
        return str(found["service"]) if found is not None and found.get("state") == "handed_over" and found.get("service") else None

    def _read(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            log.warning("surveys.unread", file=self._path.name, reason=str(error))
            return {}

    def _write(self, today: date) -> None:
        since = (today - timedelta(days=KEPT_DAYS)).isoformat()
        # sorted, so that the order of the answers in the spool does not tell whose they are
        self._answered = {key: day for key, day in sorted(self._answered.items()) if day >= since}
        try:
            whole_file.replace(self._path, msgspec.json.encode(self._answered))
        except OSError as error:
            log.warning("surveys.unwritten", reason=str(error))


def _digest(reference: str) -> str:
    return hashlib.sha256(f"survey {reference}".encode()).hexdigest()


def _today(now: int) -> date:
    return (datetime.fromtimestamp(now / 1000, UTC) + WIB).date()
