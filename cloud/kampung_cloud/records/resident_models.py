"""Tables of residents: persons, families, what happened to them, who read of them, what they ask for. Times are ms UTC, days ISO texts.

What ends in ``_sealed`` is encrypted (``sealing.py``), bound to its row; what ends in ``_hash`` is a keyed hash.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class ResidentRow(Base):
    """A person. ``sex``: L, P or nothing; ``state``: tinggal, pindah, meninggal; ``doubts``: codes of what the NIK's rules wonder about.

    ``contacts_sealed``: phone and e-mail; ``details_sealed``: religion, education, parents and whatever else a village keeps.
    """

    __tablename__ = "residents"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    name: Mapped[str] = mapped_column(String(100))
    sex: Mapped[str] = mapped_column(String(1))
    born: Mapped[str | None] = mapped_column(String(10))
    birthplace: Mapped[str] = mapped_column(String(100))
    family: Mapped[int | None] = mapped_column(Integer, index=True)
    relation: Mapped[str] = mapped_column(String(16))
    hamlet: Mapped[str] = mapped_column(String(60))
    rt: Mapped[str] = mapped_column(String(5))
    rw: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(10))
    nik_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    nik_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    contacts_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    details_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    doubts: Mapped[list[Any]]
    created: Mapped[int]
    changed: Mapped[int]


class FamilyRow(Base):
    """A family, by its card (KK). Its members are the residents that name it."""

    __tablename__ = "families"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    kk_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kk_hash: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    doubts: Mapped[list[Any]]
    created: Mapped[int]
    changed: Mapped[int]


class ResidentTokenRow(Base):
    """A word of a resident's name, folded (``residents/names.py``): what search looks up."""

    __tablename__ = "resident_tokens"
    __table_args__ = (
        Index("ix_resident_tokens_village", "village", "token"),
        Index("ix_resident_tokens_token", "token"),
        {"sqlite_with_rowid": False},
    )
    resident: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(String(40), primary_key=True)
    village: Mapped[str] = mapped_column(String(13))


class ResidentEventRow(Base):
    """What happened to a resident: birth, death, move_in, move_out, change, import. ``body`` names fields, never their NIK or contacts."""

    __tablename__ = "resident_events"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    resident: Mapped[int] = mapped_column(Integer, index=True)
    village: Mapped[str] = mapped_column(String(13))
    kind: Mapped[str] = mapped_column(String(10))
    day: Mapped[str] = mapped_column(String(10))
    body: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(63))
    at: Mapped[int]


class AccessLogRow(Base):
    """Somebody read or changed personal data. Never changed, never deleted: the database refuses.

    ``hash`` covers the line and the one before. ``chain`` is a village, ``n`` counts its lines. ``resident`` is None for what concerned a
    whole village (import, export).
    """

    __tablename__ = "access_log"
    __table_args__ = (UniqueConstraint("chain", "n"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    chain: Mapped[str] = mapped_column(String(13))
    n: Mapped[int]
    at: Mapped[int]
    actor: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[str] = mapped_column(String(32))
    what: Mapped[str] = mapped_column(String(16))
    resident: Mapped[int | None] = mapped_column(Integer, index=True)
    detail: Mapped[str] = mapped_column(String(200))
    hash: Mapped[str] = mapped_column(String(64))


class AccessHeadRow(Base):
    """Where a chain of the access log ends; whoever appends holds this row."""

    __tablename__ = "access_heads"
    chain: Mapped[str] = mapped_column(String(13), primary_key=True)
    n: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class DataRequestRow(Base):
    """What a resident asks for about his data (UU 27/2022). ``kind``: see ``residents/rights.toml``; ``due`` by the law's clock.

    ``state``: open, done, refused (with the reason in ``answer_sealed``).
    """

    __tablename__ = "data_requests"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    resident: Mapped[int] = mapped_column(Integer, index=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), index=True)
    received: Mapped[int]
    due: Mapped[int]
    closed: Mapped[int | None]
    by: Mapped[str] = mapped_column(String(63))
    closed_by: Mapped[str | None] = mapped_column(String(63))


class ResidentImportRow(Base):
    """A file of residents on its way in. ``state``: read, taking, done, given_up; ``taken`` lines are in, lot by lot.

    ``mapping``: field by column; ``report``: counts and problems by line, without NIK. The file itself lies sealed in the data folder.
    """

    __tablename__ = "resident_imports"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    file: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(10))
    lines: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer)
    mapping: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(63))
    at: Mapped[int]
    changed: Mapped[int]
