"""Device profiles: what a model of device sends, as data (profiles/*.toml), so that adding a device adds no code."""

import difflib
import functools
import re
import struct
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from kampung_bridge.error import BadProfileError, BadValueError, UnknownProfileError
from kampung_bridge.measure import Measure
from kampung_bridge.modbus import MAX_REGISTERS
from kampung_bridge.output import LinkOutput, ModbusOutput, Output
from kampung_bridge.reading import Reading
from kampung_bridge.sdi12 import ADDRESS, COMMAND
from kampung_bridge.stream import STREAM_DECODERS

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Serial(_Model):
    """The device's factory settings."""

    baud: int = Field(default=9600, ge=300, le=3_000_000)
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


_LAYOUTS = {"u16": ">H", "s16": ">h", "u32": ">I", "s32": ">i"}


class Register(Measure):
    """One quantity in one or two registers from `address` (as sent on the wire, counted from 0)."""

    address: int = Field(ge=0, le=0xFFFF)
    function: Literal[3, 4] = 3
    type: Literal["u16", "s16", "u32", "s32"] = "u16"
    words: Literal["big", "little"] = "big"  # which of two registers comes first

    @property
    def size(self) -> int:
        """Registers taken."""
        return struct.calcsize(_LAYOUTS[self.type]) // 2

    def decode(self, registers: Sequence[int]) -> Reading:
        """`size` unsigned registers as they came."""
        ordered = registers if self.words == "big" else registers[::-1]
        (raw,) = struct.unpack(_LAYOUTS[self.type], struct.pack(f">{self.size}H", *ordered))
        return self.reading(raw)

    def encode(self, value: float) -> list[int]:
        """The inverse; raises BadValueError when the value does not fit."""
        raw = self.raw(value)
        try:
            data = struct.pack(_LAYOUTS[self.type], round(raw))
        except struct.error as error:
            text = f"{self.quantity} = {value} {self.unit} does not fit a {self.type} register of scale {self.scale}"
            raise BadValueError(text) from error
        registers = list(struct.unpack(f">{self.size}H", data))
        return registers if self.words == "big" else registers[::-1]


class Block(NamedTuple):
    """Neighbouring registers, read with one request."""

    function: int
    start: int
    size: int
    registers: tuple[Register, ...]

    def readings(self, registers: Sequence[int]) -> tuple[Reading, ...]:
        """The readings in the `size` registers of the reply."""
        return tuple(r.decode(registers[r.address - self.start : r.address - self.start + r.size]) for r in self.registers)


class _Profile(_Model):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    maker: Text
    source: Text  # the document the numbers come from
    notes: str = ""
    serial: Serial = Serial()


def check_names(outputs: Sequence[Output]) -> None:
    """Raises ValueError when two outputs have one name."""
    names = [output.name for output in outputs]
    if len(set(names)) != len(names):
        raise ValueError(f"an output is named twice: {', '.join(names)}; give each its own name")


class ModbusProfile(_Profile):
    """A device that answers Modbus RTU requests: registers, outputs or both. `timeout` in seconds, beside the time on the wire."""

    kind: Literal["modbus"]
    address: int = Field(default=1, ge=1, le=247)
    timeout: float = Field(default=0.3, gt=0, le=5)
    registers: tuple[Register, ...] = ()
    outputs: tuple[ModbusOutput, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> "ModbusProfile":
        if not self.registers and not self.outputs:
            raise ValueError("neither registers nor outputs; give [[registers]], [[outputs]] or both")
        check_names(self.outputs)
        taken: set[tuple[int, int]] = set()
        for register in self.registers:
            cells = {(register.function, register.address + i) for i in range(register.size)}
            if cells & taken:
                raise ValueError(f"register {register.address} ({register.quantity}) overlaps another one of function {register.function}")
            taken |= cells
        if len(self.quantities) != len(self.registers):
            raise ValueError(f"a quantity is named twice: {', '.join(r.quantity for r in self.registers)}; give each its own name")
        return self

    @property
    def quantities(self) -> dict[str, str]:
        """Quantity → unit."""
        return {register.quantity: register.unit for register in self.registers}

    @functools.cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Gaps are not read over: many devices refuse registers they do not have."""
        blocks: list[list[Register]] = []
        for register in sorted(self.registers, key=lambda r: (r.function, r.address)):
            last = blocks[-1][-1] if blocks else None
            if (
                last is not None
                and (last.function, last.address + last.size) == (register.function, register.address)
                and register.address + register.size - blocks[-1][0].address <= MAX_REGISTERS
            ):
                blocks[-1].append(register)
            else:
                blocks.append([register])
        return tuple(Block(b[0].function, b[0].address, b[-1].address + b[-1].size - b[0].address, tuple(b)) for b in blocks)

    def image(self, values: Mapping[str, float]) -> dict[tuple[int, int], int]:
        """(function, register) → unsigned 16-bit, of the quantities given, for simulated devices. Raises BadValueError."""
        return {
            (register.function, register.address + i): word
            for register in self.registers
            if register.quantity in values
            for i, word in enumerate(register.encode(values[register.quantity]))
        }


class Sdi12Bus(_Model):
    """How an SDI-12 sensor is asked: its factory address; a measurement command without address and "!"; `timeout` in seconds, beside
    the time on the wire.
    """

    address: Annotated[str, StringConstraints(pattern=f"^{ADDRESS}$")] = "0"
    command: Annotated[str, StringConstraints(pattern=f"^{COMMAND}$")] = "M"
    timeout: float = Field(default=0.3, gt=0, le=5)

    @property
    def checked(self) -> bool:
        """Whether replies carry a CRC."""
        return "C" in self.command[1:]


class StreamProfile(_Profile):
    """A device that sends by itself, or whenever it is sent `request` (hex). `fields` maps each field of the decoder to a quantity.

    One with `sdi12` shares its line with others of its kind. `outputs` are a microcontroller's of our own (decoder "link").
    """

    kind: Literal["stream"]
    decoder: str
    request: Annotated[str, StringConstraints(pattern=r"^([0-9A-F]{2})*$")] = ""
    sdi12: Sdi12Bus | None = None
    fields: dict[str, Measure] = Field(min_length=1)
    outputs: tuple[LinkOutput, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> "StreamProfile":
        made = STREAM_DECODERS.get(self.decoder)
        if made is None:
            raise ValueError(f"decoder '{self.decoder}' does not exist; known: {', '.join(sorted(STREAM_DECODERS))}")
        if isinstance(made.fields, re.Pattern):
            wrong = [field for field in self.fields if not made.fields.fullmatch(field)]
            if wrong:
                raise ValueError(f"fields.{wrong[0]}: decoder '{self.decoder}' names its fields {made.fields.pattern}")
        elif self.fields.keys() != made.fields:
            raise ValueError(f"fields {sorted(self.fields)} are not the fields of decoder '{self.decoder}': {sorted(made.fields)}")
        if len(self.quantities) != len(self.fields):
            raise ValueError(f"a quantity is named twice: {', '.join(m.quantity for m in self.fields.values())}; give each its own name")
        if self.outputs and self.decoder != "link":
            raise ValueError(f"outputs: decoder '{self.decoder}' only listens; outputs go with decoder 'link' or kind 'modbus'")
        check_names(self.outputs)
        if self.sdi12 is not None:
            self._check_bus(self.sdi12)
        return self

    def _check_bus(self, bus: Sdi12Bus) -> None:
        if self.request:
            raise ValueError("request and sdi12 exclude one another; the bus asks by sdi12.command")
        needed = "sdi12-crc" if bus.checked else "sdi12"
        if self.decoder != needed:
            told = "asks for a CRC" if bus.checked else "asks for no CRC"
            raise ValueError(f"sdi12.command '{bus.command}' {told}: the decoder must be '{needed}', not '{self.decoder}'")

    @property
    def quantities(self) -> dict[str, str]:
        """Quantity → unit."""
        return {measure.quantity: measure.unit for measure in self.fields.values()}


Profile = Annotated[ModbusProfile | StreamProfile, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[ModbusProfile | StreamProfile] = TypeAdapter(Profile)


def parse_profile(text: str, name: str) -> ModbusProfile | StreamProfile:
    """A profile from TOML; `name` is the file's, for messages. Raises BadProfileError."""
    try:
        profile = _ADAPTER.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadProfileError(f"{name}: not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadProfileError(f"{name}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    if name != f"{profile.id}.toml":
        raise BadProfileError(f"{name}: id is '{profile.id}'; the file must be called {profile.id}.toml")
    return profile


def profile_ids() -> list[str]:
    """Every profile there is, sorted."""
    files = resources.files("kampung_bridge") / "profiles"
    return sorted(file.name.removesuffix(".toml") for file in files.iterdir() if file.name.endswith(".toml"))


@functools.cache
def load_profile(profile_id: str) -> ModbusProfile | StreamProfile:
    """Raises UnknownProfileError, which names the nearest ones, and BadProfileError."""
    known = profile_ids()
    if profile_id not in known:
        asked = profile_id.lower()
        near = [k for k in known if asked and asked in k][:3] or difflib.get_close_matches(asked, known, 3, 0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known)}"
        raise UnknownProfileError(f"there is no device profile '{profile_id}'; {hint}")
    file = resources.files("kampung_bridge") / "profiles" / f"{profile_id}.toml"
    return parse_profile(file.read_text("utf-8"), file.name)
