"""What a farmer says of his field: stages, leaves, watering, answers. What cannot be is refused while he is still there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from kampung_contract.errors import InvalidRequest, KampungError, NotFound

from kampung_cloud.modules.farming import growth, photos
from kampung_cloud.modules.farming.advice import water
from kampung_cloud.modules.farming.advice.calendar import warmth_until
from kampung_cloud.modules.farming.irrigation import pumping_minutes
from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmFieldRow
from kampung_cloud.modules.farming.mornings import Mornings
from kampung_cloud.modules.farming.photos import Photos
from kampung_cloud.modules.farming.register import Register, plot
from kampung_cloud.modules.farming.schemas import AnswerIn, LeavesIn, StageIn, WateringIn
from kampung_cloud.modules.farming.stations import day_of
from kampung_cloud.records import Records


class Contradiction(KampungError):
    """A stage that does not go with another one that was reported, or with the crop's age."""

    code = "contradiction"


BACK = timedelta(days=14)
"""So long ago a report may be."""


class Reporting:
    """Everything raises ``StorageUnavailable``, ``NotFound`` for a field that is not there, ``InvalidRequest`` for what cannot be."""

    def __init__(self, records: Records, register: Register, mornings: Mornings, photos: Photos | None = None) -> None:
        """``photos``: where they are kept; without it none is taken, as from a kiosk."""
        self._records, self._register, self._mornings, self._photos = records, register, mornings, photos

    def take(self, field: str, said: StageIn | LeavesIn | WateringIn | AnswerIn, now: int, today: date) -> None:
        """Keep a report, and make the field's list anew where it changes it. One whose ``id`` was kept before changes nothing."""
        row = self._register.get(field)
        if said.id is not None and self._register.heard(said.id):
            return
        day = said.day or today
        if not today - BACK <= day <= today:
            raise InvalidRequest(f"day = {day}: expected a day of the last {BACK.days}")
        if isinstance(said, AnswerIn):
            given = _depth(row, said.mm, said.minutes) if said.mm is not None or said.minutes is not None else None
            self.answer(row.id, day, said.action, said.answer, by=said.by, now=now, given=given, said=said.id)
            return
        if isinstance(said, StageIn):
            self._stage(row, said.stage, day, today)
            body: dict[str, Any] = {"stage": said.stage}
        elif isinstance(said, LeavesIn):
            if row.crop != "rice":
                raise InvalidRequest(f"leaves: the chart is for rice, and {row.name} grows {row.crop}")
            body = {"readings": said.readings} | self._photo(row.id, said.photo)
        else:
            body = {"mm": _depth(row, said.mm, said.minutes)}
        self._register.report(row.id, day, said.kind, body, by=said.by, now=now, said=said.id)
        self._mornings.again(row.id, now)

    def _photo(self, field: str, given: str | None) -> dict[str, str]:
        if given is None or self._photos is None:
            return {}
        return {"photo": self._photos.keep(field, photos.read(given))}

    def _stage(self, row: FarmFieldRow, stage: str, day: date, today: date) -> None:
        if row.crop != "rice":
            raise InvalidRequest(f"stage = {stage}: stages are known for rice, and {row.name} grows {row.crop}")
        if row.planted is None:
            raise InvalidRequest(f"stage = {stage}: {row.name} has no planting date; give that first")
        (looked,) = self._mornings.looking.look(row.village, [row], today)
        order = list(growth.RICE_STAGES)
        for other, seen in looked.morning.seen.items():
            if other != stage and (order.index(other) < order.index(stage)) != (seen <= day):
                raise Contradiction(f"{stage} on {day} contradicts {other} on {seen}; stages come in the order {', '.join(order)}")
        try:
            growth.corrected(growth.RICE_STAGES, stage, warmth_until(looked.morning, day))
        except ValueError as error:
            raise Contradiction(f"{plot(row).age(day)} days after planting: {error}") from None

    def answer(
        self,
        field: str,
        day: date,
        action: str,
        word: str,
        *,
        by: str,
        now: int,
        event: str = "",
        given: float | None = None,
        said: str | None = None,
    ) -> None:
        """An answer to an action of the list of ``day``; ``given`` mm instead of what was advised. ``event`` names the kiosk's event,
        ``said`` the phone's.

        Raises ``NotFound`` where that list has no such action.
        """
        row = self._register.get(field)
        with self._records.session() as session:
            advice = session.get(FarmAdviceRow, (row.id, day.isoformat()))
            found = None if advice is None else next((a for a in advice.actions if a["kind"] == action), None)
            if advice is None or found is None:
                raise NotFound(f"the list of {row.name} of {day} has no action {action!r}")
            before = advice.answers.get(action, {}).get("answer")
            advice.answers = {**advice.answers, action: {"answer": word, "by": by, "at": now}}
        body = {"kind": action, "answer": word} | ({"event": event} if event else {})
        self._register.report(row.id, day, "answer", body, by=by, now=now, said=said)
        if word == "sudah" and before != "sudah" and action == water.KIND:
            depth = found["reason"]["numbers"].get(water.ADVISED, 0.0) if given is None else given
            if depth:
                self._register.report(row.id, day, "watering", {"mm": depth, "answer": True}, by=by, now=now)
        self._mornings.tell(row.village, day_of(now), now)


def _depth(row: FarmFieldRow, mm: float | None, minutes: float | None) -> float:
    if (mm is None) == (minutes is None):
        raise InvalidRequest("give mm or minutes, one of them")
    if mm is not None:
        return mm
    if row.flow is None:
        raise InvalidRequest(f"minutes = {minutes}: the flow of {row.name} is not known; give mm, or the flow with the field")
    return (minutes or 0.0) / pumping_minutes(1.0, row.area, row.flow)
