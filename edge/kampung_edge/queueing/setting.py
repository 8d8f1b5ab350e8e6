"""What an office's queue is called and how many counters call: ``[queue]`` of the edge's configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


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
    """``counters`` of the office. ``code`` opens the page for staff, six characters at least; without one, that page stays closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    counters: int = Field(default=2, ge=1, le=20)
    code: str = Field(default="", pattern="^(.{6,64})?$", repr=False)
    line: Annotated[tuple[LineSetting, ...], AfterValidator(_apart)] = Field(default=LINES, min_length=1, max_length=8)

    def of(self, counter: int) -> tuple[str, ...]:
        """Letters that a counter calls from."""
        return tuple(each.letter for each in self.line if not each.counters or counter in each.counters)
