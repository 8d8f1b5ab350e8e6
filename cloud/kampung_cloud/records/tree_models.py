"""Tables of trees, visits, photos, plots and pledges. Days are ISO texts of the local calendar, times ms UTC.

They stand here and not in the module since the gate of public services reads them, too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class TreeRow(Base):
    """A tree. ``species`` is empty where it is none of the list; ``said`` is what the planter called it. ``height`` m and ``dbh`` cm as
    last accepted.

    ``planter_phone`` is a keyed hash; ``public``: the planter wants to be named. ``event`` names the registration for ever.
    """

    __tablename__ = "trees"
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    species: Mapped[str] = mapped_column(String(31))
    said: Mapped[str] = mapped_column(String(80))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy: Mapped[float | None]
    plot: Mapped[str] = mapped_column(String(63))
    planter_name: Mapped[str] = mapped_column(String(80))
    planter_account: Mapped[str] = mapped_column(String(63))
    planter_phone: Mapped[str] = mapped_column(String(64), index=True)
    public: Mapped[bool]
    planted: Mapped[str] = mapped_column(String(10))
    height: Mapped[float | None]
    dbh: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(10))
    since: Mapped[int]
    growth: Mapped[dict[str, Any]]
    replaces: Mapped[str] = mapped_column(String(8))
    replaced_by: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(10))
    event: Mapped[str] = mapped_column(String(191), unique=True)
    at: Mapped[int]
    changed: Mapped[int] = mapped_column(index=True)


class TreeVisitRow(Base):
    """A verifier's visit and what was decided about it. A refusal is final; an accepted one is judged again with those that come later."""

    __tablename__ = "tree_visits"
    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    tree: Mapped[str] = mapped_column(String(8), index=True)
    verifier: Mapped[str] = mapped_column(String(63), index=True)
    verifier_name: Mapped[str] = mapped_column(String(80))
    began: Mapped[int]
    ended: Mapped[int]
    received: Mapped[int] = mapped_column(index=True)
    scanned: Mapped[bool]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy: Mapped[float | None]
    species: Mapped[str] = mapped_column(String(31))
    alive: Mapped[bool]
    damage: Mapped[str] = mapped_column(String(10))
    measures: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(String(280))
    photo: Mapped[str] = mapped_column(String(64))
    taken: Mapped[int | None]
    accepted: Mapped[bool]
    reasons: Mapped[list[Any]]


class TreePhotoRow(Base):
    """A photo, by the SHA-256 of what was sent. ``hash`` is PDQ's 256 bits; ``counts``: later photos are compared with it;
    ``kept``: the picture is there, and not only its hash.
    """

    __tablename__ = "tree_photos"
    sha: Mapped[str] = mapped_column(String(64), primary_key=True)
    tree: Mapped[str] = mapped_column(String(8), index=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    quality: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int | None]
    counts: Mapped[bool]
    at: Mapped[int]
    kept: Mapped[bool] = mapped_column(Boolean, default=True)


class TreePlotRow(Base):
    """The village's land for people who have none. ``radius`` in m around the point."""

    __tablename__ = "tree_plots"
    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    name: Mapped[str] = mapped_column(String(80))
    latitude: Mapped[float]
    longitude: Mapped[float]
    radius: Mapped[float]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]


class TreeChangeRow(Base):
    """A change of a tree's status, when it became known; ``was`` is empty for the first."""

    __tablename__ = "tree_changes"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    tree: Mapped[str] = mapped_column(String(8), index=True)
    village: Mapped[str] = mapped_column(String(13))
    was: Mapped[str] = mapped_column(String(10))
    now: Mapped[str] = mapped_column(String(10))
    visit: Mapped[str] = mapped_column(String(63))
    at: Mapped[int]
    __table_args__ = (Index("ix_tree_changes_at", "at"),)


class TreeRefusalRow(Base):
    """A registration from a kiosk that could not be taken, and why: nothing is dropped silently."""

    __tablename__ = "tree_refusals"
    event: Mapped[str] = mapped_column(String(191), primary_key=True)
    village: Mapped[str] = mapped_column(String(13))
    why: Mapped[str] = mapped_column(String(400))
    at: Mapped[int] = mapped_column(index=True)


class TreePledgeRow(Base):
    """A letter that was given for a tree: with a pledge (``due`` is its last day, ``tree`` empty until it is kept) or with a tree.

    ``person`` is a keyed hash of whom the office served.
    """

    __tablename__ = "tree_pledges"
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    service: Mapped[str] = mapped_column(String(80))
    person: Mapped[str] = mapped_column(String(64), index=True)
    decree: Mapped[str] = mapped_column(String(191))
    due: Mapped[str] = mapped_column(String(10))
    tree: Mapped[str] = mapped_column(String(8), index=True)
    by: Mapped[str] = mapped_column(String(63))
    at: Mapped[int]
    changed: Mapped[int]
