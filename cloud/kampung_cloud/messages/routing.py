"""Routing: a thread that looks at alarms and people, and writes down what is to be said; channels send it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

import structlog
from kampung_contract.errors import StorageUnavailable
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from kampung_cloud.bus import Bus, Event
from kampung_cloud.config import CloudConfig
from kampung_cloud.handling import book
from kampung_cloud.health import Health, now_ms
from kampung_cloud.messages import digest, ledger, silences, told
from kampung_cloud.messages.identity import identity
from kampung_cloud.messages.people import Directory
from kampung_cloud.messages.person import Person
from kampung_cloud.messages.planning import Plan, first, plan
from kampung_cloud.messages.quiet import MINUTE_MS, day, minute
from kampung_cloud.messages.wording import Wording
from kampung_cloud.messages.world import State, World
from kampung_cloud.records import Records

log = structlog.get_logger()

LOOK_S = 0.5
SPARE = 10
"""Looking takes at most this part of the time while nothing changes, and half of it while alarms do: they are not to wait."""
AT_ONCE = 500
"""Messages in one transaction: others write, too."""
SILENCES_MS = 86_400_000
"""Silences that ended within this are looked at, so that what they kept quiet does not escalate at once."""


class Routing:
    """Several processes may plan: who comes second finds that the message is there and looks again."""

    def __init__(self, config: CloudConfig, records: Records, health: Health, bus: Bus, advice: Sequence[digest.Advice] = ()) -> None:
        self._config, self._records, self._health, self._bus, self._advice = config, records, health, bus, advice
        self._rules = {rule.id: rule for rule in config.rule}
        self._fields = {field.id: frozenset(field.series) for field in config.field}
        self._drills = frozenset(name for name in self._rules if config.cap.drill(name))
        self._directory = Directory()
        self._noted: set[str] = set()
        """Keys of lines that are in the trail, so that it is not asked every time."""
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="messages", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """An alarm has changed. From any thread."""
        self._woken.set()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def _run(self) -> None:
        rest, wait = 0.0, LOOK_S
        while not self._stopping.wait(rest):
            self._woken.wait(wait)
            self._woken.clear()
            began = time.monotonic()
            try:
                while self.route(now_ms()) >= AT_ONCE and not self._stopping.is_set():
                    pass
                self._health.set("messages", True)
            except ledger.OvertakenError:
                pass
            except StorageUnavailable as error:
                if not overtaken(error):
                    self._health.set("messages", False, error.message)
            except Exception:
                log.exception("planning messages")
                self._health.set("messages", False, "an error inside the cloud; its log has more")
            rest = time.monotonic() - began
            wait = max(LOOK_S, SPARE * rest)

    def route(self, now: int) -> int:
        """Write what is to be said at ``now`` (ms UTC), at most ``AT_ONCE`` messages; how many.

        Raises ``StorageUnavailable`` (``overtaken`` tells whether another process was quicker) and ``OvertakenError``; then nothing was
        written.
        """
        with self._records.session() as session:
            if self._records.shared:  # everything as of one moment, or two who plan could see halves of each other's work
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            begun = day(now) + minute(self._config.messages.digest) * MINUTE_MS
            digests = begun <= now < begun + digest.WINDOW_MS
            if not ledger.unfinished(session) and not (digests and self._advice):
                return 0
            state, world = self._read(session, now, digests=digests)
            whole = plan(state, world, now)
            some = first(whole, state, AT_ONCE)
            villages = self._write(session, some, state, world, now)
        for village in villages:
            self._bus.publish(Event("message", village, {}))
        return len(some.messages)

    def _read(self, session: Session, now: int, *, digests: bool) -> tuple[State, World]:
        standing = ledger.firing(session)
        chains = ledger.chains(session, ledger.groups_of(standing.values()), digests=digests)
        bodies = {id(body): body for chain in chains.values() for body in (chain.before, chain.after, chain.alarms)}
        known = {name for body in bodies.values() for name in body}
        alarms = standing | ledger.named(session, known, standing)
        people = self._directory.all(session)
        world = World(
            alarms,
            people,
            silences.recent(session, now - SILENCES_MS),
            frozenset(book.acknowledged(session, standing)),
            self._rules,
            self._fields,
            self._config.cap.ispu,
            self._advise(people, now) if digests else {},
            self._config.messages,
            self._drills,
        )
        return State(chains, ledger.notices(session, alarms)), world

    def _advise(self, people: Sequence[Person], now: int) -> Mapping[str, tuple[str, ...]]:
        found = {}
        for person in people:
            lines = [line for module in self._advice for line in module.lines(person, day(now))]
            if lines:
                found[person.id] = tuple(lines)
        return found

    def _write(self, session: Session, what: Plan, state: State, world: World, now: int) -> list[str]:
        """Villages that messages are about."""
        people = {person.id: person for person in world.people}
        wording = Wording(self._config, world.alarms)
        rows = []
        for message in what.messages:
            person = people[message.person]
            village = person.village or (world.alarms[message.alarms[0]].village if message.alarms else "")
            said = wording.said(message, person)
            row = ledger.row_of(message, identity(message), village)
            words = {"title": said.title, "text": said.text, "short": said.short}
            rows.append(row | words | {"code": wording.code(message, person), "language": person.language})
        ledger.notice(session, what.seen)
        ledger.take_back(session, what.taken_back, "it was not true any more, or there was more to say, before it went")
        ledger.write(session, rows, what.chains, state.chains)
        for line in told.lines(what, world, people, now):
            if line.key not in self._noted:
                book.note(session, line.alarm, line.village, line.at, line.kind, line.actor, "system", line.body, line.key)
                self._noted.add(line.key)
        return sorted({row["village"] for row in rows})


def overtaken(error: StorageUnavailable) -> bool:
    """Whether another process has just written what we wanted to write."""
    cause = error.__cause__
    if isinstance(cause, OperationalError):
        return getattr(cause.orig, "sqlstate", None) == "40001"
    return isinstance(cause, IntegrityError)
