"""What is known of nodes whose packs come again and again, and what a batch says of packs that were taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from kampung_contract.topics import Topic

from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.work import Work
from kampung_cloud.telemetry.store import PackId, SeriesKey

KEPT_SHAPES = 64
"""Of a node."""


class Known(NamedTuple):
    """A series whose name and unit were checked when it came first; somebody looks at its readings when it is ``watched``."""

    key: SeriesKey
    watched: bool


class Shape:
    """Columns that a node sends together, time and again. ``places`` are their series' in the batch of ``round``."""

    __slots__ = ("known", "places", "round", "units", "watched")

    def __init__(self, known: list[Known]) -> None:
        self.known = known
        self.units = [k.key.unit for k in known]
        self.watched = [index for index, k in enumerate(known) if k.watched]
        self.places: list[int] = []
        self.round = 0


class Node:
    """What is known of a node: its series by the columns' name, and its packs' shapes by the names in order."""

    __slots__ = ("number", "series", "shapes")

    def __init__(self, number: int) -> None:
        self.number = number
        self.series: dict[str, Known] = {}
        self.shapes: dict[tuple[str, ...], Shape] = {}

    def shape(self, names: tuple[str, ...]) -> Shape | None:
        """None when a column is not known."""
        known = [self.series.get(name) for name in names]
        if None in known:
            return None
        if len(self.shapes) >= KEPT_SHAPES:
            self.shapes.clear()
        shape = self.shapes[names] = Shape([k for k in known if k is not None])
        return shape


class Place(NamedTuple):
    """Of a topic; ``name`` is its node's."""

    base: str
    topic: Topic
    name: str
    node: Node


Taken = tuple[Message, Place, str, int, int, int]
"""A pack: with its epoch and seq, and how many columns and readings it has."""


def note(taken: Sequence[Taken], work: Work) -> None:
    """Packs whose readings are in the batch: their identities, receipts, and what they say of their nodes."""
    packs, receipts, lasts = work.batch.packs, work.receipts, {}
    for message, place, epoch, seq, _, readings in taken:
        packs.append(PackId(place.name, epoch, seq, readings))
        numbers = receipts.get((place.base, epoch))
        if numbers is None:
            numbers = receipts[place.base, epoch] = []
        numbers.append(seq)
        if not message.retained:
            lasts[place.name] = (place.topic, message)
    for lane, count in Counter([place.topic.name for _, place, *_ in taken]).items():
        work.lanes[lane] = work.lanes.get(lane, 0) + count
    for topic, message in lasts.values():
        work.saw(topic.node, topic.village, message.received, True)
