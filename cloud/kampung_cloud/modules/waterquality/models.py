"""Tables. Times are integer milliseconds UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kampung_cloud.records.models import Base


class WaterSampleRow(Base):
    """A laboratory's sample of a river: ``found`` by parameter's key in the class table's units, ``below`` keys that were under detection.

    Never changed; a wrong one is withdrawn, with who and why, and entered again. ``live`` is 1 for one that counts and null for one that
    was withdrawn, so that a place has one of a time.
    """

    __tablename__ = "water_samples"
    __table_args__ = (UniqueConstraint("village", "place", "taken", "live"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    village: Mapped[str] = mapped_column(String(13), index=True)
    place: Mapped[str] = mapped_column(String(120))
    water: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int]
    found: Mapped[dict[str, Any]]
    below: Mapped[list[Any]]
    water_temperature: Mapped[float | None]
    natural_temperature: Mapped[float | None]
    laboratory: Mapped[str] = mapped_column(String(120))
    doubts: Mapped[list[Any]]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[int]
    live: Mapped[int | None] = mapped_column(Integer, default=1)
    withdrawn_by: Mapped[str | None] = mapped_column(String(80))
    withdrawn_at: Mapped[int | None]
    why: Mapped[str | None] = mapped_column(String(300))
