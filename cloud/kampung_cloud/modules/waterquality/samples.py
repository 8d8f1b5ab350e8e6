"""Samples in the records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kampung_contract.errors import KampungError, NotFound
from kampung_contract.times import text
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kampung_cloud.modules.waterquality.models import WaterSampleRow
from kampung_cloud.modules.waterquality.sample import Sample
from kampung_cloud.records import Records

MOST = 1_000


class Samples:
    """Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def keep(self, samples: Iterable[Sample], by: str, now: int) -> tuple[list[int], int]:
        """All or none; ids of the new ones, and how many were here word for word. Code ``conflict`` for another sample of a place
        and time.
        """
        new: list[WaterSampleRow] = []
        same = 0
        try:
            with self._records.session() as session:
                for each in samples:
                    where = (WaterSampleRow.village == each.village, WaterSampleRow.place == each.place, WaterSampleRow.taken == each.taken)
                    known = session.scalar(select(WaterSampleRow).where(*where, WaterSampleRow.live == 1))
                    if known is not None:
                        if known.found != each.found or known.water != each.water:
                            raise _taken(each)
                        same += 1
                        continue
                    new.append(_row(each, by, now))
                    session.add(new[-1])
                    session.flush()
                ids = [row.id for row in new]
        except IntegrityError:
            raise KampungError("a sample of the same place and time was entered at this moment; load again", code="conflict") from None
        return ids, same

    def withdraw(self, number: int, by: str, why: str, now: int) -> None:
        """Take one back: it counts no more and stays on record. Raises ``NotFound``; code ``conflict`` when it was before."""
        with self._records.session() as session:
            row = session.get(WaterSampleRow, number)
            if row is None:
                raise NotFound(f"sample {number} is not here; GET /api/v1/waterquality/samples lists what is")
            if row.live is None:
                raise KampungError(f"sample {number} was withdrawn already, by {row.withdrawn_by}", code="conflict")
            row.live, row.withdrawn_by, row.withdrawn_at, row.why = None, by, now, why

    def get(self, number: int) -> Kept:
        """One, withdrawn or not. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(WaterSampleRow, number)
            if row is None:
                raise NotFound(f"sample {number} is not here; GET /api/v1/waterquality/samples lists what is")
            return Kept(row)

    def listed(self, villages: Sequence[str] | None = None, start: int = 0, stop: int | None = None, *, all_: bool = False) -> list[Kept]:
        """Taken from ``start`` to before ``stop`` (ms UTC), newest first, at most ``MOST``; ``all_``: withdrawn ones too."""
        query = select(WaterSampleRow).where(WaterSampleRow.taken >= start).order_by(WaterSampleRow.taken.desc(), WaterSampleRow.id.desc())
        if villages is not None and len(villages) < 200:
            query = query.where(WaterSampleRow.village.in_(villages))
        if stop is not None:
            query = query.where(WaterSampleRow.taken < stop)
        if not all_:
            query = query.where(WaterSampleRow.live == 1)
        with self._records.session() as session:
            return [Kept(row) for row in session.scalars(query.limit(MOST))]


class Kept:
    """A sample on record with who entered it."""

    __slots__ = ("at", "by", "id", "sample", "why", "withdrawn_at", "withdrawn_by")

    def __init__(self, row: WaterSampleRow) -> None:
        self.id, self.by, self.at = row.id, row.by, row.at
        self.withdrawn_by, self.withdrawn_at, self.why = row.withdrawn_by, row.withdrawn_at, row.why
        self.sample = Sample(
            row.village, row.place, row.water, row.taken, row.laboratory, dict(row.found), tuple(row.below),  # type: ignore[arg-type]
            row.water_temperature, row.natural_temperature, tuple(row.doubts),
        )  # fmt: skip


def _row(each: Sample, by: str, now: int) -> WaterSampleRow:
    return WaterSampleRow(
        village=each.village, place=each.place, water=each.water, taken=each.taken, found=each.found, below=list(each.below),
        water_temperature=each.water_temperature, natural_temperature=each.natural_temperature, laboratory=each.laboratory,
        doubts=list(each.doubts), by=by, at=now, live=1,
    )  # fmt: skip


def _taken(each: Sample) -> KampungError:
    said = f"{each.place} of {text(each.taken)} is here with other values; withdraw that sample first, or correct the time of this one"
    return KampungError(said, code="conflict")
