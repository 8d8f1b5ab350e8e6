"""Shapes of the API's answers. Text times are ISO 8601 in WIB; arrays for charts hold milliseconds UTC."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Words = Annotated[dict[str, str], Field(description="By language (id, jv, osi, mad, en); Indonesian, id, is always there")]


class Last(BaseModel):
    """The newest reading; ``quality`` is a QARTOD flag. ``estimated``: its kiosk did not know the time."""

    at: str
    value: float
    quality: int
    estimated: bool = False


class SeriesOut(BaseModel):
    """A series and how its device introduced itself."""

    id: str
    village: str
    node: str
    device: str
    quantity: str
    unit: str
    last: Last | None
    name: Words
    decimals: int
    title: str | None
    model: str | None
    origin: Literal["sensor", "recording", "synthetic"] | None
    note: str | None


class Threshold(BaseModel):
    """A rule's threshold to draw."""

    value: float
    severity: int
    label: str


class CalibrationOut(BaseModel):
    """value = what the device showed × ``gain`` + ``offset``. ``points`` are (shown, true); ``id`` is a short hash of all of it."""

    id: str
    method: str
    gain: float
    offset: float
    points: list[tuple[float, float]]
    by: str | None
    at: str | None


class DerivedOut(BaseModel):
    """The series is made from another quantity of its device: value = calibrated value × ``gain`` + ``offset``."""

    model_config = ConfigDict(populate_by_name=True)

    source: str = Field(alias="from")
    name: Words
    gain: float
    offset: float


class CorrectedOut(BaseModel):
    """The series is made from another quantity of its device by ``method``; ``humidity`` and ``pair`` are series of the same kiosk.

    ``caution`` says what the method was not made for, ``source`` who published it. What a newer kiosk calls otherwise has neither.
    """

    model_config = ConfigDict(populate_by_name=True)

    method: str
    origin: str = Field(alias="from")
    humidity: str
    pair: str | None
    name: Words
    caution: Words | None
    source: str | None


class ProvenanceOut(BaseModel):
    """What stood behind readings with ``from`` <= t < ``to`` (ms UTC; ``to`` is null while it holds).

    With a ``boot``, of which nobody has told the true time: behind the estimated readings of that boot, whose times it shares.
    """

    model_config = ConfigDict(populate_by_name=True)

    since: int = Field(alias="from")
    to: int | None
    model: str
    origin: str
    calibration: CalibrationOut | None
    derived: DerivedOut | None
    corrected: CorrectedOut | None
    boot: str | None


class PointsOut(BaseModel):
    """Raw (``every`` null): t, v, q. In buckets of ``every`` ms: t, and mean, min, max, count. Times in ms UTC."""

    every: int | None
    t: list[int]
    v: list[float] = []
    q: list[int] = []
    mean: list[float] = []
    min: list[float] = []
    max: list[float] = []
    count: list[int] = []
    estimated: list[int] = []


class WindowOut(PointsOut):
    """Raw: t, v, q. In buckets (``every`` in ms): t, and mean, min, max, count or what was asked for; a bucket without readings is absent.

    ``estimated`` is there when a time is not truth: 1 for those points, else 0; ``boots`` then names the boot of each of these.
    ``shown``, when asked for, is what the device itself showed; null where nobody has told what stands behind a reading.
    """

    id: str
    unit: str
    start: int
    stop: int
    last: list[float] = []
    boots: list[str | None] = []
    shown: list[float | None] = []
    provenance: list[ProvenanceOut] = []
    thresholds: list[Threshold]


class RowOut(BaseModel):
    """A point: ``time`` in ms UTC, ``value`` the mean of ``count`` readings between ``min`` and ``max``."""

    time: int
    value: float
    min: float
    max: float
    count: int


class EpochOut(BaseModel):
    """Packs of one spool file: ``missing`` holds the first 20 ranges of ``missing_count`` sequence numbers.

    ``recorded`` are those of them that the kiosk itself has told to be lost; ``salvaged`` packs came again in a later epoch.
    """

    epoch: str
    first: int
    last: int
    known: int
    missing: list[tuple[int, int]]
    missing_count: int
    recorded: list[tuple[int, int]]
    recorded_count: int
    salvaged: int
    readings: int
    current: bool


class WeekOut(BaseModel):
    """The last seven days; ``expected_missing`` is about how many readings are not here (yet)."""

    readings: int
    expected_missing: int
    summary: Words


class NodeOut(BaseModel):
    """A kiosk; ``spooled`` is how many packs wait there. ``estimated`` of its ``readings`` have a time that no clock vouches for;
    ``reused`` came in packs whose number was taken, as after an old spool was restored.
    """

    village: str
    node: str
    state: Literal["online", "offline", "conflict", "withdrawn"]
    since: str
    last_seen: str
    version: str | None
    spooled: int | None
    clock: Literal["synchronised", "unsynchronised"] | None
    readings: int
    estimated: int
    reused: int
    complete: bool
    summary: Words
    week: WeekOut
    epochs: list[EpochOut]


class AlarmOut(BaseModel):
    """An alarm; severity 1 Waspada, 2 Siaga, 3 Awas (or Siaga 3, 2, 1). ``scope`` is the series or the village that its rule looks at,
    ``series`` what raised it; it was furthest with ``worst``. ``threshold`` is null where a rule has more than one mark. A withdrawn one
    that turned out to have begun at another time, or to be a part of another, ``became`` that alarm.
    """

    id: str
    rule: str
    village: str
    node: str
    about: str
    scale: str
    scope: str
    series: str
    severity: int
    word: str
    state: Literal["firing", "resolved", "withdrawn"]
    since: str
    until: str | None
    value: float
    unit: str
    threshold: float | None
    title: dict[str, str]
    message: dict[str, str]
    source: str
    worst: float
    worst_at: str
    became: str | None


class VillageOut(BaseModel):
    """A desa or kelurahan; degrees WGS 84."""

    code: str
    name: str
    type: str
    kecamatan: str
    lat: float
    lng: float


class FieldOut(BaseModel):
    """A farmer's field; ``synthetic`` ones belong to nobody."""

    id: str
    village: str
    name: str
    crop: Words
    farmer: str
    series: list[str]
    synthetic: bool
    area_ha: float


class DeadLetterOut(BaseModel):
    """``bytes`` in base64, empty where they are not for everybody; ``at`` is when it came last, ``count`` how often."""

    id: int
    at: str
    first_at: str
    topic: str
    reason: str
    code: str
    detail: str
    count: int
    size: int
    bytes: str
    replayed_at: str | None
    result: str | None


class ReplayOut(BaseModel):
    """What became of a dead letter: ``stored``, or refused again with ``code`` and ``detail``; ``new`` readings of it are stored."""

    id: int
    replayed_at: str
    stored: bool
    new: int
    duplicate: int
    code: str | None
    detail: str


class ContentOut(BaseModel):
    """A document as it stands retained on the broker."""

    key: str
    version: int
    at: str
    document: dict[str, Any]


class HealthOut(BaseModel):
    """``checks`` by part: ok, since, detail."""

    status: Literal["ok", "degraded"]
    checks: dict[str, dict[str, Any]]


Texts = Annotated[dict[Annotated[str, Field(pattern="^[a-z]{2,3}$")], Annotated[str, Field(max_length=4_000)]], Field(min_length=1)]


class Announcement(BaseModel):
    """Shown at the kiosks from ``from`` until ``until`` (ISO 8601); Indonesian ('id') is required."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str = Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")
    title: Texts
    body: Texts
    begins: str | None = Field(None, alias="from")
    until: str | None = None


class Announcements(BaseModel):
    """The document ``announcements``."""

    model_config = ConfigDict(extra="forbid")

    items: list[Announcement] = Field(max_length=100)
