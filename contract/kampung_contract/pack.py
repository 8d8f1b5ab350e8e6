"""The pack: readings by column and typed events, JSON, deflated when that is smaller.

A column is SenML's name, unit, time and value (RFC 8428) turned by series, so that a name is paid for once a pack.
"""

from __future__ import annotations

import itertools
import math
import re
import zlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from kampung_contract.errors import InvalidColumn, InvalidPack
from kampung_contract.quantities import quantity

VERSION = 1
MAX_READINGS = 2_000
MAX_BYTES = 64 * 1024
MAX_JSON_BYTES = 1024 * 1024
MAX_SEQ = 2**63 - 1
EARLIEST = 1_577_836_800_000
"""2020-01-01T00:00:00Z in milliseconds: nothing was measured by us before."""

GOOD, NOT_EVALUATED, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9
"""QARTOD flags."""
FLAGS = frozenset({GOOD, NOT_EVALUATED, SUSPECT, FAIL, MISSING})

_SERIES = re.compile(r"([a-z0-9][a-z0-9_-]{0,62})/([a-z][a-z0-9_]{0,62})")
_EPOCH = re.compile(r"[0-9a-f]{8,32}")


def is_series(name: str) -> bool:
    """Whether ``name`` is device/quantity, as a column is named."""
    return _SERIES.fullmatch(name) is not None


class Clock(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the edge knew of time when it made the pack.

    ``up`` is CLOCK_BOOTTIME in milliseconds. ``at``, the edge's own wall clock at that same moment in milliseconds UTC, is sent
    only when ``synchronised`` is false: the two let the pack's times be corrected once true time is known.
    """

    synchronised: bool
    up: int
    at: int | None = None


class Column(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Readings of one series.

    ``n`` device/quantity; ``u`` unit; ``t`` the first time in milliseconds UTC; ``v`` the values; ``dt`` the steps in milliseconds,
    one fewer than values; ``q`` QARTOD flags, one a value, left out when all are good.
    """

    n: str
    u: str
    t: int
    v: list[float]
    dt: list[int] = []
    q: list[int] | None = None

    def times(self) -> list[int]:
        """Milliseconds UTC, one a value."""
        out, now = [self.t], self.t
        for step in self.dt:
            now += step
            out.append(now)
        return out

    @property
    def device(self) -> str:
        """The part of the name before the slash."""
        return self.n.partition("/")[0]

    @property
    def quantity(self) -> str:
        """The part of the name behind the slash."""
        return self.n.partition("/")[2]


class Pack(msgspec.Struct, frozen=True, omit_defaults=True):
    """What travels. ``(node, epoch, seq)`` names it for ever; ``boot`` is the edge's boot, shortened."""

    v: int
    epoch: str
    seq: int
    boot: str
    clock: Clock
    series: list[Column] = []
    events: list[dict[str, Any]] = []

    @property
    def count(self) -> int:
        """Readings in all columns."""
        return sum([len(c.v) for c in self.series])


class _Identity(msgspec.Struct):
    epoch: str
    seq: int


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Pack)
_identity = msgspec.json.Decoder(_Identity)


def column(name: str, unit: str, rows: Sequence[tuple[int, float, int]]) -> Column:
    """A column out of ``(milliseconds UTC, value, QARTOD flag)`` rows in the order given; at least one."""
    times = [r[0] for r in rows]
    flags = [r[2] for r in rows]
    steps = [b - a for a, b in itertools.pairwise(times)]
    return Column(name, unit, times[0], [r[1] for r in rows], steps, None if all(f == GOOD for f in flags) else flags)


@cache
def dictionary() -> bytes:
    """The preset zlib dictionary of wire version 1: text that every pack holds, so that a pack of a few readings is small too.

    Frozen with the version; a stream that used it says so in its header (RFC 1950, FDICT), so both forms are read.
    """
    return files("kampung_contract").joinpath("data", "dictionary-1.txt").read_bytes()


def encode(pack: Pack) -> bytes:
    """JSON, or its zlib stream with the preset dictionary when that is smaller. The first byte tells: ``{`` is JSON, ``x`` is zlib.

    Raises ``InvalidPack`` when the pack is over 2,000 readings or 64 KB, so that what cannot be accepted is never spooled.
    """
    if pack.count > MAX_READINGS:
        raise InvalidPack(f"pack {pack.seq} holds {pack.count} readings; at most {MAX_READINGS} go into one", code="pack_too_large")
    plain = _encoder.encode(pack)
    deflater = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary())
    packed = deflater.compress(plain) + deflater.flush()
    out = packed if len(packed) < len(plain) else plain
    if len(out) > MAX_BYTES:
        raise InvalidPack(f"pack {pack.seq} is {len(out)} bytes; at most {MAX_BYTES} go into one", code="pack_too_large")
    return out


def decode(payload: bytes) -> Pack:
    """The pack in ``payload``; its columns are still to be checked with ``check_column``.

    Raises ``InvalidPack``, with ``identity`` wherever epoch and seq could be read.
    """
    plain = inflate(payload)
    try:
        pack = _decoder.decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidPack(f"not a pack: {error}; it begins with {plain[:40]!r}", identity=_read_identity(plain)) from None
    identity = (pack.epoch, pack.seq)
    if pack.v != VERSION:
        raise InvalidPack(f"pack version {pack.v}; this side reads {VERSION}", code="unknown_version", identity=identity)
    if not 0 < pack.seq <= MAX_SEQ or not _EPOCH.fullmatch(pack.epoch):
        raise InvalidPack(f"pack names itself epoch {pack.epoch!r}, seq {pack.seq}; epoch is 8 to 32 hex digits, seq starts at 1")
    if len(plain) > 2 * MAX_READINGS and pack.count > MAX_READINGS:  # a reading takes at least two bytes, a digit and what separates
        raise InvalidPack(f"{pack.count} readings; at most {MAX_READINGS} go into one pack", code="pack_too_large", identity=identity)
    return pack


def inflate(payload: bytes) -> bytes:
    """The JSON in ``payload``. Raises ``InvalidPack``."""
    if len(payload) > MAX_BYTES:
        raise InvalidPack(f"{len(payload)} bytes; a pack has at most {MAX_BYTES}", code="pack_too_large")
    if payload[:1] != b"x":
        return payload
    inflater = zlib.decompressobj(zdict=dictionary())
    try:
        plain = inflater.decompress(payload, MAX_JSON_BYTES)
    except zlib.error as error:
        raise InvalidPack(f"deflated bytes are damaged: {error}", code="damaged") from None
    if inflater.unconsumed_tail:
        raise InvalidPack(f"inflates to more than {MAX_JSON_BYTES} bytes", code="pack_too_large")
    if not inflater.eof:
        raise InvalidPack(f"deflated bytes end early, after {len(payload)} bytes", code="damaged")
    return plain


def _read_identity(plain: bytes) -> tuple[str, int] | None:
    try:
        read = _identity.decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return read.epoch, read.seq


def check_column(col: Column, latest: int) -> None:
    """Raise ``InvalidColumn`` for a column that must not be stored as truth.

    ``latest`` is the last time, in milliseconds UTC, that is still believed (receive time plus 24 hours).
    """
    if not is_series(col.n):
        raise InvalidColumn(f"series name {col.n!r} is not device/quantity in lower case")
    if not col.v or len(col.dt) != len(col.v) - 1:
        raise InvalidColumn(f"{col.n}: {len(col.v)} values need {max(len(col.v) - 1, 0)} steps, got {len(col.dt)}; at least one value")
    if col.q is not None and (len(col.q) != len(col.v) or not FLAGS.issuperset(col.q)):
        raise InvalidColumn(f"{col.n}: quality flags {col.q[:8]} do not fit {len(col.v)} values; QARTOD flags are 1, 2, 3, 4 and 9")
    if not all(map(math.isfinite, col.v)):
        raise InvalidColumn(f"{col.n}: a value is not a finite number")
    low, high = (col.t, col.t + sum(col.dt)) if not col.dt or min(col.dt) >= 0 else (min(times := col.times()), max(times))
    if low < EARLIEST or high > latest:
        raise InvalidColumn(f"{col.n}: times from {low} to {high} ms are before 2020 or more than 24 h ahead", code="implausible_time")
    known = quantity(col.quantity)
    if known is not None and known.unit != col.u:
        raise InvalidColumn(f"{col.n}: unit {col.u!r}; {col.quantity} is measured in {known.unit!r}", code="wrong_unit")
