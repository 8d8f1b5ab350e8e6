"""A scenario file: TOML, of these shapes."""

from __future__ import annotations

from typing import Annotated, Any

from kampung_bridge.calibration import Adjust
from kampung_bridge.config import Derive
from kampung_bridge.profile import load_profile
from kampung_contract.errors import KampungError
from kampung_contract.topics import check_name
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from kampung_sim.scenario.faults.catalogue import KINDS as FAULTS
from kampung_sim.scenario.mistake import nearest
from kampung_sim.scenario.processes import KINDS, AnyProcess
from kampung_sim.scenario.times import DAY, HOUR, MINUTE, At, Duration, Time
from kampung_sim.scenario.where import Code, Villages

MOST = 3660 * DAY
"""Ten years."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]


def _node(name: str) -> str:
    try:
        return check_name("node", name)
    except KampungError as error:
        raise ValueError(error.message) from None


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


def _profile(name: str) -> str:
    return load_profile(name).id  # UnknownProfileError is a ValueError and names the nearest


def _fault(name: str) -> str:
    if name not in FAULTS:
        raise ValueError(f"there is no fault {name!r}; {nearest(name, FAULTS)}")
    return name


def _kinds(table: Any) -> Any:
    """Each process with its kind: its own name where it says none."""
    if not isinstance(table, dict):
        return table
    return {n: {"kind": n, **v} if isinstance(v, dict) and n in KINDS else v for n, v in table.items()}


NodeName = Annotated[str, AfterValidator(_node)]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True)


class KitDevice(_Model):
    """One device, or ``count`` alike."""

    name: Slug
    """With ``count`` above 1, a number follows: ``tanah-1``, ``tanah-2``."""
    profile: Annotated[str, AfterValidator(_profile)]
    """The bridge's profile: ``kampung-bridge profiles`` lists them."""
    count: int = Field(default=1, ge=1, le=200)
    measures: Names = ()
    """Processes behind it, by name; the first that has a quantity gives it. Empty: those that the profile's quantities suggest."""
    port: Slug | None = None
    """The serial line. Without it a device that sends by itself has its own, and those that are asked share ``rs485`` by their settings."""
    address: int | None = Field(default=None, ge=1, le=247)
    """On the bus; without it the next free one."""
    every: Duration | None = None
    """Between two readings; without it the kit's."""
    hears: Code | None = None
    """The village in which it measures, where that is another: a radio that hears the gauge upstream."""
    mount: float | None = Field(default=None, gt=0, le=30)
    """Metres a distance sensor hangs above the gauge's zero; it then reports ``water_level``."""
    title: str = ""
    note: str = ""
    adjust: dict[str, Adjust] = {}
    """Calibration, as in an edge's configuration."""
    derive: Annotated[tuple[Derive, ...], BeforeValidator(_list)] = ()
    """Derived quantities, as in an edge's configuration."""


class Kit(_Model):
    """What stands at a node."""

    title: str = ""
    every: Duration = MINUTE
    """Between two readings of each device that says nothing else."""
    visitors: str | None = "visitors"
    """The process of residents at this kiosk; "" for a node nobody uses."""
    printer: bool = False
    """Whether a receipt printer stands there."""
    device: tuple[KitDevice, ...] = Field(min_length=1)


class Place(_Model):
    """Kits in villages."""

    villages: Villages
    kit: str
    """One of this file's kits, or a packaged one: ``kampung-sim kits`` lists them."""
    nodes: Annotated[int, Field(ge=1, le=100)] | tuple[NodeName, ...] = 1
    """How many in each village, or their names where it is one village."""


class FaultEntry(_Model):
    """One fault of the calendar. Without ``at`` it waits for its ``key``."""

    kind: Annotated[str, AfterValidator(_fault)]
    at: At | None = None
    lasts: Duration | None = Field(default=None, alias="for")
    """Without it: the kind's own, or to the end where it has none."""
    key: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    repeat: Duration | None = None
    """Again after so long, to the scenario's end."""
    villages: Villages | None = None
    nodes: Names = ()
    devices: Names = ()
    quantities: Names = ()
    parameters: dict[str, float] = Field(default={}, alias="with")
    note: str = ""


class Column(_Model):
    """One column of a recording."""

    column: str
    device: str
    quantity: str
    node: str = ""
    """Without it: every node that has such a device."""
    scale: float = 1.0
    offset: float = 0.0
    bridge: Duration | None = None
    """A hole longer than this stays a hole; without it the recording's."""


class Replay(_Model):
    """A recording laid over the scenario's time."""

    file: str
    """Beside the scenario file."""
    time: str = ""
    """The column of times; without it the first."""
    shift: At | None = None
    """Where the recording's first row comes to lie; without it, at its own time where that is within the scenario, else at the start."""
    loop: bool = False
    """Begin again when it is over."""
    bridge: Duration = HOUR
    """A hole longer than this stays a hole."""
    columns: tuple[Column, ...] = Field(default=(), alias="map")
    """Without it columns are matched by name; ``check`` says how."""


class Scenario(_Model):
    """The whole file. Times are WIB where they name no offset."""

    name: Slug
    title: str = ""
    about: str = ""
    seed: int = Field(ge=0, le=2**63 - 1)
    start: Time
    duration: Annotated[Duration, Field(le=MOST)]
    pace: float = Field(default=1.0, ge=1, le=10_000)
    """How many times faster than true time."""
    place: tuple[Place, ...] = Field(min_length=1)
    kit: dict[Slug, Kit] = {}
    process: Annotated[dict[Slug, AnyProcess], BeforeValidator(_kinds)] = {}
    """By name; ``kind`` may be left out where the name is one."""
    fault: tuple[FaultEntry, ...] = ()
    replay: Replay | None = None

    @property
    def stop(self) -> int:
        """Milliseconds UTC at which it is over."""
        return self.start + self.duration
