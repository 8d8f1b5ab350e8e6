"""What modules have to say to kiosks, from time to time: each module makes its documents and publishes what changed."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import structlog
from kampung_contract.errors import StorageUnavailable

from kampung_cloud.api.services import Services
from kampung_cloud.health import now_ms
from kampung_cloud.module import Module

log = structlog.get_logger()

EVERY_S = 60.0
AGAIN_S = 5.0
"""A store that is away is asked again so soon, and health says so soon that it is back."""

_one_at_a_time = threading.Lock()


def once(modules: Iterable[Module], services: Services) -> list[str]:
    """Every module's documents now, one pass at a time; the modules whose store was away, and health says of each how it went."""
    away = []
    with _one_at_a_time:
        for module, document in [(m, d) for m in modules for d in m.documents if d.publish is not None]:
            try:
                if document.publish is not None:
                    document.publish(services, now_ms())
                services.health.set(module.name, True)
            except StorageUnavailable as error:
                services.health.set(module.name, False, error.message)
                away.append(module.name)
            except Exception:
                log.exception("publishing", module=module.name, document=document.key)
                services.health.set(module.name, False, "an error inside the cloud; its log has more")
    return away


class Publishing:
    """A thread. Several processes may publish: the same document again changes nothing."""

    def __init__(self, modules: Iterable[Module], services: Services) -> None:
        self._modules, self._services = tuple(modules), services
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publishing", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(30)

    def _run(self) -> None:
        while not self._stopping.wait(AGAIN_S if once(self._modules, self._services) else EVERY_S):
            pass
