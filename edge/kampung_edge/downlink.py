"""What the cloud puts on the kiosks: retained documents, kept for when the link is down."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from kampung_contract.documents import Content, decode_content
from kampung_contract.errors import KampungError
from kampung_contract.topics import Topic

from kampung_edge.bus import Bus
from kampung_edge.view import View

log = structlog.get_logger("downlink")


class Downlink:
    """``handle`` never raises: whatever stands on the broker must not hurt the kiosk."""

    def __init__(self, view: View, bus: Bus, followers: Mapping[str, Callable[[Content], None]] | None = None) -> None:
        """``followers`` by key are given each new document, and now the one that is remembered."""
        self._view, self._bus, self._followers = view, bus, followers or {}
        for key, follow in self._followers.items():
            if (known := view.content(key)) is not None:
                follow(known)

    def handle(self, topic: str, payload: bytes) -> None:
        """Take a document when it replaces the one that is here."""
        if not payload:
            return  # a retained document was cleared; what the kiosk has stays
        try:
            key = Topic.parse(topic).name
            content = decode_content(payload)
        except KampungError as error:
            log.warning("content.refused", topic=topic, reason=error.message)
            return
        if content.key != key:
            log.warning("content.refused", topic=topic, reason=f"the document calls itself {content.key!r}")
            return
        if replaces(content, self._view.content(key)):
            self._view.keep(content)
            if (follow := self._followers.get(key)) is not None:
                follow(content)
            self._bus.publish("content", {"key": key, "version": content.version})


def replaces(new: Content, old: Content | None) -> bool:
    """A higher version does; a lower one only when it is newer (the cloud was set up afresh and counts from one again)."""
    return old is None or new.version > old.version or (new.version < old.version and new.at > old.at)
