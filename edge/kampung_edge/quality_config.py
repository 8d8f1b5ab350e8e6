"""What the edge's file may say of readings that belong together: devices beside one another, neighbours, corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from kampung_contract.errors import KampungError
from kampung_contract.neighbours import Neighbours, parse_neighbours
from kampung_contract.pm_correction import method
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from kampung_edge.config import DeviceSetting

HUMIDITY = "relative_humidity"


class CorrectSetting(BaseModel):
    """``[port.device.correct]``: the device's ``pm25`` is corrected by ``method``, and delivered beside it as ``pm25_corrected``.

    ``humidity``: the device that measures that of the same air; left out, it is this one or the one that ``beside`` names. A humidity
    older than ``fresh`` seconds is none. ``pair``: a second sensor beside this one; the mean of both is corrected, and nothing where they
    disagree.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str
    humidity: str = ""
    pair: str = ""
    fresh: float = Field(default=600.0, gt=0, le=3_600)

    @model_validator(mode="after")
    def _known(self) -> CorrectSetting:
        try:
            method(self.method)
        except KampungError as error:
            raise ValueError(error.message) from None
        return self


def _neighbours(value: Any) -> Neighbours:
    if isinstance(value, Neighbours):
        return value
    if not isinstance(value, dict):
        raise ValueError("write [[neighbours]] tables")  # noqa: TRY004 - pydantic reports ValueError, not TypeError
    try:
        return parse_neighbours(value)
    except KampungError as error:
        raise ValueError(error.message.removeprefix("neighbours: ")) from None


NeighboursSetting = Annotated[Neighbours, BeforeValidator(_neighbours)]


def mistakes(neighbours: Sequence[Neighbours], devices: Mapping[str, DeviceSetting]) -> Iterator[str]:
    """Key, value, what is wrong and the remedy of all that does not fit the ports."""
    for place, group in enumerate(neighbours):
        for name in group.series:
            if wrong := _wrong(name, group.quantity, devices):
                yield f"neighbours[{place}].series = {name!r}: {wrong}"
    for name, device in devices.items():
        for quantity, other in device.beside.items():
            if wrong := _wrong(other, quantity, devices) or ("it is this device itself; remove it" if other == name else ""):
                yield f"device {name}: beside.{quantity} = {other!r}: {wrong}"
        if device.correct is not None:
            yield from (f"device {name}: correct{wrong}" for wrong in _correction(device, device.correct, devices))


def _correction(device: DeviceSetting, setting: CorrectSetting, devices: Mapping[str, DeviceSetting]) -> Iterator[str]:
    fitted = method(setting.method)
    if fitted.quantity not in device.quantities:
        yield f": {device.name} ({device.profile}) delivers no {fitted.quantity}; it delivers {', '.join(device.quantities)}"
    elif device.profile not in fitted.models:
        to = f"values of {', '.join(fitted.models)}" if fitted.models else "values for factories (CF=1), which no profile delivers"
        yield f".method = {setting.method!r}: it was fitted to {to}, and {device.name} is a {device.profile}; leave its values as they are"
    humid = humidity_of(device)
    if not humid:
        yield f'.humidity: {device.name} measures none; name the device that does in the same air, such as humidity = "air-1"'
    elif wrong := _wrong(humid, HUMIDITY, devices):
        yield f".humidity = {humid!r}: {wrong}"
    if setting.pair and (wrong := _wrong(setting.pair, fitted.quantity, devices)):
        yield f".pair = {setting.pair!r}: {wrong}"
    elif setting.pair and (setting.pair == device.name or devices[setting.pair].profile != device.profile):
        yield f".pair = {setting.pair!r}: name a second {device.profile} beside {device.name}"


def humidity_of(device: DeviceSetting) -> str:
    """The device whose humidity goes with this one's dust; empty where nobody says."""
    named = device.correct.humidity if device.correct else ""
    return named or (device.name if HUMIDITY in device.quantities else device.beside.get(HUMIDITY, ""))


def _wrong(name: str, quantity: str, devices: Mapping[str, DeviceSetting]) -> str:
    device = devices.get(name)
    if device is None:
        return f"no port has such a device; there are {', '.join(devices) or 'none'}"
    if quantity not in device.quantities:
        return f"it ({device.profile}) delivers no {quantity}; it delivers {', '.join(device.quantities)}"
    return ""
