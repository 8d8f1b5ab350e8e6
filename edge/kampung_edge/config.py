"""The edge's configuration file, and how its mistakes are told: file, key, value, remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from kampung_bridge.clock import RehearsalClock, SampleClock, SystemClock
from kampung_bridge.config import DeviceConfig, PortConfig, check_ports
from kampung_bridge.profile import load_profile
from kampung_contract.documents import Device, Output
from kampung_contract.errors import ConfigurationError, KampungError
from kampung_contract.pm_correction import CORRECTED
from kampung_contract.quantities import quantity
from kampung_contract.times import WIB
from kampung_contract.topics import check_name
from kampung_contract.villages import village
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from kampung_edge.check_setting import CheckSetting
from kampung_edge.config_errors import explain
from kampung_edge.letters.setting import LetterPrinterSetting
from kampung_edge.output_config import OutputSetting, mistakes
from kampung_edge.printing.setting import PrinterSetting
from kampung_edge.quality_config import CorrectSetting, NeighboursSetting
from kampung_edge.quality_config import mistakes as quality_mistakes
from kampung_edge.queueing.setting import QueueSetting

PORTS = {"mqtt": 1883, "mqtts": 8883}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


def _village(code: str) -> str:
    try:
        return village(code).code
    except KampungError as error:
        raise ValueError(error.message) from None


def _node(name: str) -> str:
    try:
        return check_name("node", name)
    except KampungError as error:
        raise ValueError(error.message) from None


def _broker(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{error}; write mqtt://host:1883 or mqtts://host:8883") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or port == 0:
        raise ValueError("write mqtt://host:1883 or mqtts://host:8883")
    if parts.username or parts.password:
        raise ValueError("write user and password as broker.username and broker.password, not in the address")
    return url


class Broker(_Model):
    """Where the cloud's broker listens."""

    url: Annotated[str, AfterValidator(_broker)]
    username: str | None = None
    password: str | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or PORTS[parts.scheme]

    @property
    def tls(self) -> bool:
        return urlsplit(self.url).scheme == "mqtts"


class Kiosk(_Model):
    """The kiosk's own web server. ``millimetre``: CSS pixels per millimetre of the panel.

    ``sound``: whether alarms are heard. ``speak``: a program, with its arguments, that speaks what it reads from standard input.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65535)
    millimetre: float = Field(default=2.71, gt=0.5, le=50)
    languages: tuple[Literal["id", "en", "jv", "osi", "mad"], ...] = Field(default=("id", "jv", "osi", "mad", "en"), min_length=1)
    sound: bool = True
    speak: tuple[Annotated[str, Field(min_length=1)], ...] = ()


class SpoolSetting(_Model):
    """A group commit holds at most ``commit_rows`` readings and waits at most ``commit_ms``: the loss window at a power cut.

    ``reserve_bytes``: free disk below which the spool counts as full; a tenth of a small disk is enough.
    """

    commit_rows: int = Field(default=500, ge=1, le=2000)
    commit_ms: int = Field(default=1000, ge=10, le=60_000)
    max_bytes: int = Field(default=2_000_000_000, ge=100_000)
    reserve_bytes: int = Field(default=200_000_000, ge=0)


class UplinkSetting(_Model):
    """``window``: packs in flight without a receipt. ``resend_s``: seconds after which an unreceipted pack is sent again.

    ``backfill_bytes_s``: bytes of backfill a second, at most; 0 is as much as the link takes without keeping fresh readings waiting.
    """

    window: int = Field(default=256, ge=1, le=10_000)
    backfill_bytes_s: int = Field(default=0, ge=0)
    resend_s: float = Field(default=10.0, ge=0.1, le=3600)


class ClockSetting(_Model):
    """``auto`` asks the kernel; ``true`` or ``false`` say so instead."""

    synchronised: Literal["auto"] | bool = "auto"


class Rehearsal(_Model):
    """Simulators only: the sensors' clock runs from ``start`` and meets the present ``seconds`` after ``begun``.

    The last ``settle_s`` of the time it runs through take a quarter of the ``seconds``.
    """

    start: datetime
    begun: datetime
    seconds: float = Field(ge=0, le=86_400)
    settle_s: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _forward(self) -> Rehearsal:
        self.clock()
        return self

    def clock(self) -> RehearsalClock:
        """The sensors' clock."""
        return RehearsalClock(_ms(self.start), self.seconds, _ms(self.begun), settle_ms=round(self.settle_s * 1000))


class DeviceSetting(DeviceConfig):
    """The bridge's device, and how it is introduced to people."""

    profile: Annotated[str, AfterValidator(lambda name: load_profile(name).id)]
    title: str = ""
    origin: Literal["sensor", "recording", "synthetic"] = "sensor"
    note: str = ""
    check: dict[str, CheckSetting] = Field(default_factory=dict)
    beside: dict[str, str] = Field(default_factory=dict)
    """By quantity, the device whose readings of it are of the same place as this one's."""
    correct: CorrectSetting | None = None

    @property
    def quantities(self) -> dict[str, str]:
        """Quantity → unit of what this device delivers, corrected values too."""
        own = super().quantities
        return own | {CORRECTED: own["pm25"]} if self.correct is not None and "pm25" in own else own

    @model_validator(mode="after")
    def _checks_what_it_delivers(self) -> DeviceSetting:
        for name, check in self.check.items():
            if name not in self.quantities:
                raise ValueError(f"check.{name}: {self.name} delivers no '{name}'; it delivers {', '.join(self.quantities)}")
            known = quantity(name)
            if known and check.usual and not check.range and not (known.low <= check.usual[0] and check.usual[1] <= known.high):
                reach = f"reaches out of the catalogue's range [{known.low:g}, {known.high:g}]"
                raise ValueError(f"check.{name}: usual = {list(check.usual)} {reach}; give a range too, if that is meant")
        return self


class PortSetting(PortConfig):
    """The bridge's port with such devices."""

    devices: tuple[DeviceSetting, ...] = Field(alias="device", default=())


class EdgeConfig(_Model):
    """The whole file. Relative paths are already absolute in what ``load`` gives."""

    village: Annotated[str, AfterValidator(_village)]
    node: Annotated[str, AfterValidator(_node)]
    data: Path
    broker: Broker
    kiosk: Kiosk = Kiosk()
    spool: SpoolSetting = SpoolSetting()
    uplink: UplinkSetting = UplinkSetting()
    clock: ClockSetting = ClockSetting()
    rehearsal: Rehearsal | None = None
    printer: PrinterSetting | None = None
    letter_printer: LetterPrinterSetting | None = None
    queue: QueueSetting | None = None
    port: Annotated[tuple[PortSetting, ...], AfterValidator(check_ports)] = ()
    output: tuple[OutputSetting, ...] = Field(default=(), max_length=64)
    neighbours: tuple[NeighboursSetting, ...] = Field(default=(), max_length=64)

    @property
    def devices(self) -> tuple[DeviceSetting, ...]:
        """All devices of all ports."""
        return tuple(d for p in self.port for d in p.devices)

    def introductions(self) -> list[Device]:
        """The devices as the node's state names them."""
        return introductions(self.devices)

    def outputs(self) -> list[Output]:
        """The outputs as the node's state names them."""
        devices = {d.name: d for d in self.devices}
        return [
            Output(o.name, o.device, devices[o.device].profile, o.max_on, o.title, o.guard, o.guard_age or 0, devices[o.device].origin)
            for o in self.output
        ]

    def sample_clock(self) -> SampleClock:
        """What readings are stamped with: the machine's clock, or the rehearsal's."""
        return self.rehearsal.clock() if self.rehearsal else SystemClock()


def introductions(devices: Iterable[DeviceSetting]) -> list[Device]:
    """As the node's state names them."""
    return [Device(d.name, d.profile, d.title, d.origin, d.note) for d in devices]


def load(path: Path, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> EdgeConfig:
    """Read ``path``; ``overrides`` by table and key win over the file.

    Raises ``ConfigurationError`` that names file, key, value and remedy, one line a mistake.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file; give the configuration with --config") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not TOML: {error}; see edge/edge.toml for an example") from None
    for section, keys in (overrides or {}).items():
        if isinstance(table.setdefault(section, {}), dict):
            table[section].update(keys)
    try:
        config = EdgeConfig.model_validate(table)
    except ValidationError as error:
        raise ConfigurationError(explain(path, EdgeConfig, error)) from None
    devices = {d.name: d for d in config.devices}
    wrong = [
        f"{path}: output[{place}].{key}{'' if value is None else f' = {value!r}'}: {words}"
        for place, key, value, words in mistakes(config.output, devices)
    ]
    wrong += [f"{path}: {words}" for words in quality_mistakes(config.neighbours, devices)]
    if wrong:
        raise ConfigurationError("\n".join(wrong))
    folder = path.absolute().parent
    ports = tuple(p if "://" in p.url else p.model_copy(update={"url": str(folder / p.url)}) for p in config.port)
    return config.model_copy(update={"data": folder / config.data, "port": ports})


def _ms(at: datetime) -> int:
    return round((at if at.tzinfo else at.replace(tzinfo=WIB)).timestamp() * 1000)
