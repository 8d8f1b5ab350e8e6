"""A kit's devices on their lines: names, ports, addresses, and which process gives each quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kampung_bridge.config import Derive, DeviceConfig, PortConfig
from kampung_bridge.profile import ModbusProfile, StreamProfile, load_profile
from pydantic import ValidationError

from kampung_sim.scenario.mistake import Path, nearest
from kampung_sim.scenario.model import Kit, KitDevice
from kampung_sim.scenario.plan import Source
from kampung_sim.scenario.processes import KINDS, Process
from kampung_sim.scenario.processes.fixed import Fixed

Wrong = tuple[Path, str, str]
"""Where within the kit, what, remedy."""


@dataclass(frozen=True)
class Assigned:
    """One device of a kit. ``every`` in ms."""

    config: DeviceConfig
    port: str
    every: int
    sources: Mapping[str, Source]
    title: str
    note: str
    hears: str | None = None
    """The village in which it measures, where that is another than its kiosk's."""


def assign(kit: Kit, processes: Mapping[str, Process]) -> tuple[list[Assigned], list[Wrong]]:
    """All devices, and what is wrong with them."""
    out: list[Assigned] = []
    wrong: list[Wrong] = []
    place: dict[str, int] = {}
    taken: dict[str, set[int]] = {}
    for device in kit.device:
        model = load_profile(device.profile)
        port = device.port or _bus(model)
        if device.address is not None and isinstance(model, ModbusProfile):
            taken.setdefault(port, set()).update(range(device.address, device.address + device.count))
    for i, device in enumerate(kit.device):
        model = load_profile(device.profile)
        try:
            sources = _sources(device, model, processes)
        except _NoSource as error:
            wrong.append((("device", i, *error.path), error.message, error.remedy))
            continue
        for n, name in enumerate(_names(device)):
            if name in place:
                wrong.append((("device", i, "name"), f"device {name} is there already", "a name stands for one device of a node"))
                continue
            place[name] = i
            stream = isinstance(model, StreamProfile)
            port = device.port or (name if stream else _bus(model))
            address = None if stream else _address(device, n, taken.setdefault(port, set()))
            every = device.every or kit.every
            try:
                config = DeviceConfig(
                    name=name,
                    profile=device.profile,
                    address=device.address if stream else address,
                    every=every / 1000,
                    adjust=device.adjust,
                    derive=_derived(device),
                )
            except ValidationError as error:
                wrong += [
                    (("device", i, *_key(e["loc"], str(e["msg"]), device)), *_words(str(e["msg"]))) for e in error.errors(include_url=False)
                ]
                break
            out.append(Assigned(config, port, every, sources, device.title, device.note, device.hears))
    wrong += _lines(out, place)
    return out, wrong


def _lines(assigned: list[Assigned], place: Mapping[str, int]) -> Iterator[Wrong]:
    """What the bridge says of each line."""
    ports: dict[str, list[DeviceConfig]] = {}
    for a in assigned:
        ports.setdefault(a.port, []).append(a.config)
    for name, configs in ports.items():
        try:
            PortConfig(url=f"dev/{name}", name=name, device=tuple(configs))
        except ValidationError as error:
            for e in error.errors(include_url=False):
                last = max(place[c.name] for c in configs)
                yield (("device", last, "port"), *_words(str(e["msg"])))


def _names(device: KitDevice) -> list[str]:
    return [device.name] if device.count == 1 else [f"{device.name}-{n + 1}" for n in range(device.count)]


def _bus(model: ModbusProfile | StreamProfile) -> str:
    serial = model.serial
    odd = "" if serial.parity == "N" else f"-{serial.parity.lower()}"
    return "rs485" if (serial.baud, odd) == (9600, "") else f"rs485-{serial.baud}{odd}"


def _address(device: KitDevice, number: int, taken: set[int]) -> int:
    if device.address is not None:
        return device.address + number
    free = next(a for a in range(1, 249) if a not in taken)
    taken.add(free)
    return free


def _derived(device: KitDevice) -> tuple[Derive, ...]:
    if device.mount is None or device.derive:
        return device.derive
    return (Derive.model_validate({"quantity": "water_level", "from": "distance", "gain": -1.0, "offset": device.mount, "unit": "m"}),)


class _NoSource(Exception):
    def __init__(self, path: Path, message: str, remedy: str) -> None:
        self.path, self.message, self.remedy = path, message, remedy


def _sources(device: KitDevice, model: ModbusProfile | StreamProfile, processes: Mapping[str, Process]) -> dict[str, Source]:
    for j, name in enumerate(device.measures):
        if name not in processes:
            raise _NoSource(("measures", j), f"there is no process {name!r}", nearest(name, processes))
    return {q: _source(device, q, processes) for q in model.quantities}


def _source(device: KitDevice, quantity: str, processes: Mapping[str, Process]) -> Source:
    names = device.measures or tuple(KINDS)
    for name in names:
        given = _given(processes[name])
        if quantity in given:
            return Source(name, quantity)
        if quantity == "distance" and "water_level" in given and device.mount is not None:
            return Source(name, "water_level", -1.0, device.mount)
    if quantity == "distance" and device.mount is None:
        text = f"{device.profile} measures a distance, and nothing says how far above the gauge's zero it hangs"
        raise _NoSource((), text, "add mount = 3.5 (metres)")
    able = [n for n, p in processes.items() if quantity in _given(p)]
    remedy = f"add one of {', '.join(able)} to measures" if able else f"write a process of kind fixed with values.{quantity}"
    raise _NoSource(("measures",), f"{device.profile} measures {quantity}, and none of {', '.join(names)} gives it", remedy)


def _given(process: Process) -> set[str]:
    return set(process.values) if isinstance(process, Fixed) else set(process.QUANTITIES)


def _key(loc: tuple[int | str, ...], message: str, device: KitDevice) -> Path:
    """Which of the device's keys the bridge means; it judges the whole."""
    written = [k for k in ("address", "adjust", "derive", "every") if getattr(device, k)]
    named = [k for k in written if k in (*loc[:1], *message.split()) or (k in ("adjust", "derive") and "quantity" in message)]
    return (named[0],) if named else ()


def _words(message: str) -> tuple[str, str]:
    what, _, remedy = message.removeprefix("Value error, ").partition("; ")
    return what, remedy
