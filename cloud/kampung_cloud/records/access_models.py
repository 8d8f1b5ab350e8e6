"""Tables of accounts: who works with the system, their sessions, and attempts to log in. Times are ms UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class AccountRow(Base):
    """Somebody who works with the system. ``village`` is empty for the whole regency; ``temporary``: the password is to be changed."""

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    roles: Mapped[list[Any]]
    village: Mapped[str] = mapped_column(String(13), index=True)
    password: Mapped[str] = mapped_column(String(191))
    temporary: Mapped[bool]
    active: Mapped[bool]
    created: Mapped[int]
    changed: Mapped[int]


class SessionRow(Base):
    """A browser that is logged in. ``id`` is the hash of its secret; ``until`` is when it ends at the latest, ``last`` its last request."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(63), index=True)
    created: Mapped[int]
    last: Mapped[int]
    until: Mapped[int]
    address: Mapped[str] = mapped_column(String(63))
    agent: Mapped[str] = mapped_column(String(191))


class AttemptRow(Base):
    """Failed attempts of an account or from an address (``key``: ``account/…`` or ``address/…``); no other before ``until``."""

    __tablename__ = "access_attempts"
    key: Mapped[str] = mapped_column(String(191), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(index=True)
    until: Mapped[int]
