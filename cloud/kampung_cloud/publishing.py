"""What modules have to say to kiosks, from time to time: each module makes its documents and publishes what changed."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import structlog
from kampung_contract.errors import StorageUnavailable

from kampung_cloud.api.services import Services
from kampung_cloud.health import Health, now_ms
from kampung_cloud.module import Module

log = structlog.get_logger()

EVERY_S = 60.0
AGAIN_S = 5.0
"""A store that is away is asked again so soon, and health says so soon that it is back."""


class Publishing:
    """A thread. Several processes may publish: the same document again changes nothing."""

    def __init__(self, modules: Iterable[Module], services: Services, health: Health) -> None:
        self._documents = [(m.name, d) for m in modules for d in m.documents if d.publish is not None]
        self._services, self._health = services, health
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publishing", daemon=True)

    def start(self) -> None:
        """Begin."""
        if self._documents:
            self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(30)

    def _run(self) -> None:
        while True:
            pause = EVERY_S
            for name, document in self._documents:
                try:
                    if document.publish is not None:
                        document.publish(self._services, now_ms())
                    self._health.set(name, True)
                except StorageUnavailable as error:
                    self._health.set(name, False, error.message)
                    pause = AGAIN_S
                except Exception:
                    log.exception("publishing", module=name, document=document.key)
                    self._health.set(name, False, "an error inside the cloud; its log has more")
            if self._stopping.wait(pause):
                return
