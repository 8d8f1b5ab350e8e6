"""Which of a person's addresses has its turn: pure, from the addresses and what was tried."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kampung_contract.backoff import Backoff

FIRST_S, LONGEST_S = 2.0, 300.0
LIFE_FIRST_S, LIFE_LONGEST_S = 0.5, 30.0
LIFE = 3
"""From this severity on, hands are shown to every address sooner: a second try at each, half a second later."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person may be reached. ``at`` is personal: see ``masked``."""

    channel: str
    at: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """``key`` is the message's and address's, ``outcome`` as in ``DeliveryRow``."""

    key: str
    outcome: str


def addresses(listed: Iterable[object]) -> list[Address]:
    """As ``PersonRow.addresses`` has them; what is none is left out."""
    some = (each for each in listed if isinstance(each, dict) and each.get("channel") and each.get("address"))
    return [Address(str(each["channel"]), str(each["address"])) for each in some]


def key_of(message: str, address: Address) -> str:
    """What the channel is given: the same for this message and this address, however often it is tried."""
    return hashlib.sha256("\0".join((message, address.channel, address.at)).encode()).hexdigest()[:40]


def failures(key: str, tried: Iterable[Attempt]) -> int:
    """How often it did not go."""
    return sum(attempt.key == key and attempt.outcome in {"retry", "unknown"} for attempt in tried)


def choose(
    message: str, listed: Sequence[Address], tried: Sequence[Attempt], tries: Callable[[str], int | None], down: Callable[[str], bool]
) -> Address | None:
    """The next address; None when there is none that did not refuse for good.

    ``tries`` gives how often a channel is tried before the next has its turn, None for a channel that is not there. One that is
    ``down`` is passed over while another is left. When all had their turns, the one that was tried least comes again.
    """
    refused = {attempt.key for attempt in tried if attempt.outcome == "failed"}
    left = [(address, key_of(message, address)) for address in listed if tries(address.channel) is not None]
    left = [(address, key) for address, key in left if key not in refused]
    for address, key in left:
        if failures(key, tried) < (tries(address.channel) or 1) and not down(address.channel):
            return address
    if not left:
        return None
    return min(left, key=lambda each: failures(each[1], tried))[0]


def tries_for(severity: int, tries: int) -> int:
    """Where it is about life, the next address has its turn after two."""
    return min(tries, 2) if severity >= LIFE else tries


def pause(severity: int, failed: int) -> float:
    """Seconds until the next try after ``failed`` of them."""
    backoff = Backoff(LIFE_FIRST_S, LIFE_LONGEST_S) if severity >= LIFE else Backoff(FIRST_S, LONGEST_S)
    for _ in range(min(failed, 20) - 1):
        backoff.pause()
    return backoff.pause()


def masked(address: str) -> str:
    """For logs: enough to tell two apart by whoever knows them, no more."""
    local, at, domain = address.partition("@")
    if at:
        return f"{local[:1]}…@{domain}"
    return f"{address[:4]}…{address[-3:]}" if len(address) > 8 else f"…{address[-2:]}" if len(address) > 4 else "…"
