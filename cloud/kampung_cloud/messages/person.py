"""A person who hears of alarms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kampung_contract.alarm import Alarm
from kampung_contract.errors import InvalidRequest
from kampung_contract.villages import village

from kampung_cloud.messages.address import Address, address
from kampung_cloud.messages.classes import Role, roles
from kampung_cloud.messages.quiet import Quiet, minute, written

LANGUAGES = ("id", "jv", "osi", "mad", "en")
ABOUT = ("flood", "landslide", "air", "heat", "water", "weather", "volcano", "farm", "device", "other")
MOST_ADDRESSES = 8
MOST_FIELDS = 50


@dataclass(frozen=True, slots=True)
class Person:
    """``village`` is empty for the regency's own. ``about``: empty for what his role hears of. ``least``: the lowest severity he wants.

    ``addresses`` are tried in this order; ``fields`` are ids of ``[[field]]`` tables; ``quiet``: None for everybody's quiet hours.
    """

    id: str
    village: str
    name: str
    role: str
    language: str = "id"
    addresses: tuple[Address, ...] = ()
    fields: tuple[str, ...] = ()
    about: frozenset[str] = frozenset()
    least: int = 1
    quiet: Quiet | None = None
    active: bool = True

    @property
    def kind(self) -> Role:
        """What his role hears of."""
        return roles()[self.role]

    @property
    def hears(self) -> frozenset[str]:
        """Kinds of alarms that he is told of at once."""
        return self.about or self.kind.about

    def concerned(self, alarm: Alarm, fields: Mapping[str, frozenset[str]]) -> bool:
        """Whether he hears of the alarm without anybody's having to escalate it; ``fields``: series by field."""
        if self.village not in ("", alarm.village) or alarm.about not in self.hears or alarm.severity < self.least:
            return False
        if alarm.about != "farm" or not self.kind.fields:
            return True
        return any(alarm.series in fields.get(name, ()) for name in self.fields)

    def answers(self, about: str) -> bool:
        """Whether an answer of his acknowledges such an alarm."""
        return about in self.kind.answers


def person(
    *,
    id: str,  # noqa: A002 - the key's name
    name: str,
    role: str,
    channels: Mapping[str, str],
    known_fields: Iterable[str],
    village_code: str = "",
    language: str = "id",
    addresses: Iterable[tuple[str, str]] = (),
    fields: Iterable[str] = (),
    about: Iterable[str] = (),
    least: int = 1,
    quiet: tuple[str, str] | None = None,
    active: bool = True,
) -> Person:
    """A person from what somebody typed. Raises ``InvalidRequest`` naming key, value and remedy, and ``UnknownVillage``."""
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", id) is None:
        raise InvalidRequest(f"id = {id[:40]!r}: write 1 to 63 small letters, digits and hyphens, as pak-wayan")
    name = " ".join(name.split())
    if not 1 <= len(name) <= 127 or not name.isprintable():
        raise InvalidRequest(f"name = {name[:40]!r}: write 1 to 127 characters")
    _one_of("role", role, roles())
    _one_of("language", language, LANGUAGES)
    if village_code:
        village_code = village(village_code).code
    elif not roles()[role].regency:
        whole = ", ".join(key for key, kind in roles().items() if kind.regency)
        raise InvalidRequest(f"village is missing: {role!r} is somebody of a village, as 35.10.24.2008; without one are only {whole}")
    wanted = list(about)
    for each in wanted:
        _one_of("about", each, ABOUT)
    if not 1 <= least <= 3:
        raise InvalidRequest(f"least = {least}: the lowest severity wanted is 1 (Waspada), 2 (Siaga) or 3 (Awas)")
    own, there = list(dict.fromkeys(fields)), list(known_fields)
    for each in own:
        _one_of("fields", each, there)
    found = list(dict.fromkeys(address(channel, value, channels) for channel, value in addresses))
    if not 1 <= len(found) <= MOST_ADDRESSES:
        raise InvalidRequest(f"addresses = {len(found)} of them: give 1 to {MOST_ADDRESSES}, in the order in which they are to be tried")
    if len(own) > MOST_FIELDS:
        raise InvalidRequest(f"fields = {len(own)} of them: give at most {MOST_FIELDS}")
    hours = None if quiet is None else _quiet(*quiet)
    return Person(id, village_code, name, role, language, tuple(found), tuple(own), frozenset(wanted), least, hours, active)


def quiet_hours(quiet: Quiet | None) -> dict[str, str] | None:
    """As they are kept and shown."""
    return None if quiet is None else {"from": written(quiet.begin), "to": written(quiet.end)}


def _quiet(begin: str, end: str) -> Quiet:
    try:
        found = Quiet(minute(begin), minute(end))
    except ValueError as error:
        raise InvalidRequest(f"quiet = from {begin[:20]!r} to {end[:20]!r}: {error}") from None
    if found.begin == found.end:
        raise InvalidRequest(f"quiet = from {begin} to {end}: that is no time at all; leave quiet out for the usual hours")
    return found


def _one_of(key: str, value: str, known: Iterable[str]) -> None:
    choice = list(known)
    if value in choice:
        return
    near = difflib.get_close_matches(value, choice, n=1, cutoff=0.75)
    others = f"known: {', '.join(choice)}" if choice else "there is none in cloud.toml"
    hint = f"did you mean {near[0]!r}?" if near else others
    raise InvalidRequest(f"{key} = {value[:40]!r}: unknown; {hint}")
