"""Readings that are judged by others of the same place: what was last heard of those, and the tests over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from kampung_bridge.reading import Reading
from kampung_contract.neighbours import Neighbours
from kampung_contract.pack import FAIL, GOOD, MISSING, SUSPECT
from kampung_contract.pm_correction import Method
from kampung_contract.relations import Beside, Distinct, Never, Night, Order, Relation, relations

Series = tuple[str, str]
"""Device and quantity."""
Test = Callable[[int, float], int]
"""A flag for a reading: milliseconds UTC, value."""
Heard = tuple[int, float, int]
"""Milliseconds UTC, value, flag."""

BESIDE_MS = 600_000
"""A reading of another device is of the same moment while it is no older than this, as long as an automatic station takes for a mean."""
PAIR_MS = 120_000
"""Two dust sensors side by side are compared within so long: a PurpleAir's averaging time, to which the limits were made."""


class Company:
    """Remembers the newest reading of each series that another is judged by. Ports' threads write series of their own."""

    def __init__(
        self,
        *,
        models: Mapping[str, str] | None = None,
        delivered: Mapping[str, Iterable[str]] | None = None,
        beside: Mapping[str, Mapping[str, str]] | None = None,
        neighbours: Sequence[Neighbours] = (),
        pairs: Mapping[Series, tuple[Series, Method]] | None = None,
        sun: Callable[[int], float] | None = None,
    ) -> None:
        """By device: its profile, the quantities it ``delivered``, and what is measured ``beside`` it. ``sun`` gives its elevation."""
        self._models, self._beside = dict(models or {}), dict(beside or {})
        self._delivered = {name: frozenset(quantities) for name, quantities in (delivered or {}).items()}
        self._neighbours, self._sun = neighbours, sun
        self._pairs = dict(pairs or {})
        self._heard: dict[Series, Heard] = {}
        self._asked: set[Series] = set()

    def join(self, name: str, model: str, quantities: Iterable[str]) -> None:
        """A device whose readings are to come."""
        self._models[name], self._delivered[name] = model, frozenset(quantities)

    def frame(self, device: str, readings: Iterable[Reading], at: int) -> None:
        """Readings of one frame, before they are judged one by one."""
        for reading in readings:
            if (device, reading.quantity) in self._asked:
                self._heard[device, reading.quantity] = (at, reading.value, reading.quality)

    def hear(self, series: Series, heard: Heard) -> None:
        """A reading with its flag."""
        if series in self._asked:
            self._heard[series] = heard

    def ask(self, series: Series) -> None:
        """Remember this one from now on."""
        self._asked.add(series)

    def last(self, series: Series, t: int, within: int) -> Heard | None:
        """What it said, at most ``within`` ms before or after ``t``; None where it failed or said nothing."""
        heard = self._heard.get(series)
        if heard is None or abs(t - heard[0]) > within or heard[2] in (FAIL, MISSING):
            return None
        return heard

    def tests(self, device: str, name: str) -> Iterator[tuple[str, Test]]:
        """Those that this series is judged by, with their names."""
        for relation in relations():
            if relation.concerns(self._models.get(device, "")) and (test := self._relation(relation, device, name)) is not None:
                yield "relation", test
        for group in self._neighbours:
            if group.quantity == name and device in group.series:
                yield "neighbours", self._near(group, device)
        if (device, name) in self._pairs:
            yield "pair", self._twin(*self._pairs[device, name])

    def _relation(self, relation: Relation, device: str, name: str) -> Test | None:
        if isinstance(relation, Order | Distinct) and name in (relation.low, relation.high):
            return self._together(relation, device, name)
        if isinstance(relation, Beside) and relation.quantity == name:
            own = relation.other in self._delivered.get(device, ())
            other = device if own else self._beside.get(device, {}).get(relation.other)
            return None if other is None else self._aside(relation, (other, relation.other))
        if isinstance(relation, Night) and relation.quantity == name and (sun := self._sun) is not None:
            return lambda t, value: SUSPECT if value > relation.most and relation.broken(value, sun(t)) else GOOD
        if isinstance(relation, Never) and relation.quantity == name:
            return lambda _, value: SUSPECT if relation.broken(value) else GOOD
        return None

    def _together(self, relation: Order | Distinct, device: str, name: str) -> Test:
        low = name == relation.low
        other = (device, relation.high if low else relation.low)
        self._asked |= {other, (device, name)}

        def of_one_frame(t: int, value: float) -> int:
            heard = self.last(other, t, 0)
            if heard is None:
                return GOOD
            return SUSPECT if (relation.broken(value, heard[1]) if low else relation.broken(heard[1], value)) else GOOD

        return of_one_frame

    def _aside(self, relation: Beside, other: Series) -> Test:
        self._asked.add(other)

        def of_one_place(t: int, value: float) -> int:
            heard = self.last(other, t, BESIDE_MS)
            return SUSPECT if heard is not None and relation.broken(value, heard[1]) else GOOD

        return of_one_place

    def _near(self, group: Neighbours, device: str) -> Test:
        within, others = round(1000 * group.within), [name for name in group.series if name != device]
        self._asked |= {(name, group.quantity) for name in group.series}

        def of_neighbours(t: int, value: float) -> int:
            heard = [(name, self.last((name, group.quantity), t, within)) for name in others]
            levels = [group.level(name, found[1]) for name, found in heard if found is not None and found[2] != SUSPECT]
            return SUSPECT if group.doubted(group.level(device, value), levels) else GOOD

        return of_neighbours

    def _twin(self, other: Series, method: Method) -> Test:
        self._asked.add(other)

        def of_a_pair(t: int, value: float) -> int:
            heard = self.last(other, t, PAIR_MS)
            return SUSPECT if heard is not None and not method.agree(value, heard[1]) else GOOD

        return of_a_pair
