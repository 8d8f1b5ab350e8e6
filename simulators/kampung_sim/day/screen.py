"""The kiosk in the hall: one resident after another, a spool while there is no link, nothing without power."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from kampung_contract.service_request import ServiceRequest

from kampung_sim.day.agenda import Agenda
from kampung_sim.day.asking import Case
from kampung_sim.day.kiosks import Kiosk, Kiosks

COMPLETES = 1.0
"""Minutes to add what was missing, at the kiosk and at the counter."""


class Conditions(Protocol):
    """What goes wrong in the office of this kiosk."""

    def dark(self) -> bool:
        """Whether there is no power now."""
        ...

    def cut(self) -> bool:
        """Whether there is no link now."""
        ...

    def until(self, minutes: float) -> float:
        """When so many minutes of work are over, ms UTC."""
        ...


class Screen:
    """``submits`` is called for each new request at the moment at which it is made."""

    def __init__(self, agenda: Agenda, kiosks: Kiosks, kiosk: Kiosk, conditions: Conditions, submits: Callable[[Case], None]) -> None:
        self._agenda, self._kiosks, self._kiosk, self._conditions, self._submits = agenda, kiosks, kiosk, conditions, submits
        self._begun = agenda.now
        self._before: deque[Case] = deque()
        self._busy = False
        self._spool: list[tuple[Case, ServiceRequest]] = []
        self.sent: list[Case] = []

    def joins(self, case: Case) -> None:
        """He stands before it, to ask or to complete."""
        self._before.append(case)
        self.next()

    def next(self) -> None:
        """Whoever is first begins."""
        if not self._busy and self._before and not self._conditions.dark():
            case, self._busy = self._before.popleft(), True
            self._agenda.at(self._conditions.until(COMPLETES if case.state else case.asks), lambda: self._asked(case))

    def _asked(self, case: Case) -> None:
        self._busy = False
        again = bool(case.state)
        if not again:
            self._submits(case)
        name, answers = ("", dict([*case.answers.items()][:1])) if again else (case.name, case.answers)
        said = ServiceRequest(case.reference, case.service.id, self._agenda.now, answers, name=name, resubmits=again)
        self._spool.append((case, said))
        if not self._conditions.cut():
            self.send()
        self.next()

    def send(self) -> None:
        """What waits in the spool goes out, and returns when the regency holds it."""
        for case, request in self._spool:
            self._kiosks.send(self._kiosk, request, self._agenda.now - self._begun)
            self.sent.append(case)
        self._spool = []
