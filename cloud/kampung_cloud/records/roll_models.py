"""Tables of who is known at a kiosk by a PIN. Times are ms UTC."""

from __future__ import annotations

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class PinRow(Base):
    """A resident's PIN at the kiosks of his village. ``name``: what the roll calls him; ``pin_sealed``: salt and argon2id, sealed.

    ``first``: it was given him by ``by`` and he has not changed it. ``card``: the short hash of his card, where he has one.
    """

    __tablename__ = "kiosk_pins"
    resident: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    village: Mapped[str] = mapped_column(String(13), index=True)
    name: Mapped[str] = mapped_column(String(16), unique=True)
    pin_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    first: Mapped[bool]
    card: Mapped[int | None] = mapped_column(Integer)
    by: Mapped[str] = mapped_column(String(63))
    at: Mapped[int]
    changed: Mapped[int]


class HelperPinRow(Base):
    """The PIN by which a member of staff helps somebody at a kiosk; not his password."""

    __tablename__ = "kiosk_helper_pins"
    account: Mapped[str] = mapped_column(String(63), primary_key=True)
    pin_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    changed: Mapped[int]
