"""The kiosk's voice where its browser has none in Indonesian: a program that speaks what it reads, as espeak-ng does."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from typing import Any

import structlog
from kampung_contract.errors import InvalidRequest, KampungError, NotFound

log = structlog.get_logger("speaker")

LONGEST_S = 60.0
MOST = 400
"""Characters; nobody listens to more."""
TRIAL = "Uji suara kios."


class Speaker:
    """One voice: while it speaks, nothing else is said. Methods may be called by any thread."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._lock = threading.Lock()
        self.trouble: str | None = None

    @property
    def there(self) -> bool:
        """Whether a program is configured."""
        return bool(self._command)

    def say(self, alarms: Sequence[dict[str, Any]], name: str, language: str = "id") -> bool:
        """Speak an alarm that is shown, by its id, or a trial for ``""``; whether it was said, False while something else is.

        Only what the kiosk itself shows is spoken. Raises ``NotFound``, ``InvalidRequest`` without a program, and ``KampungError`` with
        code ``speaker`` when it does not speak.
        """
        if not self._command:
            raise InvalidRequest("kiosk.speak = []: this kiosk has no program that speaks; name one in edge.toml, as espeak-ng")
        text = TRIAL if not name else _text(alarms, name, language)
        if not self._lock.acquire(blocking=False):
            return False
        try:
            self._speak(text)
        finally:
            self._lock.release()
        return True

    def _speak(self, text: str) -> None:
        try:
            done = subprocess.run(self._command, input=text.encode(), capture_output=True, timeout=LONGEST_S, check=False)
            said = done.stderr.decode("utf-8", "replace").strip()[:200]
            trouble = None if done.returncode == 0 else f"{self._command[0]} ended with {done.returncode}: {said}"
        except subprocess.TimeoutExpired:
            trouble = f"{self._command[0]} did not end within {LONGEST_S:.0f} s"
        except OSError as error:
            trouble = f"{self._command[0]} cannot be started: {error.strerror}; install it, or correct kiosk.speak"
        if trouble != self.trouble and trouble is not None:
            log.warning("speaker.silent", reason=trouble)
        self.trouble = trouble
        if trouble is not None:
            raise KampungError(trouble, code="speaker")


def _text(alarms: Sequence[dict[str, Any]], name: str, language: str) -> str:
    found = next((a for a in alarms if a.get("id") == name), None)
    if found is None:
        raise NotFound(f"alarm {name[:80]!r} is not shown here, and only what is shown is spoken")
    parts = [found.get(key, {}) for key in ("title", "message")]
    said = [str(p.get(language) or p.get("id") or "") for p in parts if isinstance(p, dict)]
    return ". ".join(filter(None, said))[:MOST]
