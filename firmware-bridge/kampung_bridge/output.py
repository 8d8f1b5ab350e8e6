"""What a device can switch, as data, and what came of switching it."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kampung_bridge.link import set_output
from kampung_bridge.modbus import WRITE_COIL, WRITE_SEVERAL, read_request, write_request, write_several

Word = Annotated[int, Field(ge=0, le=0xFFFF)]


@dataclass(frozen=True, slots=True)
class Switched:
    """What came of `Port.switch`.

    `code`: done (the device confirmed the state), no_reply, refused (by the device, by the profile's limits, or because a later
    switch-off came first), port_lost, unknown_output, timeout (its turn did not come in time), wrong_state (the device reports another
    state). After no_reply, port_lost and timeout the output may or may not have switched. `detail` is one plain sentence.
    """

    ok: bool
    code: str
    detail: str


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(_Model, ABC):
    """Something a device switches on and off."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
    title: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

    @property
    @abstractmethod
    def hardware_timer(self) -> bool:
        """Whether the device itself switches off after the time it was given, also when nobody talks to it any more."""

    @property
    @abstractmethod
    def longest(self) -> float | None:
        """Seconds the device's own timer can run; None without one."""

    def time_on(self, seconds: float | None) -> float | None:
        """How long it stays on when asked for `seconds`: without a time, for as long as the device's own timer can run."""
        return self.longest if seconds is None else seconds


class Timer(_Model):
    """The write that switches on and lets the device switch off by itself: value = base + seconds / step, at most `most` steps.

    With function 16 `before` are the registers in front of the value.
    """

    function: Literal[5, 6, 16]
    address: Word
    before: tuple[Word, ...] = ()
    base: Word = 0
    step: float = Field(gt=0)
    most: int = Field(ge=1, le=0xFFFF)

    @model_validator(mode="after")
    def _fits(self) -> "Timer":
        if self.base + self.most > 0xFFFF:
            raise ValueError(f"base = {self.base} and most = {self.most} do not fit a register together")
        if self.before and self.function != WRITE_SEVERAL:
            raise ValueError(f"before goes with function 16, not {self.function}")
        return self

    def request(self, bus_address: int, steps: int) -> bytes:
        """What to write for 1 to `most` steps; others are cut."""
        value = self.base + min(max(1, steps), self.most)
        if self.function == WRITE_SEVERAL:
            return write_several(bus_address, self.address, [*self.before, value])
        return write_request(bus_address, self.address, value, self.function)


class ReadBack(_Model):
    """Where the device tells the state: `count` coils (01), inputs (02) or holding registers (03) from `start`; `at` is the output's."""

    function: Literal[1, 2, 3]
    start: Word
    count: int = Field(default=1, ge=1, le=125)
    at: Word
    on: Word = 1
    off: Word = 0

    @model_validator(mode="after")
    def _inside(self) -> "ReadBack":
        if not self.start <= self.at < self.start + self.count:
            raise ValueError(f"at = {self.at} is not among the {self.count} from start = {self.start}")
        return self

    @property
    def byte_count(self) -> int:
        """Of the reply."""
        return 2 * self.count if self.function == 3 else (self.count + 7) // 8

    def request(self, bus_address: int) -> bytes:
        """The 8 bytes that ask for the state."""
        return read_request(bus_address, self.function, self.start, self.count)

    def state(self, data: bytes) -> bool | None:
        """From the `byte_count` data bytes of the reply; None when the register says neither on nor off."""
        place = self.at - self.start
        if self.function != 3:
            return bool(data[place // 8] >> place % 8 & 1)
        return {self.on: True, self.off: False}.get(data[2 * place] << 8 | data[2 * place + 1])


class ModbusOutput(Output):
    """A coil (05) or holding register (06) that is written. It must be readable: an adapter's echo looks like the device's answer.

    `or_off` is written where the device still reads on after `off`.
    """

    function: Literal[5, 6] = WRITE_COIL
    address: Word
    on: Word = 0xFF00
    off: Word = 0
    or_off: Word | None = None
    timer: Timer | None = None
    read: ReadBack

    @model_validator(mode="after")
    def _told_apart(self) -> "ModbusOutput":
        if self.on in (self.off, self.or_off):
            raise ValueError(f"{self.name}: {self.on} would mean both on and off; give what the device expects")
        return self

    @property
    def hardware_timer(self) -> bool:
        return self.timer is not None

    @property
    def longest(self) -> float | None:
        return self.timer.step * self.timer.most if self.timer else None

    def requests(self, bus_address: int, on: bool, seconds: float | None) -> list[bytes]:
        """What to write, the next one only when the device reads another state; `seconds` are rounded up to the timer's step."""
        if on and self.timer is not None:
            asked = self.timer.most if seconds is None else math.ceil(round(seconds / self.timer.step, 6))
            return [self.timer.request(bus_address, asked)]
        values = [self.on] if on else [self.off] if self.or_off is None else [self.off, self.or_off]
        return [write_request(bus_address, self.address, value, self.function) for value in values]


class LinkOutput(Output):
    """An output of our own microcontroller, which always has a timer of `most` seconds (its firmware may allow less)."""

    number: int = Field(ge=0, le=255)
    most: int = Field(default=0xFFFF, ge=1, le=0xFFFF)

    @property
    def hardware_timer(self) -> bool:
        return True

    @property
    def longest(self) -> float | None:
        return float(self.most)

    def request(self, seq: int, on: bool, seconds: float | None) -> bytes:
        """The frame of the command."""
        asked = self.most if seconds is None else min(max(1, math.ceil(seconds)), self.most)
        return set_output(seq, self.number, on, asked if on else 0)
