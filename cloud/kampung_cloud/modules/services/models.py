"""Tables. Times are integer milliseconds UTC, days ISO texts. What a resident said is sealed; nothing in clear names a person."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.modules.services.certified import models as certified
from kampung_cloud.modules.services.flow.states import State
from kampung_cloud.modules.services.lookups import models as lookups
from kampung_cloud.records.models import Base
from kampung_cloud.resealing import Kept


class ServiceRequestRow(Base):
    """A request as it stands. ``body``: sealed JSON of the answers and of the person as he was known then.

    ``since``: when ``state`` was entered; ``due``: when it must be left; ``told``: how many rungs have heard that it is late.
    """

    __tablename__ = "service_requests"
    __table_args__ = (Index("ix_service_requests_inbox", "village", "state", "due"),)
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    village: Mapped[str] = mapped_column(String(13))
    service: Mapped[str] = mapped_column(String(63))
    channel: Mapped[str] = mapped_column(String(10))
    node: Mapped[str] = mapped_column(String(63), default="")
    person: Mapped[str | None] = mapped_column(String(40), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[State] = mapped_column(String(20))
    step: Mapped[int] = mapped_column(Integer)
    back: Mapped[State | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(400), default="")
    opened: Mapped[int]
    since: Mapped[int]
    due: Mapped[int | None]
    told: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=0)
    closed: Mapped[int | None]


class ServiceStepRow(Base):
    """One act on a request, for ever. ``who`` is the role that was used, ``actor`` the account or kiosk."""

    __tablename__ = "service_steps"
    request: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[int]
    act: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(80))
    state: Mapped[State] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(400), default="")


class LetterPrintRow(Base):
    """A copy of a letter that was sent to a kiosk's printer; ``printed``: when that said it was out."""

    __tablename__ = "letter_prints"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    letter: Mapped[str] = mapped_column(String(40), index=True)
    village: Mapped[str] = mapped_column(String(13))
    node: Mapped[str] = mapped_column(String(63))
    at: Mapped[int]
    printed: Mapped[int | None]


class LetterCounterRow(Base):
    """The last serial given in a village, by scope and year."""

    __tablename__ = "letter_counters"
    village: Mapped[str] = mapped_column(String(13), primary_key=True)
    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    serial: Mapped[int]


class LetterRow(Base):
    """An issued letter: a line of the register. A number is given once; a letter that is withdrawn keeps it, with the reason.

    ``page``: what it says, sealed, as it was signed: a definition or a person that changes afterwards changes no letter.
    """

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("village", "scope", "year", "serial", name="uq_letters_serial"),
        UniqueConstraint("village", "number", name="uq_letters_number"),
    )
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    request: Mapped[str] = mapped_column(String(20), index=True)
    village: Mapped[str] = mapped_column(String(13))
    service: Mapped[str] = mapped_column(String(63))
    scope: Mapped[str] = mapped_column(String(80))
    year: Mapped[int] = mapped_column(Integer)
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(80))
    day: Mapped[str] = mapped_column(String(10))
    until: Mapped[str | None] = mapped_column(String(10))
    signer: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]
    code: Mapped[str] = mapped_column(String(1200), default="")
    revoked: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(400), default="")
    page: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)


class GateRow(Base):
    """Of a request that the policy asks a tree of. ``policy``: JSON of the one in force when it was opened; ``person`` and ``phone``:
    keyed hashes; ``named`` and ``trees``: codes with blanks between them, those named and those that count; times in ms UTC."""

    __tablename__ = "service_gates"
    request: Mapped[str] = mapped_column(String(20), primary_key=True)
    service: Mapped[str] = mapped_column(String(80))
    policy: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(64), default="")
    named: Mapped[str] = mapped_column(String(191), default="")
    exemptions: Mapped[str] = mapped_column(String(400), default="")
    pledges: Mapped[bool] = mapped_column(Boolean, default=False)
    outcome: Mapped[str] = mapped_column(String(16), default="")
    reason: Mapped[str] = mapped_column(String(600), default="")
    due: Mapped[str] = mapped_column(String(10), default="")
    trees: Mapped[str] = mapped_column(String(191), default="")
    by: Mapped[str] = mapped_column(String(63), default="")
    at: Mapped[int]


class ServiceDefinitionRow(Base):
    """A village's own definition of a service, put in force at the desk by ``by``: the last of a service counts, none is ever changed.
    ``text``: the file's, None where the village's own was taken back."""

    __tablename__ = "service_definitions"
    __table_args__ = (Index("ix_service_definitions_village", "village", "service", "id"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    village: Mapped[str] = mapped_column(String(13))
    service: Mapped[str] = mapped_column(String(63))
    text: Mapped[str | None] = mapped_column(Text)
    at: Mapped[int]
    by: Mapped[str] = mapped_column(String(63))
    note: Mapped[str] = mapped_column(String(400), default="")


class LetterKeyLogRow(Base):
    """Somebody changes a village's signing keys: a line before (``done`` false) and one after, never changed. ``kid``: the key that signs
    from then on, or the one that is not trusted from ``since`` on. ``via``: api or command."""

    __tablename__ = "letter_key_log"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    at: Mapped[int]
    act: Mapped[str] = mapped_column(String(12))
    done: Mapped[bool] = mapped_column(Boolean)
    kid: Mapped[str] = mapped_column(String(16))
    since: Mapped[int | None]
    by: Mapped[str] = mapped_column(String(63))
    via: Mapped[str] = mapped_column(String(10))


KEPT = (
    Kept(ServiceRequestRow.__table__, {"body": "request {id}"}),
    Kept(LetterRow.__table__, {"page": "letter {id}"}),
    *lookups.KEPT,
    *certified.KEPT,
)
"""What is sealed here, for a change of keys."""
