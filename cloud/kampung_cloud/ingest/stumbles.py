"""What nobody foresaw, and that ingest goes on after it."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from kampung_contract.errors import KampungError

from kampung_cloud.health import Health
from kampung_cloud.ingest.patience import Stopped

log = structlog.get_logger()


class Stumbles:
    """Failures by what was being done: told as ``part`` of health from the first one until all of it goes well again."""

    def __init__(self, health: Health, part: str) -> None:
        self._health, self._part = health, part
        self._failed: dict[str, str] = {}
        health.set(part, True)

    def over(self, doing: str, action: Callable[[], object]) -> bool:
        """Whether ``action`` went well. Raises ``Stopped`` and nothing else."""
        try:
            action()
        except Stopped:
            raise
        except Exception as error:
            words = plainly(error)
            if self._failed.get(doing) != words:
                log.exception("ingest stumbles", doing=doing)
                self._failed[doing] = words
                self._tell()
            return False
        if self._failed and self._failed.pop(doing, ""):
            self._tell()
        return True

    def ended(self) -> None:
        """Nothing more is taken in, although nobody asked for an end."""
        self._health.set(self._part, False, "has ended; restart kampung-cloud. Nothing is receipted, the edges keep their data")

    def _tell(self) -> None:
        said = "; ".join(f"{doing} fails: {words}" for doing, words in self._failed.items())
        self._health.set(self._part, not self._failed, f"{said}; it is tried again, and nothing is lost" if said else "")


def plainly(error: Exception) -> str:
    """An error in words for people who did not write the program."""
    if isinstance(error, KampungError):
        return error.message
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    return f"an error inside the cloud ({type(error).__name__}); its log has more"
