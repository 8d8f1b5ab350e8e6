"""When somebody last wrote to us: some channels let us answer for a day after it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kampung_cloud.channels.rates import fingerprint
from kampung_cloud.records.message_models import ChannelMarkRow


def heard(session: Session, channel: str, address: str) -> int:
    """In ms UTC; 0 for never."""
    row = session.get(ChannelMarkRow, _key(channel, address))
    return 0 if row is None else row.value


def hear(session: Session, channel: str, address: str, at: int) -> None:
    """Somebody has written."""
    row = session.get(ChannelMarkRow, _key(channel, address))
    if row is None:
        session.add(ChannelMarkRow(key=_key(channel, address), value=at))
    else:
        row.value = max(row.value, at)


def _key(channel: str, address: str) -> str:
    return f"heard/{channel}/{fingerprint(address)}"
