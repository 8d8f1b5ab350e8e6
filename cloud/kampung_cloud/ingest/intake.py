"""Messages into work: what to commit, what to receipt, what to refuse. Reads nothing but memory and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import structlog
from kampung_contract.documents import State, decode_state
from kampung_contract.errors import InvalidColumn, InvalidPack, InvalidTopic, KampungError, UnknownVillage
from kampung_contract.pack import FAIL, GOOD, MAX_SEQ, Column, Pack, check_column, decode
from kampung_contract.quantities import quantity
from kampung_contract.receipt import Rejection
from kampung_contract.rules import Rule
from kampung_contract.senml import decode_senml
from kampung_contract.topics import Topic

from kampung_cloud.alarm import Reading
from kampung_cloud.alarms import Alarms
from kampung_cloud.ingest.link import Message
from kampung_cloud.letters import Letter, Reason
from kampung_cloud.nodes import Nodes
from kampung_cloud.telemetry.store import Batch, PackId, Selector, SeriesKey, TelemetryStore

log = structlog.get_logger()

AHEAD_MS = 24 * 3_600_000
UNIT_LENGTH = 24


@dataclass(slots=True)
class Work:
    """``receipts`` and ``rejections`` by (topic of the node, epoch); ``states`` are (village, node, state, at, retained)."""

    batch: Batch = field(default_factory=Batch)
    letters: list[Letter] = field(default_factory=list)
    receipts: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    rejections: dict[tuple[str, str], list[Rejection]] = field(default_factory=dict)
    events: list[tuple[str, str, Pack, int]] = field(default_factory=list)
    """(village, node, pack, received) of packs that hold events."""
    states: list[tuple[str, str, State, int, bool]] = field(default_factory=list)
    seen: dict[str, tuple[str, int, bool | None]] = field(default_factory=dict)
    """By node: village, receive time, whether its clock is synchronised."""
    watched: dict[SeriesKey, list[Reading]] = field(default_factory=dict)
    lanes: dict[str, int] = field(default_factory=dict)


class Intake:
    """Takes messages apart. Remembers series and their owners, bounded by ``max_series`` a node."""

    def __init__(self, store: TelemetryStore, nodes: Nodes, alarms: Alarms, max_series: int) -> None:
        self._store = store
        self._nodes = nodes
        self._alarms = alarms
        self._max_series = max_series
        self._keys: dict[tuple[str, str], tuple[SeriesKey, tuple[Rule, ...]]] = {}
        self._counts: dict[str, int] = {}
        self._homes: dict[str, str] = {}
        self._foreign: dict[tuple[str, str], int] = {}

    def take(self, messages: Iterable[Message]) -> Work:
        """Work that holds every message in one way or another."""
        work = Work()
        for message in messages:
            try:
                self._message(message, work)
            except Exception as error:
                log.exception("message could not be taken", topic=message.topic)
                _refuse(work, message, "pack", KampungError(f"{type(error).__name__} inside the cloud"))
        return work

    def _message(self, message: Message, work: Work) -> None:
        try:
            topic = Topic.parse(message.topic)
        except (InvalidTopic, UnknownVillage) as error:
            _refuse(work, message, "topic", error, identity=_identity(message))
            return
        home = self._home(topic)
        if home != topic.village:
            elsewhere = KampungError(
                f"node {topic.node!r} belongs to village {home}, not {topic.village}; a node's name is unique in the regency",
                code="node_elsewhere",
            )
            _refuse(work, message, "node", elsewhere, identity=_identity(message))
            return
        match topic.kind:
            case "up":
                self._pack(message, topic, work)
            case "senml":
                self._senml(message, topic, work)
            case "state" if message.payload:
                self._state(message, topic, work)

    def _home(self, topic: Topic) -> str:
        home = self._homes.get(topic.node)
        if home is None:
            known = self._nodes.get(topic.node)
            home = self._homes[topic.node] = known.village if known else topic.village
        return home

    def _state(self, message: Message, topic: Topic, work: Work) -> None:
        try:
            state = decode_state(message.payload)
        except KampungError as error:
            _refuse(work, message, "state", error, node=topic.node)
            return
        work.states.append((topic.village, topic.node, state, message.received, message.retained))

    def _pack(self, message: Message, topic: Topic, work: Work) -> None:
        try:
            pack = decode(message.payload)
        except InvalidPack as error:
            _refuse(work, message, "pack", error, node=topic.node, identity=error.identity)
            return
        stored = 0
        for column in pack.series:
            try:
                self._column(column, topic, message.received, work)
            except InvalidColumn as error:
                payload = msgspec.json.encode(column)
                work.letters.append(
                    Letter(message.topic, payload, "column", error.code, error.message, message.received, topic.node, pack.epoch, pack.seq)
                )
            else:
                stored += len(column.v)
        work.batch.packs.append(PackId(topic.node, pack.epoch, pack.seq, stored))
        if pack.events:
            work.events.append((topic.village, topic.node, pack, message.received))
        work.receipts.setdefault((_base(message.topic), pack.epoch), []).append(pack.seq)
        work.lanes[topic.name] = work.lanes.get(topic.name, 0) + 1
        if not message.retained:
            work.seen[topic.node] = (topic.village, message.received, pack.clock.synchronised)

    def _senml(self, message: Message, topic: Topic, work: Work) -> None:
        place = (topic.node, topic.name)
        # Readings without a time get the receive time, which must not be the one that the message before got.
        received = max(message.received, self._foreign.get(place, 0) + 1)
        try:
            columns = decode_senml(message.payload, topic.name, received)
        except KampungError as error:
            _refuse(work, message, "senml", error, node=topic.node)
            return
        last = received
        for column in columns:
            try:
                judged = _judge(column)
                self._column(judged, topic, message.received, work)
                times = judged.times()
                if times[0] == received:
                    last = max(last, times[-1])
            except InvalidColumn as error:
                payload = msgspec.json.encode(column)
                work.letters.append(Letter(message.topic, payload, "column", error.code, error.message, message.received, topic.node))
        self._foreign[place] = last
        if not message.retained:
            work.seen[topic.node] = (topic.village, message.received, None)

    def _column(self, column: Column, topic: Topic, received: int, work: Work) -> None:
        check_column(column, received + AHEAD_MS)
        key, rules = self._key(column, topic)
        work.batch.add(key, column, received)
        if rules:
            flags = column.q if column.q is not None else [GOOD] * len(column.v)
            work.watched.setdefault(key, []).extend(
                Reading(t, v, q, received) for t, v, q in zip(column.times(), column.v, flags, strict=True)
            )

    def _key(self, column: Column, topic: Topic) -> tuple[SeriesKey, tuple[Rule, ...]]:
        found = self._keys.get((topic.node, column.n))
        if found is None:
            key = SeriesKey(topic.village, topic.node, column.device, column.quantity, column.u)
            stored = self._store.find(key.id)
            if stored is None:
                self._admit(key)
            else:
                key = stored.key
            found = self._keys[topic.node, column.n] = (key, self._alarms.rules_for(key))
        if found[0].unit != column.u:
            raise InvalidColumn(f"{column.n}: unit {column.u[:40]!r}; this series began in {found[0].unit!r}", code="wrong_unit")
        return found

    def _admit(self, key: SeriesKey) -> None:
        if len(key.unit) > UNIT_LENGTH or not key.unit.isprintable():
            raise InvalidColumn(f"{key.id}: unit {key.unit[:40]!r} is not a unit of up to {UNIT_LENGTH} characters", code="wrong_unit")
        count = self._counts.get(key.node)
        if count is None:
            count = len(self._store.series(Selector(node=key.node)))
        if count >= self._max_series:
            raise InvalidColumn(
                f"{key.id}: node {key.node!r} has {count} series already; raise ingest.max_series_per_node if that is meant",
                code="too_many_series",
            )
        self._counts[key.node] = count + 1


def _base(topic: str) -> str:
    return "/".join(topic.split("/", 5)[:5])


def _identity(message: Message) -> tuple[str, int] | None:
    """Epoch and seq of a message on a topic that is not ours to take, so that its sender can be told."""
    if message.topic.split("/")[5:6] != ["up"]:
        return None
    try:
        pack = decode(message.payload)
    except InvalidPack as error:
        return error.identity
    return pack.epoch, pack.seq


def _refuse(
    work: Work, message: Message, reason: Reason, error: KampungError, *, node: str | None = None, identity: tuple[str, int] | None = None
) -> None:
    epoch, seq = identity if identity is not None and 0 < identity[1] <= MAX_SEQ and len(identity[0]) <= 64 else (None, None)
    work.letters.append(Letter(message.topic, message.payload, reason, error.code, error.message, message.received, node, epoch, seq))
    if epoch is not None and seq is not None:
        rejection = Rejection(seq, error.code, error.message[:300])
        work.rejections.setdefault((_base(message.topic), epoch), []).append(rejection)


def _judge(column: Column) -> Column:
    """A foreign device's readings have passed no quality control: flag what no working sensor reports."""
    known = quantity(column.quantity)
    if known is None or all(map(known.plausible, column.v)):
        return column
    flags = [GOOD if known.plausible(value) else FAIL for value in column.v]
    return msgspec.structs.replace(column, q=flags)
