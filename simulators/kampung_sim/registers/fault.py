"""How a simulated register misbehaves when it is told to."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Literal, get_args

from kampung_contract.errors import InvalidRequest

Kind = Literal["none", "slow", "down", "hangup", "quota", "login", "wrong"]
Register = Literal["dukcapil", "dtsen", "bsre"]

WORDS: dict[Kind, str] = {
    "none": "menjawab biasa", "slow": "menjawab lambat", "down": "menjawab 503", "hangup": "memutus di tengah jawaban",
    "quota": "kuota habis", "login": "menolak sambungan", "wrong": "menjawab yang tidak dapat dibaca",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """``seconds`` for ``slow``; for the next ``count`` questions, or until told otherwise."""

    kind: Kind = "none"
    seconds: float = 0.0
    count: int | None = None


class Faults:
    """By register. May be used by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: dict[str, Fault] = {}

    def set(self, register: str, fault: Fault) -> None:
        """From now on. Raises ``InvalidRequest``."""
        if register not in get_args(Register):
            raise InvalidRequest(f"register = {register!r}: there are {', '.join(get_args(Register))}")
        if fault.kind not in WORDS:
            raise InvalidRequest(f"kind = {fault.kind!r}: there are {', '.join(WORDS)}")
        if not 0 <= fault.seconds <= 600:
            raise InvalidRequest(f"seconds = {fault.seconds}: expected 0 to 600")
        with self._lock:
            self._now[register] = fault

    def take(self, register: Register) -> Fault:
        """For the question that has come."""
        with self._lock:
            fault = self._now.get(register, Fault())
            if fault.count is not None:
                if fault.count <= 1:
                    del self._now[register]
                else:
                    self._now[register] = replace(fault, count=fault.count - 1)
            return fault

    def shown(self) -> dict[str, str]:
        """By register, in words."""
        with self._lock:
            return {name: WORDS[self._now.get(name, Fault()).kind] for name in get_args(Register)}
