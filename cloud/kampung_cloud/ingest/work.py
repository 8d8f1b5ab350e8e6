"""What a batch of messages comes to: rows to commit, packs to receipt, messages to set aside."""

from __future__ import annotations

from dataclasses import dataclass, field

from kampung_contract.documents import State
from kampung_contract.errors import InvalidPack, KampungError
from kampung_contract.pack import MAX_SEQ, Pack, decode
from kampung_contract.receipt import Rejection
from kampung_contract.switching import Reply, Switching

from kampung_cloud.alarm import Reading
from kampung_cloud.handling.kiosk import Acted
from kampung_cloud.ingest.message import Message
from kampung_cloud.judging.book import Judgement
from kampung_cloud.letters import Letter, Reason
from kampung_cloud.telemetry.store import Batch, SeriesKey

Told = tuple[str, str, Reply | Switching, int]
"""(village, node, what it told of an output, received)."""


@dataclass(slots=True)
class Work:
    """``receipts`` and ``rejections`` by (topic of the node, epoch); ``states`` are (village, node, state, at, retained)."""

    batch: Batch = field(default_factory=Batch)
    taken: set[tuple[str, str, int]] = field(default_factory=set)
    """(node, epoch, seq) of packs in ``batch`` whose readings are truth."""
    twice: bool = False
    """Whether a number came more than once."""
    repeated: dict[str, Batch] = field(default_factory=dict)
    """By node, packs whose number is taken: the same once more, or another content after an old spool was restored."""
    letters: list[Letter] = field(default_factory=list)
    receipts: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    rejections: dict[tuple[str, str], list[Rejection]] = field(default_factory=dict)
    events: list[tuple[str, str, Pack, int]] = field(default_factory=list)
    """(village, node, pack, received) of packs that hold events."""
    told: list[Told] = field(default_factory=list)
    acted: list[Acted] = field(default_factory=list)
    judged: list[Judgement] = field(default_factory=list)
    """Readings that turned out to be worse than they were sent."""
    states: list[tuple[str, str, State, int, bool]] = field(default_factory=list)
    seen: dict[str, tuple[str, int, bool | None]] = field(default_factory=dict)
    """By node: village, receive time, whether its clock is synchronised."""
    watched: dict[SeriesKey, list[Reading]] = field(default_factory=dict)
    lanes: dict[str, int] = field(default_factory=dict)

    def saw(self, node: str, village: str, received: int, synchronised: bool | None) -> None:
        """A message of the node arrived; the latest one counts."""
        before = self.seen.get(node)
        if before is None or before[1] <= received:
            self.seen[node] = (village, received, synchronised)


def _base(topic: str) -> str:
    return "/".join(topic.split("/", 5)[:5])


def identity_of(message: Message) -> tuple[str, int] | None:
    """Epoch and seq of a message on a topic that is not ours to take, so that its sender can be told."""
    if message.topic.split("/")[5:6] != ["up"]:
        return None
    try:
        pack = decode(message.payload)
    except InvalidPack as error:
        return error.identity
    return pack.epoch, pack.seq


def refuse(
    work: Work, message: Message, reason: Reason, error: KampungError, *, node: str | None = None, identity: tuple[str, int] | None = None
) -> None:
    """Set a message aside, and tell its sender where it names itself."""
    epoch, seq = identity if identity is not None and 0 < identity[1] <= MAX_SEQ and len(identity[0]) <= 64 else (None, None)
    work.letters.append(Letter(message.topic, message.payload, reason, error.code, error.message, message.received, node, epoch, seq))
    if epoch is not None and seq is not None:
        rejection = Rejection(seq, error.code, error.message[:300])
        work.rejections.setdefault((_base(message.topic), epoch), []).append(rejection)
