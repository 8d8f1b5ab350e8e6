"""Shapes of what the API says of alarms and takes for them. Text times are ISO 8601 in WIB; arrays for charts hold milliseconds UTC."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kampung_cloud.api.schemas import AlarmOut, PointsOut, Words
from kampung_cloud.handling import book

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=book.NAME)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=book.NOTE)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=book.COMMENT)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=book.NOTE)]


class HandlingOut(BaseModel):
    """What people did: the first who acknowledged it, the last to whom it was given, the last word on whether it was a false alarm."""

    acknowledged: str | None = None
    acknowledged_by: str | None = None
    acknowledged_via: Literal["page", "message", "kiosk", "system"] | None = None
    assigned: str | None = None
    assigned_to: str | None = None
    verdict: Literal["true", "false"] | None = None
    verdict_by: str | None = None


class AlarmListedOut(AlarmOut):
    """An alarm, and what people did about it."""

    handling: HandlingOut


class FiguresOut(BaseModel):
    """Of the alarms of a rule that began in the ``days`` before now and that people were told of; shares are null where there is none."""

    days: int
    alarms: int
    acknowledged: int
    false: int
    acknowledged_share: float | None
    false_share: float | None


class RuleOut(BaseModel):
    """A rule in force, in the words of the configuration file, and what its alarms were worth."""

    rule: dict[str, Any]
    figures: FiguresOut


class AlarmDetailOut(AlarmListedOut):
    """An alarm under its newest name.

    ``asked`` is the name it was asked by, ``names`` are all that it has had, the newest first. ``rule_in_force`` is null once the rule
    is gone from the configuration; ``source`` is the one that it had when the alarm was raised.
    """

    asked: str
    names: list[str]
    rule_in_force: dict[str, Any] | None
    figures: FiguresOut


class AlarmLineOut(BaseModel):
    """A line of the trail. ``at`` is when it happened, ``known`` when the regency learnt of it, where that is told.

    Further fields by kind. raised: ``value``, ``unit``; ``was``, the beginning that was thought before; ``again`` when it had been thought
    over. resolved: ``until``, and ``was``. withdrawn: ``became``. acknowledged, marked: ``note``. assigned: ``to``. commented: ``text``.
    marked: ``verdict``. Lines of messages carry fields of their own.
    """

    model_config = ConfigDict(extra="allow")

    id: int
    alarm: str
    at: str
    kind: Literal[
        "raised", "resolved", "withdrawn", "told", "acknowledged", "assigned", "commented", "marked", "escalated", "silenced", "inhibited"
    ]
    actor: str
    via: Literal["page", "message", "kiosk", "system"]
    known: str | None = None


class MarkOut(BaseModel):
    """A value that readings are compared with."""

    kind: Literal["threshold", "clear", "low", "high", "low_clear", "high_clear", "level"]
    value: float


class TracedOut(PointsOut):
    """A series in the window. ``doubted`` are readings that are not good, as (t, value, flag): QARTOD flags, 3 suspect, 4 failed."""

    id: str
    node: str
    device: str
    quantity: str
    unit: str
    name: Words
    title: str | None
    decimals: int
    marks: list[MarkOut]
    doubted: list[tuple[int, float, int]]


class StretchOut(BaseModel):
    """How the rule stood from ``start`` to before ``stop``, ms UTC."""

    phase: Literal["pending", "firing", "clearing"]
    start: int
    stop: int


class TraceOut(BaseModel):
    """What an alarm's rule looked at, what raised it first. ``more`` series are left out.

    ``phases`` are counted anew from stored readings with the rule in force; null when the rule is gone or there are too many readings.
    """

    alarm: str
    start: int
    stop: int
    series: list[TracedOut]
    more: int
    phases: list[StretchOut] | None


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Name


class AcknowledgeIn(_Act):
    """``by`` has seen it and sees to it."""

    note: Note = ""


class AssignIn(_Act):
    """Give it to ``to``, a name or a role."""

    to: Name


class CommentIn(_Act):
    """What ``by`` saw or did."""

    text: Said


class VerdictIn(_Act):
    """Whether it was a false alarm, and why ``by`` thinks so."""

    verdict: Literal["true", "false"] = Field(description="false for a false alarm")
    note: Reason
