"""Topics of wire version 1, built and parsed here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kampung_contract.errors import InvalidTopic, UnknownVillage
from kampung_contract.villages import village

PREFIX = "kampung/v1"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
ALL = "all"
"""Stands where a node would: a document for every kiosk of the village."""


class Lane(StrEnum):
    """What a pack holds decides how it travels: fresh readings, older ones, or events that are never dropped."""

    LIVE = "live"
    BACKFILL = "backfill"
    EVENT = "event"


def check_name(what: str, name: str) -> str:
    """Return ``name`` when it may stand in a topic.

    Raises ``InvalidTopic`` for anything but 1 to 63 of ``a-z 0-9 - _`` that starts with a letter or digit, and for ``all``.
    """
    if NAME.fullmatch(name) is None or name == ALL:
        raise InvalidTopic(
            f"{what} {name!r} cannot stand in a topic: use 1 to 63 of a-z, 0-9, '-' and '_', first a letter or digit, not 'all'"
        )
    return name


@dataclass(frozen=True, slots=True)
class Address:
    """A node in its village. Building one raises ``UnknownVillage`` or ``InvalidTopic``."""

    village: str
    node: str

    def __post_init__(self) -> None:
        village(self.village)
        check_name("node", self.node)

    @property
    def base(self) -> str:
        """The topic of the node, ``kampung/v1/351024/2008/kiosk-1``."""
        return f"{village_base(self.village)}/{self.node}"

    def up(self, lane: Lane) -> str:
        """Where the edge publishes packs."""
        return f"{self.base}/up/{lane}"

    @property
    def receipt(self) -> str:
        """Where the cloud publishes receipts."""
        return f"{self.base}/down/receipt"

    def command(self, number: str) -> str:
        """Where the cloud publishes the command of this id; never retained."""
        return f"{self.base}/down/command/{check_name('command id', number)}"

    @property
    def commands(self) -> str:
        """Filter for every command to this node."""
        return f"{self.base}/down/command/+"

    def letter(self, number: str) -> str:
        """Where the cloud publishes the answer to a letter that was asked for; never retained."""
        return f"{self.base}/down/letter/{check_name('letter id', number)}"

    @property
    def letters(self) -> str:
        """Filter for every letter to this node."""
        return f"{self.base}/down/letter/+"

    @property
    def state(self) -> str:
        """Where the edge keeps its retained birth and last will."""
        return f"{self.base}/state"

    @property
    def contents(self) -> str:
        """Filter for every document of the village."""
        return f"{village_base(self.village)}/{ALL}/content/+"


def village_base(code: str) -> str:
    """``kampung/v1/351024/2008`` for ``35.10.24.2008``."""
    place = village(code)
    return f"{PREFIX}/{place.kecamatan_code}/{place.desa_code}"


def content(code: str, key: str) -> str:
    """Where the retained document ``key`` of a village stands."""
    return f"{village_base(code)}/{ALL}/content/{check_name('content key', key)}"


FILTERS = (f"{PREFIX}/+/+/+/up/+", f"{PREFIX}/+/+/+/state", f"{PREFIX}/+/+/+/senml/+")
"""What a cloud that serves the whole regency subscribes to."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A parsed topic. ``kind`` is one of up, state, receipt, command, letter, content, senml.

    ``name`` is the lane, the document's key, the device or the command's or letter's id.
    """

    village: str
    node: str
    kind: str
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Take a topic apart. Raises ``InvalidTopic``, or ``UnknownVillage`` for a village that is none of Banyuwangi's."""
        parts = text.split("/")
        if len(parts) < 6 or "/".join(parts[:2]) != PREFIX:
            raise InvalidTopic(f"topic {text!r} is not {PREFIX}/<kecamatan>/<desa>/<node>/…")
        district, desa, node, rest = parts[2], parts[3], parts[4], parts[5:]
        if not (re.fullmatch(r"\d{6}", district) and re.fullmatch(r"\d{4}", desa)):
            raise UnknownVillage(f"topic {text!r}: {district}/{desa} is no Kemendagri code; the form is 351024/2008")
        code = f"{district[:2]}.{district[2:4]}.{district[4:]}.{desa}"
        village(code)
        if node == ALL:
            if len(rest) == 2 and rest[0] == "content":
                return cls(code, node, "content", check_name("content key", rest[1]))
            raise InvalidTopic(f"topic {text!r}: only content/<key> may follow '{ALL}'")
        check_name("node", node)
        match rest:
            case ["up", lane] if lane in Lane.__members__.values():
                return cls(code, node, "up", lane)
            case ["state"]:
                return cls(code, node, "state")
            case ["down", "receipt"]:
                return cls(code, node, "receipt")
            case ["down", "command", number]:
                return cls(code, node, "command", check_name("command id", number))
            case ["down", "letter", number]:
                return cls(code, node, "letter", check_name("letter id", number))
            case ["senml", device]:
                return cls(code, node, "senml", check_name("device", device))
            case _:
                raise InvalidTopic(
                    f"topic {text!r}: {'/'.join(rest)!r} is not up/live, up/backfill, up/event, state, down/receipt, down/command/<id>, "
                    "down/letter/<id> or senml/<device>"
                )
