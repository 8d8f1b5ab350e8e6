"""Tables. Days are ISO texts of the local calendar, times integer milliseconds UTC, money whole rupiah."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class FarmFieldRow(Base):
    """A field of a farmer. ``planted`` is null until somebody says it; ``ended`` when the field is given up.

    ``sensors``: ``{series, since, until}``; ``tell``: ids of people; ``area`` in m², ``flow`` in L/s, ``altitude`` in m.
    """

    __tablename__ = "farm_fields"
    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    name: Mapped[str] = mapped_column(String(80))
    crop: Mapped[str] = mapped_column(String(63))
    variety: Mapped[str] = mapped_column(String(80), default="")
    texture: Mapped[str] = mapped_column(String(31))
    area: Mapped[float]
    flow: Mapped[float | None]
    latitude: Mapped[float]
    longitude: Mapped[float]
    altitude: Mapped[float]
    planted: Mapped[str | None] = mapped_column(String(10))
    target: Mapped[int] = mapped_column(Integer)
    direct: Mapped[bool]
    sensors: Mapped[list[Any]]
    tell: Mapped[list[Any]]
    at: Mapped[int]
    ended: Mapped[int | None]


class FarmReportRow(Base):
    """What somebody said of a field on a ``day``. Never changed, but for what is over its time; a later one stands.

    ``kind``: stage, leaves, watering, answer; registered and changed, with the field as it was before; refused. ``said`` is the name that
    the phone or the kiosk gave it: what is sent twice counts once.
    """

    __tablename__ = "farm_reports"
    __table_args__ = (Index("ix_farm_reports_said", "said", unique=True),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    field: Mapped[str] = mapped_column(String(63), index=True)
    day: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(10))
    body: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]
    said: Mapped[str | None] = mapped_column(String(80))


class FarmAdviceRow(Base):
    """The list of a morning as it was given, for ever; ``answers`` by kind of action."""

    __tablename__ = "farm_advice"
    field: Mapped[str] = mapped_column(String(63), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    colour: Mapped[str] = mapped_column(String(10))
    actions: Mapped[list[Any]]
    water: Mapped[dict[str, Any]]
    answers: Mapped[dict[str, Any]]
    at: Mapped[int]


class FarmForecastRow(Base):
    """What was forecast on a morning for the 24 hours after it: rain in mm, its probability in %."""

    __tablename__ = "farm_forecasts"
    village: Mapped[str] = mapped_column(String(13), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    rain: Mapped[float]
    chance: Mapped[float]
    source: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]


class FarmBookRow(Base):
    """A line of a field's book. ``kind``: activity, input, harvest, sale; ``season`` is its planting day; income and cost in rupiah.

    A line of kind strike undoes the one that ``strikes`` names. ``said`` is the name that the phone gave it, so that it counts once.
    """

    __tablename__ = "farm_book"
    __table_args__ = (Index("ix_farm_book_said", "said", unique=True),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    field: Mapped[str] = mapped_column(String(63), index=True)
    season: Mapped[str] = mapped_column(String(10))
    day: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(String(120))
    amount: Mapped[float | None]
    unit: Mapped[str] = mapped_column(String(20))
    cost: Mapped[int] = mapped_column(BigInteger)
    income: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]
    said: Mapped[str | None] = mapped_column(String(80))
    strikes: Mapped[int | None] = mapped_column(Integer)


class FarmPriceRow(Base):
    """A price in rupiah per ``unit``; ``place`` is a village's code or ``35.10`` for the district's market."""

    __tablename__ = "farm_prices"
    commodity: Mapped[str] = mapped_column(String(63), primary_key=True)
    place: Mapped[str] = mapped_column(String(13), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    rupiah: Mapped[int]
    unit: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]


class FarmKeyRow(Base):
    """A farmer's key by its SHA-256; ``by`` is whom it was given to, ``used`` when it was last used, to the hour."""

    __tablename__ = "farm_keys"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    field: Mapped[str] = mapped_column(String(63), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]
    used: Mapped[int | None]
    revoked: Mapped[int | None]
