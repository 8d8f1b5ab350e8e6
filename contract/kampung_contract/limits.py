"""What a series is tested by: the catalogue's numbers, or those that a site has set, which its edge tells the cloud."""

from __future__ import annotations

import msgspec

from kampung_contract.quantities import quantity

Span = tuple[float, float]


class Spike(msgspec.Struct, frozen=True, omit_defaults=True):
    """Further than ``suspect`` from the readings before and after, both at most ``within`` seconds away; further than ``fail``, failed."""

    suspect: float
    within: float
    fail: float | None = None


class Rest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Moves by ``change`` within ``seconds``, unless all its values lie within ``but``; after ``fail`` seconds it is broken."""

    seconds: float
    change: float
    but: Span | None = None
    fail: float | None = None


class Limits(msgspec.Struct, frozen=True, omit_defaults=True):
    """Outside of ``range`` a reading fails; the others doubt it, ``spike`` and ``still`` may fail it, too. ``rate``: (seconds, change)."""

    range: Span | None = None
    usual: Span | None = None
    rate: tuple[tuple[float, float], ...] = ()
    spike: Spike | None = None
    still: Rest | None = None
    source: str = ""
    """Whose numbers these are, where a site has set them."""


NONE = Limits()


def usual_limits(name: str) -> Limits:
    """The catalogue's for a quantity; none for one that it does not know."""
    known = quantity(name)
    if known is None:
        return NONE
    usual = (known.usual.low, known.usual.high) if known.usual else None
    still = Rest(known.still.seconds, known.still.change, known.still.but, known.still.fail) if known.still else None
    return Limits((known.low, known.high), usual, known.rate.steps if known.rate else (), None, still)


def sources(name: str) -> dict[str, str]:
    """By test, whose numbers the catalogue's are."""
    known = quantity(name)
    if known is None:
        return {}
    tests = ("usual", "rate", "still")
    return {"range": known.source} | {test: norm.source for test in tests if (norm := getattr(known, test)) is not None}
