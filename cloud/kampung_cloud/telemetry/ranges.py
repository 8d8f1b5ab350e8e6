"""Sets of sequence numbers as coalesced ranges: what is there, and what is missing in between."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator


class Ranges:
    """A set of positive integers that costs memory by the gap, not by the number."""

    __slots__ = ("_first", "_last")

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        """``ranges`` are inclusive, disjoint and in order."""
        self._first: list[int] = []
        self._last: list[int] = []
        for first, last in ranges:
            self._first.append(first)
            self._last.append(last)

    def __contains__(self, number: int) -> bool:
        if not self._last or number > self._last[-1]:
            return False
        at = bisect_right(self._first, number) - 1
        return at >= 0 and number <= self._last[at]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(list(self._first), list(self._last), strict=True)

    @property
    def first(self) -> int:
        """Lowest member, 0 when empty."""
        return self._first[0] if self._first else 0

    @property
    def last(self) -> int:
        """Highest member, 0 when empty."""
        return self._last[-1] if self._last else 0

    def count(self) -> int:
        """How many members."""
        return sum(self._last) - sum(self._first) + len(self._first)

    def copy(self) -> Ranges:
        """An independent set with the same members."""
        return Ranges(self)

    def add(self, number: int) -> bool:
        """Put ``number`` in; False when it was there."""
        at = bisect_right(self._first, number) - 1
        if at >= 0 and number <= self._last[at]:
            return False
        left = at >= 0 and self._last[at] == number - 1
        right = at + 1 < len(self._first) and self._first[at + 1] == number + 1
        if left and right:
            self._last[at] = self._last.pop(at + 1)
            del self._first[at + 1]
        elif left:
            self._last[at] = number
        elif right:
            self._first[at + 1] = number
        else:
            self._first.insert(at + 1, number)
            self._last.insert(at + 1, number)
        return True

    def extend(self, numbers: Iterable[int]) -> None:
        """Put all of ``numbers`` in; those that follow upon the last member cost next to nothing."""
        for number in numbers:
            if self._last and number == self._last[-1] + 1:
                self._last[-1] = number
            else:
                self.add(number)

    def joined(self, first: int, last: int) -> Ranges:
        """These and ``first`` to ``last``."""
        out: list[tuple[int, int]] = []
        for low, high in sorted([*self, (first, last)]):
            if out and low <= out[-1][1] + 1:
                out[-1] = (out[-1][0], max(high, out[-1][1]))
            else:
                out.append((low, high))
        return Ranges(out)

    def missing(self, up_to: int) -> list[tuple[int, int]]:
        """Inclusive ranges from 1 to ``up_to`` that are not members."""
        out: list[tuple[int, int]] = []
        now = 1
        for first, last in self:
            if first > up_to:
                break
            if first > now:
                out.append((now, first - 1))
            now = last + 1
        if now <= up_to:
            out.append((now, up_to))
        return out
