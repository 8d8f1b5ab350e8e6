"""A page printer over IPP (RFC 8010, 8011), by pyipp: one short conversation each time, in the thread of whoever asks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kampung_contract.errors import KampungError
from pyipp import IPP
from pyipp.enums import IppJobState, IppOperation
from pyipp.exceptions import IPPError

from kampung_edge.letters.setting import LetterPrinterSetting

TIMEOUT_S = 20
ENDED = {IppJobState.COMPLETED: "done", IppJobState.ABORTED: "failed", IppJobState.CANCELED: "failed"}
TROUBLES = {
    "media-jam": "jam",
    "media-empty": "paper_out",
    "media-needed": "paper_out",
    "cover-open": "cover_open",
    "door-open": "cover_open",
    "toner-empty": "toner",
    "marker-supply-empty": "toner",
}
"""Of printer-state-reasons (RFC 8011 5.4.12), those that somebody at the printer can mend."""


class PrinterAway(KampungError):
    """The printer does not answer, or refuses."""

    code = "printer_away"


@dataclass(frozen=True, slots=True)
class Progress:
    """``state``: printing, done, failed. ``trouble``: jam, paper_out, cover_open, toner, or empty."""

    state: str
    trouble: str = ""


class PagePrinter:
    """Each method raises ``PrinterAway``."""

    def __init__(self, setting: LetterPrinterSetting) -> None:
        self._setting = setting
        parts = urlsplit(setting.url)
        self._host, self._port = parts.hostname or "", parts.port or 631
        self._path, self._tls = parts.path or "/", parts.scheme == "ipps"

    def begin(self, pdf: bytes, title: str) -> int:
        """The printer's number for the job."""
        operation = {"job-name": title, "document-format": "application/pdf", "requesting-user-name": "kios"}
        answer = self._ask(
            IppOperation.PRINT_JOB,
            {
                "operation-attributes-tag": operation,
                "job-attributes-tag": {"media": self._setting.media, "sides": "one-sided"},
                "data": pdf,
            },
        )
        number = _first(answer, "jobs").get("job-id")
        if not isinstance(number, int):
            raise PrinterAway(f"{self._setting.url}: took the letter and gave no number for it")
        return number

    def look(self, number: int) -> Progress:
        """How a job gets on."""
        wanted = {"job-id": number, "requested-attributes": ["job-state", "job-state-reasons"]}
        job = _first(self._ask(IppOperation.GET_JOB_ATTRIBUTES, {"operation-attributes-tag": wanted}), "jobs")
        state = ENDED.get(job.get("job-state", 0), "printing")
        return Progress(state, self.trouble() if state == "printing" else "")

    def trouble(self) -> str:
        """What keeps the printer from printing; empty for nothing."""
        wanted = {"requested-attributes": ["printer-state", "printer-state-reasons"]}
        found = _first(self._ask(IppOperation.GET_PRINTER_ATTRIBUTES, {"operation-attributes-tag": wanted}), "printers")
        reasons = found.get("printer-state-reasons", [])
        for reason in [reasons] if isinstance(reasons, str) else reasons:
            for known, said in TROUBLES.items():
                if str(reason).startswith(known) and not str(reason).endswith("-report"):
                    return said
        return ""

    def _ask(self, operation: IppOperation, message: dict[str, Any]) -> dict[str, Any]:
        async def work() -> dict[str, Any]:
            async with IPP(
                self._host, base_path=self._path, port=self._port, tls=self._tls, verify_ssl=False, request_timeout=TIMEOUT_S
            ) as printer:
                found: dict[str, Any] = await printer.execute(operation, message)
                return found

        try:
            return asyncio.run(work())
        except (IPPError, OSError, ValueError, UnicodeError) as error:
            detail = " ".join(str(part) for part in error.args)[:160]
            raise PrinterAway(f"{self._setting.url}: {detail or type(error).__name__}") from None


def _first(answer: dict[str, Any], group: str) -> dict[str, Any]:
    rows = answer.get(group) or [{}]
    found: dict[str, Any] = rows[0]
    return found
