"""What a channel is: one way to a person, as Telegram, e-mail or the village's siren."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kampung_contract.errors import KampungError


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` messages in ``seconds``, ``burst`` of them at once; to one address where ``each``, to ``only`` such alone.

    ``only``: empty for all addresses, ``group`` for those that many people read.
    """

    count: float
    seconds: float
    each: bool = False
    burst: int = 1
    only: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """``parallel`` messages are under way at once; ``tries`` at an address before the next one has its turn."""

    rates: tuple[Rate, ...] = ()
    parallel: int = 4
    tries: int = 4


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as a channel gets it. Times in ms UTC; ``again``: it may have gone before, and nobody knows; ``heard`` is when somebody
    last wrote to us from the address, 0 for never.
    """

    id: str
    kind: str
    village: str
    severity: int
    about: str
    alarms: tuple[str, ...]
    language: str
    title: str
    text: str
    short: str
    code: str
    created: int
    expires: int
    again: bool = False
    heard: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel has taken it; ``provider`` is its own name for it, where it gave one."""

    provider: str = ""


class Refused(KampungError):
    """It will never go: a wrong address, a forbidden text. The next address has its turn."""

    code = "refused"


class Later(KampungError):
    """Not now; again after ``seconds``. ``whole``: the channel takes nothing from anybody so long."""

    code = "later"

    def __init__(self, message: str, seconds: float = 0.0, *, whole: bool = False) -> None:
        super().__init__(message)
        self.seconds, self.whole = seconds, whole


class Unreachable(KampungError):
    """The channel did not answer, and has nothing of it. To be tried again."""

    code = "unreachable"


class Unclear(Unreachable):
    """The line broke before the answer: it may have gone."""

    code = "unclear"


class Channel(Protocol):
    """``send`` is called by ``limits.parallel`` threads at once and takes some ten seconds at most; nothing connects before it.

    ``recognises``: what comes twice with the same ``key`` reaches the person once. ``group`` says whether many read at an address.
    """

    name: str
    kind: str
    limits: Limits
    recognises: bool

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """Hand it over. Raises ``Refused``, ``Later``, ``Unreachable`` or ``Unclear``; no secret stands in what they say."""
        ...

    def group(self, to: str) -> bool: ...

    def close(self) -> None: ...
