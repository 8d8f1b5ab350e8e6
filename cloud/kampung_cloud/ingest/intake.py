"""Messages into work: what to commit, what to receipt, what to refuse. Reads nothing but memory and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import structlog
from kampung_contract.documents import decode_state
from kampung_contract.errors import InvalidColumn, InvalidPack, InvalidTopic, KampungError, UnknownVillage
from kampung_contract.pack import EARLIEST, FAIL, GOOD, Clock, Column, Pack, check_column, decode
from kampung_contract.provenance import TYPE as ANNOUNCEMENT
from kampung_contract.provenance import parse_announcement
from kampung_contract.quantities import quantity
from kampung_contract.senml import decode_senml
from kampung_contract.topics import Topic

from kampung_cloud.alarm import Reading
from kampung_cloud.alarms import Alarms
from kampung_cloud.handling import kiosk
from kampung_cloud.ingest.believed import AHEAD_MS
from kampung_cloud.ingest.foreign import Foreign
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.plain import Plain
from kampung_cloud.ingest.withdrawn import refused, sift
from kampung_cloud.ingest.work import Work, identity_of, refuse
from kampung_cloud.judging import told as judging
from kampung_cloud.letters import Letter
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs import told
from kampung_cloud.records.models import DeadLetterRow
from kampung_cloud.telemetry.store import UNIT_LENGTH, Batch, Correction, PackId, Selector, SeriesKey, TelemetryStore, is_unit

log = structlog.get_logger()

KEPT_TOPICS = 10_000
MANY = 32
"""Messages that are looked at one by one without a second thought."""
MOST_MS = 2**48
"""Beyond what any clock says."""


class _Unsynchronised(NamedTuple):
    """``lead``: what a time of the pack's has to be given to be ms since the boot; ``behind``: what to be true, None while unknown."""

    epoch: str
    seq: int
    boot: str
    lead: int
    behind: int | None


class Intake:
    """Takes messages apart. Remembers series and their owners, bounded by ``max_series`` a node."""

    def __init__(
        self, store: TelemetryStore, nodes: Nodes, alarms: Alarms, max_series: int, compared: Callable[[str], bool] = lambda _: False
    ) -> None:
        """``compared``: whether a series, by its name, has neighbours."""
        self._store, self._compared = store, compared
        self._nodes = nodes
        self._alarms = alarms
        self._max_series = max_series
        self._keys: dict[tuple[str, str], tuple[SeriesKey, bool]] = {}
        self._counts: dict[str, int] = {}
        self._homes: dict[str, str] = {}
        self._topics: dict[str, Topic] = {}
        self._foreign = Foreign(store)
        self._plain = Plain(store)

    def take(self, messages: Iterable[Message]) -> Work:
        """Work that holds every message in one way or another."""
        messages = list(messages)
        if not self._nodes.past:
            return self._take(messages)
        left, aside = sift(messages, self._nodes)
        work = self._take(left)
        work.letters += aside.letters
        for node, (village, received, synchronised) in aside.seen.items():
            work.saw(node, village, received, synchronised)
        return work

    def _take(self, messages: list[Message]) -> Work:
        work = Work()
        try:
            rest = self._plain.take(messages, work)
            quick = len(messages) - len(rest)
            while len(rest) > MANY:  # after a start nothing is known: one pack of each node says what the others hold
                left = self._first_of_each(rest, work)
                rest = self._plain.take(left, work)
                quick += len(left) - len(rest)
                if len(rest) > len(left) / 2:
                    break
        except Exception:
            log.exception("messages could not be taken together")
            work, rest, quick = Work(), messages, 0
        self._one_by_one(rest, work)
        if work.twice and quick:  # then it matters which came first
            work = Work()
            self._one_by_one(messages, work)
        return work

    def _first_of_each(self, messages: Sequence[Message], work: Work) -> list[Message]:
        """Take the first message of each node; gives the others."""
        nodes: set[str] = set()
        firsts: list[Message] = []
        left: list[Message] = []
        for message in messages:
            node = "/".join(message.topic.split("/", 5)[:5])
            (left if node in nodes else firsts).append(message)
            nodes.add(node)
        self._one_by_one(firsts, work)
        return left

    def _one_by_one(self, messages: Sequence[Message], work: Work) -> None:
        for message in messages:
            try:
                self._message(message, work)
            except Exception as error:
                log.exception("message could not be taken", topic=message.topic)
                refuse(work, message, "pack", KampungError(f"{type(error).__name__} inside the cloud"))

    def again(self, row: DeadLetterRow) -> Work:
        """Work that a dead letter comes to now, judged by the time at which it came first; what is refused again is in ``letters``."""
        work = Work()
        message = Message(row.topic, row.payload, False, row.first_at)
        node = row.topic.split("/", 5)[4:5]
        try:
            if node and (error := refused(node[0], self._nodes.past.get(node[0]), row.first_at)) is not None:
                raise error
            if row.reason in ("column", "event"):
                self._part(row, message, work)
            else:
                self._message(message, work)
        except KampungError as error:
            refuse(work, message, "pack", error)
        except Exception as error:
            log.exception("dead letter could not be taken", id=row.id)
            refuse(work, message, "pack", KampungError(f"{type(error).__name__} inside the cloud"))
        work.seen.clear()
        return work

    def _part(self, row: DeadLetterRow, message: Message, work: Work) -> None:
        """What was set aside of a message whose rest was stored."""
        topic = Topic.parse(row.topic)
        if row.reason == "column":
            column = msgspec.json.decode(row.payload, type=Column)
            self._column(column, topic, message.received, work)
        else:
            event = msgspec.json.decode(row.payload, type=dict[str, Any])
            self._events(Pack(1, row.epoch or "", row.seq or 1, "", Clock(True, 0), [], [event]), message, topic, work)

    def _message(self, message: Message, work: Work) -> None:
        try:
            topic = self._topics.get(message.topic) or self._parse(message.topic)
        except (InvalidTopic, UnknownVillage) as error:
            refuse(work, message, "topic", error, identity=identity_of(message))
            return
        home = self._homes.get(topic.node) or self._home(topic)
        if home != topic.village:
            elsewhere = KampungError(
                f"node {topic.node!r} belongs to village {home}, not {topic.village}; a node's name is unique in the regency",
                code="node_elsewhere",
            )
            refuse(work, message, "node", elsewhere, identity=identity_of(message))
            return
        match topic.kind:
            case "up":
                self._pack(message, topic, work)
            case "senml":
                self._senml(message, topic, work)
            case "state" if message.payload:
                self._state(message, topic, work)

    def _parse(self, text: str) -> Topic:
        if len(self._topics) >= KEPT_TOPICS:
            self._topics.clear()
        topic = self._topics[text] = Topic.parse(text)
        return topic

    def _home(self, topic: Topic) -> str:
        known = self._nodes.get(topic.node)
        home = self._homes[topic.node] = known.village if known else topic.village
        return home

    def _state(self, message: Message, topic: Topic, work: Work) -> None:
        try:
            state = decode_state(message.payload)
        except KampungError as error:
            refuse(work, message, "state", error, node=topic.node)
            return
        work.states.append((topic.village, topic.node, state, message.received, message.retained))

    def _pack(self, message: Message, topic: Topic, work: Work) -> None:
        try:
            pack = decode(message.payload)
        except InvalidPack as error:
            refuse(work, message, "pack", error, node=topic.node, identity=error.identity)
            return
        stored, batch, identity = 0, work.batch, (topic.node, pack.epoch, pack.seq)
        work.twice |= identity in work.taken
        if identity in work.taken or self._store.knows(*identity):
            batch = work.repeated.setdefault(topic.node, Batch())
        elif pack.clock.synchronised:
            work.taken.add(identity)
        clock = None if pack.clock.synchronised else self._clock(pack, topic.node)
        for column in pack.series:
            try:
                if clock is None:
                    self._column(column, topic, message.received, work, batch)
                    self._plain.learn(message.topic, topic, column.n, *self._keys[topic.node, column.n])
                else:
                    self._estimate(column, topic, message.received, work, clock)
            except InvalidColumn as error:
                payload = msgspec.json.encode(column)
                work.letters.append(
                    Letter(message.topic, payload, "column", error.code, error.message, message.received, topic.node, pack.epoch, pack.seq)
                )
            else:
                stored += len(column.v)
        batch.packs.append(PackId(topic.node, pack.epoch, pack.seq, stored))
        if pack.events:
            work.events.append((topic.village, topic.node, pack, message.received))
            self._events(pack, message, topic, work)
        work.receipts.setdefault((message.topic.rsplit("/", 2)[0], pack.epoch), []).append(pack.seq)
        work.lanes[topic.name] = work.lanes.get(topic.name, 0) + 1
        if not message.retained:
            work.saw(topic.node, topic.village, message.received, pack.clock.synchronised)

    def _clock(self, pack: Pack, node: str) -> _Unsynchronised:
        """What is known of an unsynchronised pack's clock: how far it is behind true time, once somebody has said."""
        up, at = pack.clock.up, pack.clock.at
        if at is None or not abs(up) < MOST_MS or not abs(at) < MOST_MS:
            return _Unsynchronised(pack.epoch, pack.seq, "", 0, None)
        correction = self._store.correction(node, pack.boot)
        behind = None if correction is None else correction.at - correction.up + up - at
        return _Unsynchronised(pack.epoch, pack.seq, pack.boot, up - at, behind)

    def _estimate(self, column: Column, topic: Topic, received: int, work: Work, clock: _Unsynchronised) -> None:
        if clock.behind is not None:
            self._column(msgspec.structs.replace(column, t=column.t + clock.behind), topic, received, work)
            return
        # Any time may be right once it is corrected: everything else has to be right now.
        check_column(msgspec.structs.replace(column, t=received), MOST_MS)
        if not abs(column.t) < MOST_MS:
            raise InvalidColumn(f"{column.n}: time {column.t} ms is no time", code="implausible_time")
        key, _ = self._key(column, topic)
        work.batch.estimate(key, column, received, epoch=clock.epoch, seq=clock.seq, boot=clock.boot, lead=clock.lead)

    def _events(self, pack: Pack, message: Message, topic: Topic, work: Work) -> None:
        """What in the pack's events is acted on; all of them are kept whole beside."""
        self._corrections(pack, message, topic, work)
        self._announcements(pack, message, topic, work)
        found, wrong = told.of_pack(pack, topic.village, topic.node, message.received)
        work.told += found
        acted, untrue = kiosk.of_pack(pack, topic.village, topic.node, message.received)
        work.acted += acted
        judged, unread = judging.of_pack(pack, topic.node, message.received)
        work.judged += judged
        for event, error in [*wrong, *untrue, *unread]:
            payload = msgspec.json.encode(event)
            work.letters.append(
                Letter(message.topic, payload, "event", error.code, error.message, message.received, topic.node, pack.epoch, pack.seq)
            )

    def _corrections(self, pack: Pack, message: Message, topic: Topic, work: Work) -> None:
        for event in pack.events:
            if event.get("type") != "clock":
                continue
            boot, up, at = event.get("boot"), event.get("up"), event.get("at")
            if not (isinstance(boot, str) and 0 < len(boot) <= 64 and type(up) is int and type(at) is int and 0 <= up < MOST_MS):
                detail = f"a clock event needs boot, up and at, got {str(event)[:200]}"
            elif not EARLIEST <= at <= message.received + AHEAD_MS:
                detail = f"a clock event says that boot {boot!r} was at {at} ms, which is before 2020 or more than 24 h ahead"
            else:
                work.batch.corrections.append(Correction(topic.node, boot, up, at))
                continue
            payload = msgspec.json.encode(event)
            work.letters.append(
                Letter(message.topic, payload, "event", "invalid_clock", detail, message.received, topic.node, pack.epoch, pack.seq)
            )

    @staticmethod
    def _announcements(pack: Pack, message: Message, topic: Topic, work: Work) -> None:
        """What says which calibrations are in force is kept with the other events; here it is only made sure that it can be read."""
        for event in pack.events:
            if event.get("type") != ANNOUNCEMENT:
                continue
            try:
                parse_announcement(event, message.received + AHEAD_MS)
            except KampungError as error:
                payload = msgspec.json.encode(event)
                work.letters.append(
                    Letter(message.topic, payload, "event", error.code, error.message, message.received, topic.node, pack.epoch, pack.seq)
                )

    def _senml(self, message: Message, topic: Topic, work: Work) -> None:
        if self._foreign.taken_before(message):
            return
        place = (topic.node, topic.name)
        received = self._foreign.time(place, message)
        try:
            columns = decode_senml(message.payload, topic.name, received)
        except KampungError as error:
            refuse(work, message, "senml", error, node=topic.node)
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
        self._foreign.given[place] = max(last, self._foreign.given.get(place, 0))
        if not message.retained:
            work.saw(topic.node, topic.village, message.received, None)

    def _column(self, column: Column, topic: Topic, received: int, work: Work, batch: Batch | None = None) -> None:
        check_column(column, received + AHEAD_MS)
        key, watched = self._key(column, topic)
        (work.batch if batch is None else batch).add(key, column, received)
        if watched:
            flags = column.q if column.q is not None else [GOOD] * len(column.v)
            work.watched.setdefault(key, []).extend(
                Reading(t, v, q, received) for t, v, q in zip(column.times(), column.v, flags, strict=True)
            )

    def _key(self, column: Column, topic: Topic) -> tuple[SeriesKey, bool]:
        """Its key, and whether somebody looks at its readings."""
        found = self._keys.get((topic.node, column.n))
        if found is None:
            key = SeriesKey(topic.village, topic.node, column.device, column.quantity, column.u)
            stored = self._store.find(key.id)
            if stored is None:
                self._admit(key)
            else:
                key = stored.key
            found = self._keys[topic.node, column.n] = (key, bool(self._alarms.rules_for(key)) or self._compared(key.id))
        if found[0].unit != column.u:
            raise InvalidColumn(f"{column.n}: unit {column.u[:40]!r}; this series began in {found[0].unit!r}", code="wrong_unit")
        return found

    def _admit(self, key: SeriesKey) -> None:
        if key.unit and not is_unit(key.unit):
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


def _judge(column: Column) -> Column:
    """A foreign device's readings have passed no quality control: flag what no working sensor reports."""
    known = quantity(column.quantity)
    if known is None or all(map(known.plausible, column.v)):
        return column
    flags = [GOOD if known.plausible(value) else FAIL for value in column.v]
    return msgspec.structs.replace(column, q=flags)
