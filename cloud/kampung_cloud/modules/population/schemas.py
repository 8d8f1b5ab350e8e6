"""Residents, as the API takes and gives them. Days are ISO, times WIB."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.residents.relation import Relation, State

Short = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]
Purpose = Annotated[str, Field(max_length=32, description="Why the data are read; GET /api/v1/residents/purposes lists them")]
Key = Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")]
Value = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Values = Annotated[dict[Key, Value], Field(max_length=60)]
Number = Annotated[str, Field(max_length=40, pattern=r"^[0-9 ]*$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchIn(_In):
    """``q``: beginnings of a name's words, or a NIK or KK. Without ``village``: one's own, or the whole regency where one has none."""

    q: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
    purpose: Purpose
    village: Annotated[str | None, Field(max_length=40)] = None
    born: date | None = None
    everybody: bool = False


class LineOut(BaseModel):
    """A resident in a list: enough to tell people apart; the NIK is masked."""

    id: int
    village: str
    village_name: str
    name: str
    sex: Literal["L", "P", ""]
    born: date | None
    birthplace: str
    hamlet: str
    rt: str
    rw: str
    relation: Relation
    state: State
    nik: str
    doubts: list[str]


class FoundOut(BaseModel):
    """``more``: others fit, too; another word or a birth date would help."""

    residents: list[LineOut]
    more: bool


class DoubtOut(BaseModel):
    """What a rule wonders about, in Indonesian."""

    code: str
    words: str


class EventOut(BaseModel):
    """What happened, on which day; ``at``: when it was put on record, ``by`` whom."""

    kind: str
    day: date
    note: str
    fields: list[str]
    by: str
    at: str


class ResidentOut(LineOut):
    """A resident. ``nik`` and ``kk`` are masked unless they were asked for. ``first``: where he was first registered, if not here."""

    kk: str
    family: int | None
    address: str
    first: str | None
    contacts: dict[str, str]
    details: dict[str, str]
    wondered: list[DoubtOut]
    events: list[EventOut]


class PersonIn(_In):
    """A person, as the village knows him; a name of one word is a name."""

    name: Short
    sex: Literal["L", "P", ""] = ""
    born: date | None = None
    birthplace: Short = ""
    nik: Number = ""
    kk: Number = ""
    relation: Relation = ""
    hamlet: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")] = ""
    rt: Annotated[str, Field(max_length=5, pattern=r"^[^\x00]*$")] = ""
    rw: Annotated[str, Field(max_length=5, pattern=r"^[^\x00]*$")] = ""
    address: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] = ""
    contacts: Values = {}
    details: Values = {}


class KioskOut(BaseModel):
    """What he is known by at the kiosks. ``first``: he has not changed the PIN that ``by`` gave him at ``pin_given``."""

    pin_given: str | None
    by: str | None
    first: bool
    card: bool


class PinOut(KioskOut):
    """With the PIN, this once."""

    pin: str


class CardIn(_In):
    """As a reader reads it."""

    number: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")]


class NewIn(_In):
    """Somebody who was born or moved in, on a day."""

    village: Annotated[str | None, Field(max_length=40)] = None
    kind: Literal["birth", "move_in"]
    day: date
    person: PersonIn


class ChangeIn(_In):
    """Other values for some fields; what is left out stays."""

    name: Short | None = None
    sex: Literal["L", "P", ""] | None = None
    born: date | None = None
    birthplace: Short | None = None
    nik: Number | None = None
    kk: Number | None = None
    relation: Relation | None = None
    hamlet: Annotated[str | None, Field(max_length=60, pattern=r"^[^\x00]*$")] = None
    rt: Annotated[str | None, Field(max_length=5, pattern=r"^[^\x00]*$")] = None
    rw: Annotated[str | None, Field(max_length=5, pattern=r"^[^\x00]*$")] = None
    address: Annotated[str | None, Field(max_length=300, pattern=r"^[^\x00]*$")] = None
    contacts: Values | None = None
    details: Values | None = None


class HappenedIn(_In):
    """A death, a move out, or a return, on a day."""

    kind: Literal["death", "move_out", "move_in"]
    day: date
    note: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""


class PutOut(BaseModel):
    """``kind``: new, changed or same."""

    id: int
    kind: str
    wondered: list[DoubtOut]


class FamilyOut(BaseModel):
    """A family; ``kk`` is masked unless it was asked for."""

    id: int
    village: str
    kk: str
    address: str
    wondered: list[DoubtOut]
    members: list[LineOut]


class ReadingOut(BaseModel):
    """Somebody read or changed data. ``resident`` is null for what concerned the whole village."""

    n: int
    at: str
    actor: str
    name: str
    purpose: str
    purpose_title: str
    what: str
    resident: int | None
    detail: str


class ReadersOut(BaseModel):
    """Who read of a resident, the last first; ``lines`` and ``last`` are the village's chain as it ends now."""

    resident: int
    name: str
    readings: list[ReadingOut]
    lines: int
    last: str


class ChainOut(BaseModel):
    """``good`` lines are as they were written; ``wrong`` says what is not, null where all are."""

    village: str
    good: int
    lines: int
    wrong: str | None


class LawOut(BaseModel):
    """A purpose or a right, with its source; ``hours``: by when it is to be answered."""

    code: str
    title: str
    source: str
    mark: str
    hours: int | None = None
    basis: str | None = None


class LawsOut(BaseModel):
    """Why data may be read, and what residents may ask for."""

    purposes: list[LawOut]
    rights: list[LawOut]


class AskIn(_In):
    """What a resident asks for about his data."""

    kind: Annotated[str, Field(max_length=16)]
    text: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class AnswerIn(_In):
    """The village's answer; a refusal says why."""

    granted: bool
    answer: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class AskedOut(BaseModel):
    """A request about data; ``late``: its time is over and it is open."""

    id: int
    resident: int
    village: str
    name: str
    kind: str
    title: str
    text: str
    answer: str | None
    state: Literal["open", "done", "refused"]
    received: str
    due: str
    closed: str | None
    late: bool
    by: str
    closed_by: str | None


class SampleOut(BaseModel):
    """A column of a file: its head and a few values, numbers of persons masked."""

    place: int
    head: str
    samples: list[str]


class ProblemOut(BaseModel):
    """What is wrong with a line, in Indonesian; ``grave``: it cannot be taken so."""

    line: int
    column: str
    words: str
    grave: bool


class ImportOut(BaseModel):
    """An import. ``state``: read, taking, done, given_up. ``became``: lines that are new, changed, same or left_out."""

    id: str
    village: str
    file: str
    state: str
    lines: int
    taken: int
    mapping: dict[str, str]
    columns: list[SampleOut]
    good: int | None
    wrong: int | None
    doubtful: int | None
    problems: list[ProblemOut]
    more: int
    became: dict[str, int]
    by: str
    at: str


class FieldOut(BaseModel):
    """What a column may be taken for."""

    name: str
    title: str


class CheckIn(_In):
    """Our column by the file's, from 0."""

    mapping: Annotated[dict[Annotated[str, Field(max_length=4)], Annotated[str, Field(max_length=40)]], Field(max_length=60)]


class TakeIn(_In):
    """``without_wrong``: lines that cannot be taken are left out."""

    without_wrong: bool = False
