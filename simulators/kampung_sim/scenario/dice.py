"""Randomness by name and counter: the same number for the same question, whoever asks first.

A number is SplitMix64's output function of ``key + (index + 1) × gamma`` (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014); key and gamma come from a hash of the names, so that no two sequences run beside one another. Integers only: the
same bits on every machine. numpy's own counter-based generators cannot be asked for scattered counters in one call.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Numbers = NDArray[np.float64]
GOLDEN = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Dice:
    """Of one name. ``child`` for what belongs to it. ``gamma`` is odd."""

    key: int
    gamma: int = GOLDEN

    @classmethod
    def of(cls, seed: int) -> Dice:
        """The root of a scenario."""
        return cls(seed % 2**64).child("kampung")

    def child(self, *names: str | int) -> Dice:
        """Independent of this one and of every other name's."""
        return _child(self.key, self.gamma, names)

    def bits(self, index: Times) -> NDArray[np.uint64]:
        """64 random bits for each index."""
        z = np.uint64(self.key) + (index.astype(np.int64).view(np.uint64) + np.uint64(1)) * np.uint64(self.gamma)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    def uniform(self, index: Times) -> Numbers:
        """In [0, 1)."""
        return (self.bits(index) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, index: Times) -> Numbers:
        """Mean 0, deviation 1, within ±6: the sum of twelve uniforms of 16 bits less six (Irwin–Hall), exact on every machine."""
        total = sum((_fours(self.child("normal", part).bits(index)) for part in range(3)), np.zeros(index.shape))
        return total / 65_536 - 6.0 + 12 * 0.5 / 65_536

    def rough(self, index: Times) -> Numbers:
        """Nearly normal: mean 0, deviation 1, within ±3.5; the sum of four uniforms. Three times faster."""
        return (_fours(self.bits(index)) / 65_536 - 2.0 + 4 * 0.5 / 65_536) * 3**0.5

    def one(self, index: int = 0) -> float:
        """A single number in [0, 1)."""
        return float(self.uniform(np.array([index], np.int64))[0])

    def smooth(self, t: Times, period: int) -> Numbers:
        """A continuous wander with continuous slope, mean 0, deviation about 1: ``rough`` each ``period`` ms, joined by smoothstep."""
        index = t // period
        share = (t - index * period) / period
        share = share * share * (3 - 2 * share)
        low, high = (int(index.min()), int(index.max())) if index.size else (0, 0)
        if high - low > 4 * index.size:
            before, after = self.rough(index), self.rough(index + 1)
        else:
            knots = self.rough(np.arange(low, high + 2, dtype=np.int64))
            before, after = knots[index - low], knots[index - low + 1]
        return (before * (1 - share) + after * share) * SMOOTH


SMOOTH = 1.16
"""Joining two numbers averages them: this restores the deviation (the mean of s² + (1 - s)² over a smoothstep is 26/35)."""


def _fours(word: NDArray[np.uint64]) -> Numbers:
    """The sum of the four 16-bit parts."""
    low = np.uint64(0xFFFF)
    parts = (word & low) + (word >> np.uint64(16) & low) + (word >> np.uint64(32) & low) + (word >> np.uint64(48))
    return np.asarray(parts, np.float64)


@lru_cache(maxsize=1 << 17)
def _child(key: int, gamma: int, names: tuple[str | int, ...]) -> Dice:
    text = "\0".join(map(str, (key, gamma, *names)))
    digest = blake2b(text.encode(), digest_size=16).digest()
    return Dice(int.from_bytes(digest[:8], "big"), _mixed(int.from_bytes(digest[8:], "big")))


def _mixed(gamma: int) -> int:
    """Odd, and with enough changes between its bits to scatter (the paper's ``mixGamma``)."""
    gamma |= 1
    return gamma ^ 0xAAAAAAAAAAAAAAAA if (gamma ^ gamma >> 1).bit_count() < 24 else gamma
