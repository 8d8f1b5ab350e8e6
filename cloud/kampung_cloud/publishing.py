"""What modules have to say to kiosks, from time to time: each module makes its documents and publishes what changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import structlog
from kampung_contract.errors import StorageUnavailable

from kampung_cloud.api.services import Services
from kampung_cloud.health import now_ms
from kampung_cloud.module import Module
from kampung_cloud.rounds import Rounds

log = structlog.get_logger()

EVERY_S = 60.0
HURRIED_S = 2.0
AGAIN_S = 5.0
"""A store that is away is asked again so soon, and health says so soon that it is back."""

_one_at_a_time = threading.Lock()


def once(modules: Iterable[Module], services: Services, *, hurried: bool = False) -> list[str]:
    """Every module's documents now (or those alone for which somebody waits), one pass at a time.

    Gives the modules whose store was away; health says of each how it went.
    """
    away = []
    with _one_at_a_time:
        for module in modules:
            wrong = ""
            for document in module.documents:
                if document.publish is None or (hurried and not document.hurried):
                    continue
                try:
                    document.publish(services, now_ms())
                except StorageUnavailable as error:
                    wrong = error.message
                    away.append(module.name)
                except Exception:  # one module's error leaves the others' documents to be published, and is told by health
                    log.exception("publishing", module=module.name, document=document.key)
                    wrong = "an error inside the cloud; its log has more"
            if wrong or not hurried:  # one document that went well does not hide another that did not
                services.health.set(module.name, not wrong, wrong)
    return away


class Publishing(Rounds):
    """A thread. Several processes may publish: the same document again changes nothing."""

    def __init__(self, modules: Iterable[Module], services: Services) -> None:
        super().__init__("publishing")
        self._modules, self._services = tuple(modules), services
        self._due = 0.0

    def round(self) -> float:
        """As ``Rounds`` says: everything where it is due, else what is waited for."""
        whole = time.monotonic() >= self._due
        away = once(self._modules, self._services, hurried=not whole)
        if whole or away:
            self._due = time.monotonic() + (AGAIN_S if away else EVERY_S)
        return HURRIED_S
