"""What an office's queue is called and how many counters call: ``[queue]`` of the edge's configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class LineSetting(BaseModel):
    """A kind of service with its letter. ``title`` is read by residents, ``counters`` are those that call from it (all, when empty)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    letter: str = Field(pattern="^[A-Z]$")
    title: str = Field(min_length=1, max_length=40)
    counters: tuple[int, ...] = ()


def _apart(lines: tuple[LineSetting, ...]) -> tuple[LineSetting, ...]:
    letters = [line.letter for line in lines]
    if len(set(letters)) != len(letters):
        raise ValueError(f"two lines have one letter: {', '.join(letters)}; give each its own")
    return lines


LINES = (
    LineSetting(letter="A", title="Surat dan kependudukan"),
    LineSetting(letter="B", title="Bantuan sosial"),
    LineSetting(letter="C", title="Keperluan lain"),
)


class QueueSetting(BaseModel):
    """``counters`` of the office. ``code`` opens the page for staff, eight characters at least; without one, that page stays closed.

    ``host``: address at which televisions and counters in the office's network reach the queue, and nothing else of the kiosk; none while
    empty. ``simulated``: nobody real takes numbers here, and every page says so.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    counters: int = Field(default=2, ge=1, le=20)
    code: str = Field(default="", pattern="^(.{8,64})?$", repr=False)
    host: str = ""
    port: int = Field(default=8082, ge=0, le=65535)
    simulated: bool = False
    line: Annotated[tuple[LineSetting, ...], AfterValidator(_apart)] = Field(default=LINES, min_length=1, max_length=8)

    @model_validator(mode="after")
    def _counters_are_there(self) -> QueueSetting:
        for place, line in enumerate(self.line):
            if wrong := [c for c in line.counters if not 1 <= c <= self.counters]:
                raise ValueError(f"line[{place}].counters = {wrong[0]}: this office has counters 1 to {self.counters}; see queue.counters")
        return self

    def of(self, counter: int) -> tuple[str, ...]:
        """Letters that a counter calls from."""
        return tuple(each.letter for each in self.line if not each.counters or counter in each.counters)

    def beside(self, letter: str) -> tuple[str, ...]:
        """Letters of lines that a counter of this one calls from, too: their people may come before."""
        mine = [c for c in range(1, self.counters + 1) if letter in self.of(c)]
        return tuple(dict.fromkeys(each for c in mine for each in self.of(c))) or (letter,)

    def title(self, letter: str) -> str:
        """What people call the line; one that is in the file no more has its letter alone."""
        return next((each.title for each in self.line if each.letter == letter), f"Antrian {letter}")
