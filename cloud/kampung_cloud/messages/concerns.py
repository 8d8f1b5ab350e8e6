"""Whom which alarms concern, in groups. Worked out once for all who are alike; who is alike gets the very same object."""

from __future__ import annotations

from collections import defaultdict

from kampung_contract.alarm import Alarm

from kampung_cloud.messages.person import Person
from kampung_cloud.messages.step import Mine
from kampung_cloud.messages.view import View
from kampung_cloud.messages.world import DRILL, fires

TOGETHER = frozenset({"device"})
"""Whoever hears of these for the whole regency gets one group, not one a village: a broken line makes every sensor silent."""


class Concerns:
    """Of the alarms that fire in a view."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._groups: defaultdict[str, list[Alarm]] = defaultdict(list)
        for alarm in view.world.alarms.values():
            if fires(alarm):
                group = view.world.group(alarm)
                self._groups[group].append(alarm)
                if alarm.about in TOGETHER:
                    self._groups[group.removeprefix(alarm.village)].append(alarm)
        self._of: defaultdict[str, list[str]] = defaultdict(list)
        """Groups by village, empty for the regency."""
        for group in self._groups:
            village, _, about = group.partition(":")
            self._of[village].append(group)
            if village and about.removesuffix(DRILL) not in TOGETHER:
                self._of[""].append(group)
        self._passed_on = {a.id: levels for some in self._groups.values() for a in some if (levels := view.due_levels(a))}
        self._alike: dict[tuple[object, ...], dict[str, Mine]] = {}
        self._found: dict[tuple[object, ...], Mine] = {}

    def of(self, person: Person) -> dict[str, Mine]:
        """By group, the alarms that concern him."""
        key = (person.village, person.role, person.about, person.least, person.fields)
        if key not in self._alike:
            found = {group: self._mine(person, group) for group in self._of.get(person.village, ())}
            self._alike[key] = {group: mine for group, mine in found.items() if mine}
        return self._alike[key]

    def _mine(self, person: Person, group: str) -> Mine:
        alarms = self._groups[group]
        key = (group, person.role, person.about, person.least, person.fields if alarms[0].about == "farm" else ())
        if key not in self._found:
            own: dict[str, bool] = {}
            for alarm in alarms:
                asked = person.role in self._passed_on.get(alarm.id, ())
                if asked or person.concerned(alarm, self._view.world.fields):
                    own[alarm.id] = asked
            self._found[key] = own
        return self._found[key]
