"""Threads that must not die in silence."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from kampung_contract.errors import ConfigurationError

log = structlog.get_logger("supervisor")

BACKOFF_S = (1.0, 60.0)


class Supervisor:
    """Starts threads; one that fails is logged, shows in health, and is started again ever later.

    A mistake of the configuration that only shows now is not retried: it stands in ``refusal``, and ``ended`` is set.
    """

    def __init__(self, ended: threading.Event | None = None) -> None:
        self._ended = ended or threading.Event()
        self.refusal: ConfigurationError | None = None
        self._threads: list[threading.Thread] = []
        self._failed: dict[str, str] = {}
        self._stopping = threading.Event()

    def start(self, name: str, body: Callable[[], None]) -> threading.Thread:
        """``body`` returns when it is told to stop."""
        thread = threading.Thread(target=self._run, args=(name, body), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def stopping(self) -> None:
        """What fails from now on is not started again."""
        self._stopping.set()

    def troubles(self) -> list[str]:
        """One line for each thread that failed and has not run well since."""
        return list(self._failed.values())

    def _run(self, name: str, body: Callable[[], None]) -> None:
        pause = BACKOFF_S[0]
        while True:
            cure = threading.Timer(BACKOFF_S[1], self._failed.pop, (name, None)) if name in self._failed else None
            if cure is not None:
                cure.daemon = True
                cure.start()
            try:
                body()
                return
            except ConfigurationError as error:
                self.refusal = error
                self._ended.set()
                return
            except (Exception, SystemExit) as error:  # uvicorn leaves by SystemExit
                log.exception("thread.failed", thread=name, again_in_s=pause)
                self._failed[name] = f"thread {name}: {error!r}; it is started again"
            finally:
                if cure is not None:
                    cure.cancel()
            if self._stopping.wait(pause):
                return
            pause = min(pause * 2, BACKOFF_S[1])
