"""What is remembered of foreign devices, which number nothing and may not know the time."""

from __future__ import annotations

from kampung_cloud.ingest.message import Message
from kampung_cloud.telemetry.store import Selector, TelemetryStore

KEPT_LINES = 20_000
GIVEN_AHEAD_MS = 60_000


class Foreign:
    """``given`` is the last time that was given to readings without one, by (node, device)."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self.given: dict[tuple[str, str], int] = {}
        self._lines: dict[tuple[int, str, int], int] = {}
        """Connections over which messages came, the last ``KEPT_LINES`` of them."""
        self._times: dict[tuple[int, int, str, int], int] = {}
        """Times of messages that may be taken once more, ``KEPT_LINES`` of them."""

    def time(self, place: tuple[str, str], message: Message) -> int:
        """For readings without one: when they came, but never what a message before got. A message taken once more keeps its own."""
        name = (message.line, message.mid, message.topic, message.received)
        time = self._times.get(name) if message.mid else None
        if time is None:
            time = max(message.received, self.last_given(place, message.received) + 1)
            if len(self._times) >= KEPT_LINES:
                del self._times[next(iter(self._times))]
            self._times[name] = time
        return time

    def last_given(self, place: tuple[str, str], received: int) -> int:
        """The last time that a foreign device's readings were given; after a start, the newest that is stored."""
        last = self.given.get(place)
        if last is None:
            times = [x.t for x in self._store.latest(Selector(node=place[0])) if x.key.device == place[1]]
            last = max((t for t in times if t <= received + GIVEN_AHEAD_MS), default=0)
        return last

    def taken_before(self, message: Message) -> bool:
        """Whether this is a foreign message that the broker sends once more because our acknowledgement went down with the line.

        It would get another time, and so be stored twice. After a start of ours that cannot be known.
        """
        name = (message.mid, message.topic, hash(message.payload))
        line = self._lines.get(name)
        if message.again and line is not None and line != message.line:
            self._lines[name] = message.line
            return True
        if len(self._lines) >= KEPT_LINES:
            del self._lines[next(iter(self._lines))]
        self._lines[name] = message.line
        return False
