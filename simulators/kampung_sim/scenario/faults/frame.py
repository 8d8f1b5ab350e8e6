"""What faults make of a device's frames. Bytes in, bytes out; nothing is written or waited for here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kampung_sim.scenario.dice import Dice
from kampung_sim.scenario.faults.catalogue import Layer
from kampung_sim.scenario.faults.effect import Effect
from kampung_sim.scenario.faults.value import hit


def truncated(frame: bytes, dice: Dice) -> bytes:
    """The first part of it: at least a byte less, and for a frame of one byte nothing."""
    return frame[: int(dice.one() * len(frame))]


def garbled(frame: bytes, bits: int, dice: Dice) -> bytes:
    """``bits`` different bits flipped, or as many as there are."""
    out = bytearray(frame)
    order = np.argsort(dice.bits(np.arange(8 * len(frame), dtype=np.int64)))
    for bit in order[:bits].tolist():
        out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def collided(frame: bytes, other: bytes) -> bytes:
    """Two devices talking at once on RS485: where they differ, the 0 wins (a driver pulling low)."""
    longest = max(len(frame), len(other))
    return bytes(a & b for a, b in zip(frame.ljust(longest, b"\xff"), other.ljust(longest, b"\xff"), strict=True))


class Frames:
    """The frames of one device on their way to the line. Feed them in order of time; what comes back goes on the line, in that order."""

    def __init__(self, effects: Sequence[Effect], dice: Dice) -> None:
        self._effects = [e for e in effects if e.layer is Layer.FRAME]
        self._dice = dice
        self._held = b""

    def add(self, effect: Effect) -> None:
        """One more, by key."""
        self._effects.append(effect)

    def send(self, frame: bytes, at: int) -> list[bytes]:
        """Of a frame sent at ``at`` ms UTC: it, what is left of it, it twice, or nothing until the next one."""
        times, kept = np.array([at], np.int64), False
        out = [frame]
        for effect in self._effects:
            if not effect.on(at) or not hit(effect, times, self._dice)[0]:
                continue
            dice = self._dice.child(effect.number, "bytes", at)
            match effect.kind:
                case "truncated-frame":
                    out = [truncated(f, dice) for f in out]
                case "garbled-frame":
                    out = [garbled(f, round(effect.get("bits")), dice) for f in out]
                case "address-collision":
                    out = [collided(f, garbled(f, 8, dice)) for f in out]
                case "duplicate":
                    out *= 2
                case "reorder":
                    kept = True
        before, self._held = self._held, b""
        if before:
            return [*out, before]
        if kept:
            self._held = b"".join(out)
            return []
        return [f for f in out if f]

    def rest(self) -> list[bytes]:
        """What is still held back."""
        before, self._held = self._held, b""
        return [before] if before else []
