"""Which numbers a damaged spool held: the table's tree says which are on each page, also on one that does not read.

A page is believed when its keys rise within what its parent says of it and its bytes add up (https://www.sqlite.org/fileformat2.html 1.6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

LEAF, INTERIOR = 0x0D, 0x05
DEEPEST = 20
Range = tuple[int, int]


def cells(page: bytes, head: int = 8) -> list[int]:
    """Where the cells of a page begin, as far as that can be."""
    count = min(int.from_bytes(page[3:5], "big"), (len(page) - head) // 2)
    places = [int.from_bytes(page[head + 2 * i : head + 2 * i + 2], "big") for i in range(count)]
    return [at for at in places if head <= at < len(page)]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """SQLite's variable-length integer at ``at``, and the place behind it. Raises ``IndexError``."""
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9


def local(length: int, usable: int) -> int:
    """Bytes of a record of ``length`` that lie on its own page; the rest overflows."""
    if length <= usable - 35:
        return length
    least = (usable - 12) * 32 // 255 - 23
    some = least + (length - least) % (usable - 4)
    return some if some <= usable - 35 else least


@dataclass(frozen=True, slots=True)
class Tree:
    """``page`` gives the newest bytes of a page by number, counted from 1; ``usable`` of them hold content."""

    page: Callable[[int], bytes]
    usable: int

    def keys(self, root: int, first: int, last: int) -> list[Range]:
        """Keys from ``first`` to ``last`` that the table with this root page holds; of what does not read, all that it may have held."""
        found = [(max(low, first), min(high, last)) for low, high in self._walk(root, 0, last, DEEPEST)]
        return merge([r for r in found if r[0] <= r[1]], [])

    def _walk(self, number: int, low: int, high: int, depth: int) -> Iterator[Range]:
        """Keys over ``low`` up to ``high`` are below this page."""
        page = self.page(number)
        try:
            if page[0] == LEAF and self._sound(page, 8, low, high):
                for at in cells(page):
                    key, _ = varint(page, varint(page, at)[1])
                    yield key, key
                return
            if page[0] == INTERIOR and depth and self._sound(page, 12, low, high) and (places := cells(page, 12)):
                for at in places:
                    key, _ = varint(page, at + 4)
                    yield from self._walk(int.from_bytes(page[at : at + 4], "big"), low, key, depth - 1)
                    low = key
                yield from self._walk(int.from_bytes(page[8:12], "big"), low, high, depth - 1)
                return
        except IndexError:
            pass  # its cells lead out of it
        if low < high:
            yield low + 1, high

    def _sound(self, page: bytes, head: int, low: int, high: int) -> bool:
        count, content = int.from_bytes(page[3:5], "big"), int.from_bytes(page[5:7], "big")
        places = cells(page, head)
        if len(places) != count or not head + 2 * count <= content <= self.usable <= len(page):
            return False
        used, before = page[7], low
        for at in places:
            if head == 8:
                length, behind = varint(page, at)
                key, behind = varint(page, behind)
                share = local(length, self.usable)
                used += max(4, behind - at + share + (4 if share < length else 0))
            else:
                key, behind = varint(page, at + 4)
                used += max(4, behind - at)
            if not before < key <= high:
                return False
            before = key
        free = int.from_bytes(page[1:3], "big")
        while free and used <= self.usable:
            used += max(4, int.from_bytes(page[free + 2 : free + 4], "big"))
            following = int.from_bytes(page[free : free + 2], "big")
            if following and following <= free:
                return False
            free = following
        return used == self.usable - content


def subtract(ranges: list[Range], others: list[Range]) -> list[Range]:
    """What of ``ranges`` is in none of ``others``; both are in order and disjoint."""
    out = []
    for first, last in ranges:
        at = first
        for low, high in others:
            if high < at or low > last:
                continue
            if low > at:
                out.append((at, low - 1))
            at = high + 1
        if at <= last:
            out.append((at, last))
    return out


def merge(one: list[Range], other: list[Range]) -> list[Range]:
    """Both, in order and joined where they meet."""
    out: list[Range] = []
    for first, last in sorted([*one, *other]):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return out
