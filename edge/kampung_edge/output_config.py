"""``[[output]]`` tables of the configuration: what a kiosk may switch, for how long, and guarded by what."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from kampung_bridge.config import DeviceConfig
from kampung_contract.command import LONGEST_S
from kampung_contract.errors import KampungError
from kampung_contract.topics import check_name
from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _name(name: str) -> str:
    try:
        return check_name("output", name)
    except KampungError as error:
        raise ValueError(error.message) from None


class OutputSetting(BaseModel):
    """An output that people may switch. Off must be its safe state: it is switched off whenever anything is in doubt.

    ``device`` of a port drives it, with ``output`` of that device's profile. ``max_on``: seconds it stays on at most. ``guard``:
    ``device/quantity`` of a sensor that must be heard, at most ``guard_age`` seconds ago, for it to be on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_name)]
    title: str = Field(default="", max_length=127)
    device: str
    output: str
    max_on: int = Field(ge=1, le=LONGEST_S)
    guard: str = Field(default="", max_length=127)
    guard_age: int | None = Field(default=None, ge=1, le=LONGEST_S)

    @property
    def series(self) -> tuple[str, str] | None:
        """Device and quantity of the guard."""
        device, _, quantity = self.guard.partition("/")
        return (device, quantity) if self.guard else None

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or self.name


def mistakes(outputs: Sequence[OutputSetting], devices: Mapping[str, DeviceConfig]) -> Iterator[tuple[int, str, Any, str]]:
    """(place of the table, key, value, what is wrong and the remedy) of all that does not fit the ports."""
    names: dict[str, int] = {}
    driven: dict[tuple[str, str], str] = {}
    for place, output in enumerate(outputs):
        if output.name in names:
            yield place, "name", output.name, f"output[{names[output.name]}] has this name already; give each its own"
        names.setdefault(output.name, place)
        device = devices.get(output.device)
        if device is None:
            yield place, "device", output.device, f"no port has such a device; {_nearest(output.device, devices)}"
        elif output.output not in (known := [o.name for o in device.model.outputs]):
            has = _nearest(output.output, known) if known else "it only measures; name a device that switches"
            yield place, "output", output.output, f"{device.profile} has no such output; {has}"
        elif (output.device, output.output) in driven:
            first = driven[output.device, output.output]
            yield place, "output", output.output, f"{output.device}'s {output.output} is driven by output {first!r} already; remove one"
        driven.setdefault((output.device, output.output), output.name)
        yield from ((place, *wrong) for wrong in _guard(output, devices))


def _guard(output: OutputSetting, devices: Mapping[str, DeviceConfig]) -> Iterator[tuple[str, Any, str]]:
    if not output.guard:
        if output.guard_age is not None:
            yield "guard_age", output.guard_age, 'there is no guard; add guard = "device/quantity", or remove guard_age'
        return
    name, slash, quantity = output.guard.partition("/")
    device = devices.get(name)
    if not slash or not name or not quantity:
        yield "guard", output.guard, 'write device/quantity, such as "tanah-1/soil_moisture"'
    elif device is None:
        yield "guard", output.guard, f"no port has a device {name!r}; {_nearest(name, devices)}"
    elif quantity not in device.quantities:
        yield "guard", output.guard, f"{name} ({device.profile}) does not measure {quantity!r}; {_nearest(quantity, device.quantities)}"
    elif output.guard_age is None:
        yield "guard_age", None, "missing; write the seconds that the guard may be silent, such as 60"
    elif output.guard_age <= device.every:
        least = 3 * device.every
        yield "guard_age", output.guard_age, f"{name} is read each {device.every:g} s; write more, such as {least:g}"


def _nearest(name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=2, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"there {'is' if len(known) == 1 else 'are'} {', '.join(known) or 'none'}"
