"""Packs under way: what may be sent next, what must be sent again. Pure; times in seconds of a monotonic clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kampung_edge.width import Width


@dataclass(slots=True)
class Sent:
    """When a pack was first sent on this connection, and last."""

    first: float
    last: float


class Flight:
    """At most ``window`` packs without a receipt; fewer when the cloud's credit says so; of a backlog fewer while receipts are slow."""

    def __init__(self, window: int, resend_s: float) -> None:
        self._window, self._resend_s = window, resend_s
        self._credit: int | None = None
        self._width = Width()
        self.packs: dict[int, Sent] = {}
        self._receipted = self._probed = float("-inf")

    @property
    def limit(self) -> int:
        """Never below one: without a pack under way no receipt could raise the credit again."""
        return self._window if self._credit is None else max(1, min(self._window, self._credit))

    def room(self) -> int:
        """Packs that may be sent now."""
        return max(0, self.limit - len(self.packs))

    def rest(self) -> int:
        """How many of them may be of a backlog."""
        return max(0, min(self.limit, int(self._width.limit)) - len(self.packs))

    def sent(self, seq: int, now: float) -> None:
        """A pack has gone out, for the first time or again."""
        known = self.packs.setdefault(seq, Sent(now, now))
        known.last = now

    def receipted(self, numbers: Iterable[int], credit: int | None, now: float) -> None:
        """``numbers`` wait no more."""
        under_way = len(self.packs)
        gone = [sent for number in numbers if (sent := self.packs.pop(number, None)) is not None]
        if once := [sent.first for sent in gone if sent.first == sent.last]:  # of one sent twice nobody knows which is meant
            self._width.receipted(len(once), max(once), under_way, now)
        if credit is not None:
            self._credit = credit
        self._receipted = now

    def gone(self, seq: int) -> None:
        """The spool had to drop it."""
        self.packs.pop(seq, None)

    def overdue(self, now: float) -> list[int]:
        """To be sent again.

        While receipts come, everything that has none after ``resend_s``. While none come at all, the cloud does not store: one pack
        each ``resend_s``, in turn, asks whether it does again, so that a village does not pay for a window of repetitions.
        """
        late = sorted((s.last, seq) for seq, s in self.packs.items() if now - s.last >= self._resend_s)
        if not late:
            return []
        if self._receipted >= late[0][0]:
            return sorted(seq for _, seq in late)
        if now - self._probed < self._resend_s:
            return []
        self._probed = now
        return [late[0][1]]

    def stalled_s(self, now: float) -> float:
        """Seconds that packs have waited without any receipt; 0 with none under way."""
        if not self.packs:
            return 0.0
        return now - max(min(s.first for s in self.packs.values()), self._receipted)

    def waiting_s(self, now: float) -> float:
        """Seconds since the first of those under way was sent on this connection; 0 with none."""
        return now - min(s.first for s in self.packs.values()) if self.packs else 0.0

    def next_due(self, now: float) -> float:
        """Seconds until something may be overdue."""
        if not self.packs:
            return self._resend_s
        return max(0.05, min(s.last for s in self.packs.values()) + self._resend_s - now)

    def reconnected(self) -> None:
        """Nothing that was sent on the old connection counts as sent; a broker may lose anything."""
        self.packs.clear()
        self._width = Width()
        self._receipted = self._probed = float("-inf")
