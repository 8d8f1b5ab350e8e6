"""A silence: alarms that tell nobody for a time, because somebody said so and why."""

from __future__ import annotations

from dataclasses import dataclass

from kampung_contract.alarm import Alarm


@dataclass(frozen=True, slots=True)
class Silence:
    """What is None fits everything; ``rule`` may end in ``*``. Times in ms UTC; ``ended``: taken back early."""

    id: str
    start: int
    until: int
    by: str
    reason: str
    village: str | None = None
    rule: str | None = None
    node: str | None = None
    device: str | None = None
    ended: int | None = None
    ended_by: str | None = None

    @property
    def end(self) -> int:
        """When it is over, or was."""
        return self.until if self.ended is None else min(self.until, self.ended)

    def holds(self, t: int) -> bool:
        """Whether it is in force."""
        return self.start <= t < self.end

    def fits(self, alarm: Alarm) -> bool:
        """Whether it is about the alarm."""
        return (
            self.village in (None, alarm.village)
            and (self.rule is None or _named(alarm.rule, self.rule))
            and self.node in (None, alarm.node)
            and self.device in (None, _device(alarm))
        )


def _named(rule: str, name: str) -> bool:
    return rule == name or (name.endswith("*") and rule.startswith(name[:-1]))


def _device(alarm: Alarm) -> str:
    """The device out of ``node.device.quantity``."""
    return alarm.series.removeprefix(f"{alarm.node}.").rpartition(".")[0]
