"""Issuing: what changed of an announced alarm becomes a CAP message that is kept as it was sent, so that later ones can refer to it."""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from kampung_contract.alarm import Alarm
from kampung_contract.errors import StorageUnavailable
from kampung_contract.rules import Rule
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from kampung_cloud.alarm import from_row
from kampung_cloud.cap.level import about, repeat_ms
from kampung_cloud.cap.message import LATEST, reference, xml
from kampung_cloud.cap.settings import Cap
from kampung_cloud.cap.telling import DAY_MS, expires, state, told
from kampung_cloud.config import CloudConfig
from kampung_cloud.health import Health, now_ms
from kampung_cloud.records import Records
from kampung_cloud.records.models import AlarmRow, CapMessageRow

log = structlog.get_logger()

LOOK_S = 2.0
SPARE = 20
"""Looking takes at most this part of the time."""
WORSE_MS = 5 * 60_000
"""A value that goes on getting worse is told so often, as Alertmanager's group_interval; any other change at once."""
AT_ONCE = 200
"""Messages in one transaction: others write, too."""


class Issuing:
    """A thread. Several processes may issue: who comes second finds the number taken and looks again."""

    def __init__(self, config: CloudConfig, records: Records, health: Health) -> None:
        self._config, self._records, self._health = config.cap, records, health
        self._rules = {rule.id: rule for rule in config.rule}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cap", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def _run(self) -> None:
        wait = LOOK_S
        while not self._stopping.wait(wait):
            began = time.monotonic()
            try:
                while self.issue(now_ms()) == AT_ONCE and not self._stopping.is_set():
                    pass
                self._health.set("cap", True)
            except StorageUnavailable as error:
                if not isinstance(error.__cause__, IntegrityError):  # then another process was quicker
                    self._health.set("cap", False, error.message)
            except Exception:
                log.exception("issuing CAP messages")
                self._health.set("cap", False, "an error inside the cloud; its log has more")
            wait = max(LOOK_S, SPARE * (time.monotonic() - began))

    def issue(self, now: int) -> int:
        """Write what is to be said now (ms UTC), at most ``AT_ONCE`` messages; how many.

        Raises ``StorageUnavailable``, because of an ``IntegrityError`` where another process has just written one of them; then nothing
        was written.
        """
        count = 0
        with self._records.session() as session:
            standing = select(CapMessageRow.alarm).where(CapMessageRow.newest.is_(True), CapMessageRow.over.is_(False))
            fits = or_(AlarmRow.until.is_(None), AlarmRow.until >= now - DAY_MS, AlarmRow.id.in_(standing))
            some = select(AlarmRow).where(AlarmRow.announced.is_(True), fits)
            alarms = [from_row(row) for row in session.scalars(some)]
            newest = select(CapMessageRow).where(
                CapMessageRow.newest.is_(True), CapMessageRow.alarm.in_(some.with_only_columns(AlarmRow.id))
            )
            last = {row.alarm: row for row in session.scalars(newest.options(defer(CapMessageRow.document)))}
            for alarm in alarms:
                count += self._one(session, alarm, last.get(alarm.id), now)
                if count == AT_ONCE:
                    break
        return count

    def _one(self, session: Session, alarm: Alarm, last: CapMessageRow | None, now: int) -> bool:
        rule = self._rules.get(alarm.rule)
        said = _said(self._config, alarm)
        kind = kind_of(alarm, rule, said, last, now)
        if kind is None:
            return False
        number, sent, references = 1, min(now, LATEST), []
        if last is not None:
            number, sent = last.number + 1, max(sent, last.sent + 1_000)
            last.newest = False
            if kind != "Alert":
                references = _references(session, alarm.id, last, sent)
        message = told(self._config, alarm, rule, kind=kind, number=number, sent=sent, references=references)
        session.add(
            CapMessageRow(
                id=message.identifier,
                alarm=alarm.id,
                number=number,
                village=alarm.village,
                sender=message.sender,
                sent=sent,
                expires=expires(alarm, rule, sent),
                type=kind,
                newest=True,
                over=state(alarm) != "firing",
                said=said,
                headline=message.infos[0].headline,
                summary=message.infos[0].description,
                document=xml(message),
            )
        )
        return True


def kind_of(alarm: Alarm, rule: Rule | None, said: dict[str, Any], last: CapMessageRow | None, now: int) -> str | None:
    """What is to be issued; None for nothing. Silent sensors and the like are for the operator, not for the public."""
    if about(rule) == "device" or (rule is None and last is None):
        return None
    if last is None or last.type == "Cancel":
        return None if alarm.withdrawn else "Alert"
    if alarm.withdrawn:
        return "Cancel"
    if said == last.said:
        old = state(alarm) == "firing" and now - last.sent >= repeat_ms(alarm.severity, about(rule))
        return "Update" if old else None
    only_worse = state(alarm) == "firing" and {k for k in said if said[k] != last.said.get(k)} == {"worst"}
    return None if only_worse and now - last.sent < WORSE_MS else "Update"


def _said(config: Cap, alarm: Alarm) -> dict[str, Any]:
    """What a reader would want to know had it changed. As it comes back from JSON."""
    return {
        "state": state(alarm),
        "since": alarm.since,
        "until": alarm.until,
        "severity": alarm.severity,
        "worst": repr(alarm.worst),
        "how": [config.sender, config.status, config.scope, config.drill(alarm.rule)],
    }


def _references(session: Session, alarm: str, last: CapMessageRow, sent: int) -> list[str]:
    """The message before, and earlier ones since the last Cancel that have not expired."""
    rows = session.scalars(select(CapMessageRow).where(CapMessageRow.alarm == alarm).order_by(CapMessageRow.number.desc()))
    found = []
    for row in rows:
        if row.type == "Cancel":
            break
        if row.number == last.number or row.expires > sent:
            found.append(reference(row.sender, row.id, row.sent))
    return found[::-1]
