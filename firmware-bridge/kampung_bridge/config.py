"""What a village's configuration says about its ports: `[[port]]` tables with `[[port.device]]` inside."""

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from kampung_bridge.calibration import Adjust
from kampung_bridge.measure import Quantity
from kampung_bridge.profile import ModbusProfile, Serial, StreamProfile, load_profile
from kampung_bridge.sdi12 import ADDRESS

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]

# pyserial's handlers that make sense unattended; spy:// and alt:// wrap these and are for debugging. replay: is ours (replay.py).
SCHEMES = ("socket", "rfc2217", "loop", "hwgrep", "spy", "alt", "replay")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Derive(_Model):
    """A quantity made from another: value = gain × `from` + offset, in `unit`. Replaces `from` unless `keep` is set.

    A water level 3 m below its gauge: from = "distance", gain = -1, offset = 3.0, unit = "m" (a distance is already in m).
    """

    quantity: Quantity
    source: Quantity = Field(alias="from")
    gain: float = Field(default=1.0, allow_inf_nan=False)
    offset: float = Field(default=0.0, allow_inf_nan=False)
    unit: str = Field(min_length=1)
    keep: bool = False

    @model_validator(mode="after")
    def _reversible(self) -> "Derive":
        if self.gain == 0:
            raise ValueError(f"gain = 0 would make every {self.quantity} the same; give what {self.source} is to be multiplied by")
        return self


def _some_address(value: int | str | None) -> int | str | None:
    if value is None or (isinstance(value, int) and 0 <= value <= 247) or re.fullmatch(ADDRESS, str(value)):
        return value
    raise ValueError("use a Modbus address (a number from 1 to 247) or an SDI-12 address (one of 0-9, A-Z, a-z)")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class DeviceConfig(_Model):
    """One device. `every` in seconds between readings (0: each frame of a stream); `rehearsal_every` while a rehearsal runs.

    `address` is a Modbus number (1-247) or an SDI-12 character (0-9, A-Z, a-z).
    """

    name: Slug
    profile: str
    address: Annotated[int | str | None, AfterValidator(_some_address)] = None
    every: float = Field(default=10.0, ge=0)
    rehearsal_every: float | None = Field(default=None, ge=0)
    timeout: float | None = Field(default=None, gt=0, le=5)
    adjust: dict[Quantity, Adjust] = {}
    derive: Annotated[tuple[Derive, ...], BeforeValidator(_as_list)] = ()

    @property
    def model(self) -> ModbusProfile | StreamProfile:
        """The device's profile."""
        return load_profile(self.profile)

    @property
    def bus_address(self) -> int:
        """The Modbus address: the configured one, else the factory's; 0 for others."""
        model = self.model
        if not isinstance(model, ModbusProfile):
            return 0
        return model.address if self.address is None else int(self.address)

    @property
    def sdi12_address(self) -> str:
        """The SDI-12 address: the configured one, else the factory's; empty for others."""
        model = self.model
        if not isinstance(model, StreamProfile) or model.sdi12 is None:
            return ""
        return model.sdi12.address if self.address is None else str(self.address)

    @property
    def quantities(self) -> dict[str, str]:
        """Quantity → unit of what this device delivers, after `derive`."""
        hidden = {d.source for d in self.derive if not d.keep}
        kept = {quantity: unit for quantity, unit in self.model.quantities.items() if quantity not in hidden}
        return kept | {d.quantity: d.unit for d in self.derive}

    @model_validator(mode="after")
    def _fits_profile(self) -> "DeviceConfig":
        model = self.model  # UnknownProfileError is a ValueError and names the nearest profiles
        for quantity in [*self.adjust, *(d.source for d in self.derive)]:
            if quantity not in model.quantities:
                raise ValueError(f"{self.profile} has no quantity '{quantity}'; it has {', '.join(model.quantities)}")
        kept = set(model.quantities) - {d.source for d in self.derive if not d.keep}
        twice = [name for name, n in Counter([*kept, *(d.quantity for d in self.derive)]).items() if n > 1]
        if twice:
            raise ValueError(f"{self.name} would deliver '{twice[0]}' twice; give the derived quantity another name")
        self._check_address(model)
        if self.every == 0 and (isinstance(model, ModbusProfile) or model.sdi12 is not None):
            raise ValueError(f"every = 0 would poll {self.name} without pause; give seconds, such as 10")
        return self

    def _check_address(self, model: ModbusProfile | StreamProfile) -> None:
        if self.address is None:
            return
        if isinstance(model, ModbusProfile):
            if not isinstance(self.address, int) or not 1 <= self.address <= 247:
                raise ValueError(f"address = {self.address!r} is no Modbus address; use a number from 1 to 247")
        elif model.sdi12 is None:
            raise ValueError(f"{self.profile} sends by itself and has no address; remove address = {self.address}")
        elif not re.fullmatch(ADDRESS, str(self.address)):
            raise ValueError(f"address = {self.address!r} is no SDI-12 address; use one of 0-9, A-Z, a-z")


class PortConfig(_Model):
    """One serial line: `url` is a device path (use /dev/serial/by-id/…, never ttyUSB0) or socket://host:port, rfc2217://host:port.

    socket:// and rfc2217:// are neither encrypted nor authenticated: inside the building only. `discover` finds devices that are not
    listed: true, or the only profiles that can be here; `url` may then be a pattern such as /dev/serial/by-id/*.
    """

    url: str = Field(min_length=1)
    name: str = ""
    baud: int | None = Field(default=None, ge=300, le=3_000_000)
    parity: Literal["N", "E", "O"] | None = None
    discover: bool | tuple[str, ...] = False
    devices: tuple[DeviceConfig, ...] = Field(alias="device", default=())

    @property
    def pattern(self) -> bool:
        """Whether `url` stands for every line that it matches."""
        return "://" not in self.url and any(sign in self.url for sign in "*?[")

    @property
    def title(self) -> str:
        """What people call the port."""
        return self.name or self.url

    @property
    def serial(self) -> Serial:
        """The line's settings: the devices' factory settings, unless the port says otherwise."""
        own = {key: value for key, value in (("baud", self.baud), ("parity", self.parity)) if value is not None}
        return (self.devices[0].model.serial if self.devices else Serial()).model_copy(update=own)

    @model_validator(mode="after")
    def _one_line(self) -> "PortConfig":
        scheme, separator, _ = self.url.partition("://")
        if separator and scheme.lower() not in SCHEMES:
            raise ValueError(f"'{self.url}': pyserial has no '{scheme}://'; use a device path or one of {', '.join(SCHEMES)}")
        self._check_discovery()
        streams = [d.name for d in self.devices if not d.bus_address and not d.sdi12_address]
        if streams and len(self.devices) > 1:
            raise ValueError(f"{streams[0]} sends by itself and needs port {self.title} alone; give the others another port")
        sdi12 = [d.name for d in self.devices if d.sdi12_address]
        modbus = [d.name for d in self.devices if d.bus_address]
        if sdi12 and modbus:
            raise ValueError(f"{sdi12[0]} speaks SDI-12 and {modbus[0]} Modbus: they need a port each")
        users: dict[int | str, str] = {}
        for device in self.devices:
            address = device.sdi12_address or device.bus_address
            other = users.setdefault(address, device.name)
            if other != device.name:
                raise ValueError(f"{other} and {device.name} both have address {address}; change one with the maker's tool")
        for device in self.devices[1:]:
            first, own = self.devices[0].model.serial, device.model.serial
            if (self.baud is None and first.baud != own.baud) or (self.parity is None and first.parity != own.parity):
                text = f"{first.baud} {first.parity} and {own.baud} {own.parity}"
                raise ValueError(f"{self.devices[0].name} and {device.name} speak {text}: set them alike, then give baud and parity here")
        return self

    def _check_discovery(self) -> None:
        if not self.discover and self.discover is not False:
            raise ValueError("discover = [] can find nothing; name profiles, or write discover = true")
        if not self.devices and not self.discover:
            raise ValueError(f"port {self.title} has no device; add [[port.device]], or discover = true to find what hangs there")
        for profile in self.discover if isinstance(self.discover, tuple) else ():
            load_profile(profile)
        if self.pattern and (not self.discover or self.devices):
            raise ValueError(
                f"'{self.url}' is a pattern, which needs discover = true and no device; list devices under the line's own path"
            )
        streams = [d.name for d in self.devices if isinstance(d.model, StreamProfile)]
        if self.discover and streams:
            raise ValueError(f"{streams[0]} sends by itself and needs port {self.title} alone: there is nothing else to discover")


def check_ports(ports: Sequence[PortConfig]) -> Sequence[PortConfig]:
    """Raises ValueError when two ports have one URL or two devices one name."""
    urls: dict[str, str] = {}
    for port in ports:
        key = port.url if "://" in port.url else posixpath.normpath(port.url)
        if key in urls:
            raise ValueError(f"port {port.url} is configured twice; put its devices into one [[port]] table")
        urls[key] = port.title
    names = Counter(device.name for port in ports for device in port.devices)
    twice = [name for name, n in names.items() if n > 1]
    if twice:
        raise ValueError(f"device name '{twice[0]}' is used {names[twice[0]]} times; a name stands for one device of this node")
    return ports


Ports = Annotated[tuple[PortConfig, ...], AfterValidator(check_ports)]
