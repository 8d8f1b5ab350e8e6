"""How a report stands, and what may become of it. Pure: no clock, no records."""

from __future__ import annotations

from typing import Literal, get_args

from kampung_contract.errors import InvalidRequest, KampungError

from kampung_cloud.modules.reports.kinds import Clock

Status = Literal["received", "checking", "handling", "done", "rejected", "merged"]
WORDS: dict[Status, str] = {
    "received": "Diterima",
    "checking": "Diperiksa",
    "handling": "Ditangani",
    "done": "Selesai",
    "rejected": "Ditolak",
    "merged": "Digabung",
}
STATUSES: tuple[Status, ...] = get_args(Status)
OPEN: frozenset[Status] = frozenset({"received", "checking", "handling"})
NEXT: dict[Status, frozenset[Status]] = {
    "received": frozenset({"checking", "handling", "done", "rejected", "merged"}),
    "checking": frozenset({"handling", "done", "rejected", "merged"}),
    "handling": frozenset({"checking", "done", "merged"}),
    "done": frozenset({"handling"}),
    "rejected": frozenset({"checking"}),
    "merged": frozenset(),
}
SAYS_WHY: frozenset[Status] = frozenset({"done", "rejected"})
"""The reporter reads what was done, or why nothing is."""


def check_step(now: Status, to: Status, note: str) -> None:
    """Raise ``KampungError`` ``conflict`` for a step that does not exist, ``InvalidRequest`` for one without its reason."""
    if to not in NEXT[now]:
        steps = ", ".join(sorted(NEXT[now])) or "nothing: it is a part of another report"
        raise KampungError(f"a report that is {now} cannot become {to}; it can become {steps}", code="conflict")
    if (to in SAYS_WHY or now not in OPEN) and len(note.strip()) < 5:
        raise InvalidRequest(f"{to} needs a note that the reporter can read: what was done, or why not")


def deadline(status: Status, at: int, clock: Clock) -> int | None:
    """Until when something has to happen (ms UTC) with a report of ``at``; None for one that is closed."""
    if status not in OPEN:
        return None
    return at + (clock.look if status == "received" else clock.done)


def level(status: Status, at: int, clock: Clock, now: int) -> int:
    """How far it has been taken up: 0 with the village, 1 nobody has looked in time, 2 not done in time."""
    if status not in OPEN:
        return 0
    if now >= at + clock.done:
        return 2
    return 1 if status == "received" and now >= at + clock.look else 0
