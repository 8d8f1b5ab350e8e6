"""Tables. Times are integer milliseconds UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, LargeBinary, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(
        naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s", "ix": "ix_%(column_0_label)s"}
    )
    type_annotation_map = {int: BigInteger, dict[str, Any]: JSON, list[Any]: JSON, bool: Boolean, float: Float}  # noqa: RUF012


class NodeRow(Base):
    """A kiosk as it last described itself. ``public``: the key (X25519) to which what it alone may read is sealed."""

    __tablename__ = "nodes"
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    village: Mapped[str] = mapped_column(String(13))
    state: Mapped[str | None] = mapped_column(String(10))
    since: Mapped[int]
    last_seen: Mapped[int]
    version: Mapped[str | None] = mapped_column(String(64))
    epoch: Mapped[str | None] = mapped_column(String(64))
    run: Mapped[str | None] = mapped_column(String(64))
    last: Mapped[int] = mapped_column(BigInteger, default=0)
    spooled: Mapped[int | None]
    synchronised: Mapped[bool | None]
    devices: Mapped[list[Any]]
    reused: Mapped[int] = mapped_column(BigInteger, default=0)
    public: Mapped[bytes | None] = mapped_column(LargeBinary)


class DeadLetterRow(Base):
    """Bytes that could not be taken, once for all repetitions. ``digest`` is over topic, code and bytes.

    ``wanted``: another process has asked at this time that it be replayed; ``outcome`` is what came of the last replay.
    """

    __tablename__ = "dead_letters"
    __table_args__ = (UniqueConstraint("digest"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    digest: Mapped[str] = mapped_column(String(64))
    topic: Mapped[str]
    reason: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str]
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    first_at: Mapped[int]
    last_at: Mapped[int]
    count: Mapped[int] = mapped_column(BigInteger, default=1)
    node: Mapped[str | None] = mapped_column(String(63))
    epoch: Mapped[str | None] = mapped_column(String(64))
    seq: Mapped[int | None]
    replayed_at: Mapped[int | None]
    result: Mapped[str | None]
    wanted: Mapped[int | None]
    outcome: Mapped[dict[str, Any] | None]


class EventRow(Base):
    """A typed message out of a pack, kept whole; ``position`` is its place in the pack."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_type", "type", "received"),)
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    epoch: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    village: Mapped[str] = mapped_column(String(13))
    received: Mapped[int]
    type: Mapped[str] = mapped_column(String(63))
    body: Mapped[dict[str, Any]]


class AlarmStateRow(Base):
    """Where a rule stands for what it looks at: ``series``, or the village's code for a rule over several."""

    __tablename__ = "alarm_states"
    rule: Mapped[str] = mapped_column(String(127), primary_key=True)
    series: Mapped[str] = mapped_column(String(191), primary_key=True)
    phase: Mapped[str] = mapped_column(String(10))
    since: Mapped[int]
    at: Mapped[int]
    raised: Mapped[int]


class AlarmRow(Base):
    """An alarm, firing (``until`` is null) or resolved; ``announced`` once it is known to hold now; ``withdrawn`` when it never was."""

    __tablename__ = "alarms"
    id: Mapped[str] = mapped_column(String(383), primary_key=True)
    rule: Mapped[str] = mapped_column(String(127))
    village: Mapped[str] = mapped_column(String(13), index=True)
    node: Mapped[str] = mapped_column(String(63))
    scope: Mapped[str] = mapped_column(String(191))
    series: Mapped[str] = mapped_column(String(191))
    severity: Mapped[int] = mapped_column(Integer)
    since: Mapped[int]
    until: Mapped[int | None]
    value: Mapped[float]
    unit: Mapped[str] = mapped_column(String(32))
    threshold: Mapped[float | None]
    title: Mapped[dict[str, Any]]
    message: Mapped[dict[str, Any]]
    source: Mapped[str]
    announced: Mapped[bool]
    worst: Mapped[float]
    worst_at: Mapped[int]
    scale: Mapped[str] = mapped_column(String(10))
    about: Mapped[str] = mapped_column(String(15))
    withdrawn: Mapped[bool]
    became: Mapped[str | None] = mapped_column(String(383), index=True)


class DocumentRow(Base):
    """The newest version of a document for a village's kiosks."""

    __tablename__ = "documents"
    village: Mapped[str] = mapped_column(String(13), primary_key=True)
    key: Mapped[str] = mapped_column(String(63), primary_key=True)
    version: Mapped[int]
    at: Mapped[int]
    document: Mapped[dict[str, Any]]


class OutputRow(Base):
    """An output as its kiosk introduced it, and what was last heard of it.

    ``at`` and ``ordinal`` are the kiosk's word on when it changed, ``heard`` is when the cloud got it; ``present`` is false once the
    kiosk introduces itself without it.
    """

    __tablename__ = "outputs"
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    title: Mapped[str] = mapped_column(String(127))
    device: Mapped[str] = mapped_column(String(127))
    model: Mapped[str] = mapped_column(String(127))
    origin: Mapped[str] = mapped_column(String(127))
    max_on: Mapped[int] = mapped_column(Integer)
    guard: Mapped[str] = mapped_column(String(127))
    guard_age: Mapped[int] = mapped_column(Integer)
    present: Mapped[bool]
    state: Mapped[str | None] = mapped_column(String(10))
    cause: Mapped[str | None] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str | None]
    at: Mapped[int | None]
    until: Mapped[int | None]
    ordinal: Mapped[int] = mapped_column(BigInteger, default=0)
    heard: Mapped[int | None]


class CommandRow(Base):
    """A command to an output. ``state``: queued, sent, done, refused, failed, expired or replaced; ``sends`` counts publications."""

    __tablename__ = "commands"
    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    node: Mapped[str] = mapped_column(String(63), index=True)
    village: Mapped[str] = mapped_column(String(13))
    output: Mapped[str] = mapped_column(String(63))
    on: Mapped[bool]
    seconds: Mapped[int | None] = mapped_column(Integer)
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[int]
    expires: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), index=True)
    sent_at: Mapped[int | None]
    last_sent: Mapped[int | None]
    sends: Mapped[int] = mapped_column(Integer, default=0)
    answered_at: Mapped[int | None]
    code: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str | None]
    until: Mapped[int | None]


class OutputLogRow(Base):
    """The audit trail: one line for each thing that was done to an output or asked of it. Never changed, never deleted.

    ``kind``: asked, sent, answered, expired, replaced, switched. ``key`` makes a line that comes twice one line; ``at`` is the
    cloud's time; ``body`` holds the facts of the kind.
    """

    __tablename__ = "output_log"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(191))
    at: Mapped[int]
    village: Mapped[str] = mapped_column(String(13), index=True)
    node: Mapped[str] = mapped_column(String(63))
    output: Mapped[str] = mapped_column(String(63))
    kind: Mapped[str] = mapped_column(String(10))
    command: Mapped[str | None] = mapped_column(String(63))
    body: Mapped[dict[str, Any]]


class TelemetryLogRow(Base):
    """What was committed to an engine that may still lose it: rows and identities of packs, as ``telemetry/entry.py`` packs them.

    ``share`` names the villages whose log this is, empty for all. An ``id`` is never given twice.
    """

    __tablename__ = "telemetry_log"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    share: Mapped[str] = mapped_column(String(63), default="", index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class TelemetrySeriesRow(Base):
    """A series of an engine outside this process: its first time, its newest reading and how many there are, up to log entry ``entry``."""

    __tablename__ = "telemetry_series"
    id: Mapped[str] = mapped_column(String(191), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    node: Mapped[str] = mapped_column(String(63))
    device: Mapped[str] = mapped_column(String(63))
    quantity: Mapped[str] = mapped_column(String(63))
    unit: Mapped[str] = mapped_column(String(32))
    first: Mapped[int]
    t: Mapped[int]
    received: Mapped[int]
    v: Mapped[float]
    q: Mapped[int] = mapped_column(Integer)
    readings: Mapped[int]
    entry: Mapped[int]


class TelemetryPacksRow(Base):
    """Packs of an epoch that are stored: inclusive ranges of seq, up to log entry ``entry``; ``place`` keeps epochs in order."""

    __tablename__ = "telemetry_packs"
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    epoch: Mapped[str] = mapped_column(String(64), primary_key=True)
    ranges: Mapped[list[Any]]
    readings: Mapped[int]
    place: Mapped[int]
    entry: Mapped[int]
    share: Mapped[str] = mapped_column(String(63), default="", index=True)


class EstimateRow(Base):
    """A reading whose time no clock vouched for, measured ``since`` ms after its boot began."""

    __tablename__ = "telemetry_estimates"
    series: Mapped[str] = mapped_column(String(191), primary_key=True)
    boot: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    v: Mapped[float] = mapped_column(Float, primary_key=True, autoincrement=False)
    t: Mapped[int]
    received: Mapped[int]
    q: Mapped[int] = mapped_column(Integer)
    node: Mapped[str] = mapped_column(String(63), index=True)
    epoch: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    share: Mapped[str] = mapped_column(String(63), default="", index=True)


class CorrectionRow(Base):
    """In ``boot`` of ``node``, true time was ``at`` when ``up`` ms of the boot had gone by."""

    __tablename__ = "telemetry_corrections"
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    boot: Mapped[str] = mapped_column(String(64), primary_key=True)
    up: Mapped[int]
    at: Mapped[int]
    share: Mapped[str] = mapped_column(String(63), default="", index=True)


class LeaseRow(Base):
    """Who takes in for a kecamatan. ``token`` rises with every change of hands: who comes with an older one may write nothing more."""

    __tablename__ = "leases"
    area: Mapped[str] = mapped_column(String(13), primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger, default=0)
    holder: Mapped[str | None] = mapped_column(String(127))
    since: Mapped[int]


class WorkerRow(Base):
    """An ingest process as it last described itself; ``checks`` are those of its parts."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(127), primary_key=True)
    started: Mapped[int]
    seen: Mapped[int]
    checks: Mapped[dict[str, Any]]


class CapMessageRow(Base):
    """A CAP message as it was issued, for ever; ``number`` counts those of an alarm, ``newest`` marks the last of them.

    ``over``: nothing more is to be said of the alarm unless it changes. ``said`` is what the message told, to see what has changed.
    """

    __tablename__ = "cap_messages"
    __table_args__ = (UniqueConstraint("alarm", "number"),)
    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    alarm: Mapped[str] = mapped_column(String(383))
    number: Mapped[int] = mapped_column(Integer)
    village: Mapped[str] = mapped_column(String(13))
    sender: Mapped[str] = mapped_column(String(200))
    sent: Mapped[int]
    expires: Mapped[int]
    type: Mapped[str] = mapped_column(String(10))
    newest: Mapped[bool] = mapped_column(Boolean, index=True)
    over: Mapped[bool]
    said: Mapped[dict[str, Any]]
    headline: Mapped[str]
    summary: Mapped[str]
    document: Mapped[str]


class BmkgAlertRow(Base):
    """A warning of BMKG's that touches Banyuwangi, with its bytes as they came.

    ``id`` is a digest of identifier, sender and time; ``ended`` says how a later one took it back: updated or cancelled. ``villages``
    are those it touches; ``shown`` is what is told of it.
    """

    __tablename__ = "bmkg_alerts"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    reference: Mapped[str]
    sent: Mapped[int]
    expires: Mapped[int] = mapped_column(BigInteger, index=True)
    received: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    type: Mapped[str] = mapped_column(String(10))
    ended: Mapped[str | None] = mapped_column(String(10))
    villages: Mapped[list[Any]]
    shown: Mapped[dict[str, Any]]
    document: Mapped[bytes] = mapped_column(LargeBinary)
