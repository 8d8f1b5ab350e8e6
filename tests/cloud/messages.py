"""People and messages for tests of channels, written as the planner writes them."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from kampung_cloud.records import Records
from kampung_cloud.records.message_models import DeliveryRow, MessageRow, PersonRow
from kampung_cloud.records.models import AlarmRow
from sqlalchemy import func, select

VILLAGE = "35.10.24.2008"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def person(name: str, *addresses: tuple[str, str], role: str = "rt") -> PersonRow:
    """With addresses as (channel, address)."""
    listed = [{"channel": channel, "address": address} for channel, address in addresses]
    return PersonRow(
        id=name, village=VILLAGE, name=name, role=role, addresses=listed, fields=[], about=[], least=1, quiet=None, active=True, at=now_ms()
    )


def message(to: str, number: int = 1, **changed: Any) -> MessageRow:
    """About a flood, of severity 1, to be sent now."""
    now = now_ms()
    values: dict[str, Any] = {
        "id": hashlib.sha256(f"{to}/{number}".encode()).hexdigest(),
        "person": to,
        "village": VILLAGE,
        "kind": "raised",
        "group": f"kelompok-{number}",
        "alarms": [],
        "severity": 1,
        "about": "flood",
        "language": "id",
        "title": f"Kali Bomo naik {number}",
        "text": f"Air 1,30 m di Kali Bomo, pesan {number}. Jauhi tepi kali. Balas OK 7K2.",
        "short": f"Kali Bomo naik {number}",
        "code": "7K2",
        "created": now,
        "due": now,
        "expires": now + 3_600_000,
        "state": "waiting",
        **changed,
    }
    return MessageRow(**values)


def alarm(name: str, **changed: Any) -> AlarmRow:
    values: dict[str, Any] = {
        "id": name, "rule": "kali", "village": VILLAGE, "node": "kiosk-1", "scope": "s", "series": "s", "severity": 1, "since": now_ms(),
        "until": None, "value": 1.0, "unit": "m", "threshold": 1.0, "title": {}, "message": {}, "source": "x", "announced": True,
        "worst": 1.0, "worst_at": 1, "scale": "siaga", "about": "flood", "withdrawn": False, "became": None, **changed,
    }  # fmt: skip
    return AlarmRow(**values)


def write(records: Records, *rows: Any) -> None:
    with records.session() as session:
        session.add_all(rows)


def states(records: Records) -> dict[str, int]:
    """How many messages are in each state."""
    with records.session() as session:
        rows = session.execute(select(MessageRow.state, func.count()).group_by(MessageRow.state))
        return {row[0]: row[1] for row in rows}


def one(records: Records, name: str) -> MessageRow:
    with records.session() as session:
        found = session.get(MessageRow, name)
        assert found is not None
        return found


def tried(records: Records, name: str) -> list[DeliveryRow]:
    """Its attempts, the first first."""
    with records.session() as session:
        return list(session.scalars(select(DeliveryRow).where(DeliveryRow.message == name).order_by(DeliveryRow.id)))
