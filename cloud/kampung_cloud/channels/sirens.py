"""Outputs that alarms switch hear of alarms like people do: each ``[[channel]]`` of kind output has an entry among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete

from kampung_cloud.channels.settings import Output
from kampung_cloud.messages import people
from kampung_cloud.messages.address import Address
from kampung_cloud.messages.person import Person
from kampung_cloud.records import Records
from kampung_cloud.records.message_models import PersonRow

PREFIX = "keluaran-"
NAME = 63


def introduce(records: Records, channels: Sequence[Any], now: int) -> None:
    """As configured now; those that are no longer configured hear nothing more. Raises ``StorageUnavailable``."""
    wanted = {each.id: each for each in (_person(c) for c in channels if isinstance(c, Output))}
    there = {each.id: each for each in people.listed(records) if each.id.startswith(PREFIX)}
    gone = there.keys() - wanted.keys()
    if gone:
        with records.session() as session:
            session.execute(delete(PersonRow).where(PersonRow.id.in_(gone)))
    changed = [each for name, each in wanted.items() if there.get(name) != each]
    if changed:
        people.put(records, changed, now)


def _person(channel: Output) -> Person:
    return Person(
        id=f"{PREFIX}{channel.name}"[:NAME],
        village=channel.village,
        name=f"Keluaran {channel.node}/{channel.output}",
        role="resident",
        addresses=(Address(channel.name, f"{channel.node}/{channel.output}"),),
        about=frozenset(channel.about),
        least=channel.least,
    )
