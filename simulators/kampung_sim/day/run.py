"""Days of one office, or of many beside one another that differ in clerks and residents, at one regency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import msgspec
from kampung_contract.errors import ConfigurationError
from kampung_contract.villages import villages

from kampung_sim.day.agenda import Agenda, StandingClock
from kampung_sim.day.asking import Service, residents
from kampung_sim.day.figures import Figures
from kampung_sim.day.hall import Clerk, Hall
from kampung_sim.day.hours import DAY, MINUTE, midnight, opening, spans
from kampung_sim.day.kiosks import Kiosks
from kampung_sim.day.regency import Programs, Regency
from kampung_sim.day.tally import Tally, tally
from kampung_sim.day.troubles import of_day

VILLAGE = "35.10.24.2008"
PASSES_MS = 30 * MINUTE
"""What is late is passed on for so long after an office has closed."""


@dataclass(frozen=True, slots=True)
class Office:
    """One of a run: so many clerks, so many residents a day."""

    clerks: int
    per_day: float


@dataclass(frozen=True, slots=True)
class Plan:
    """``days`` on which offices are open, from ``first`` on."""

    figures: Figures
    offices: tuple[Office, ...]
    first: date
    days: int
    seed: int

    @property
    def begins(self) -> int:
        """When the regency is up, ms UTC: an hour before offices open."""
        return spans(self.dates[0])[0][0] - 60 * MINUTE

    @property
    def dates(self) -> list[date]:
        """The days."""
        out: list[date] = []
        day = self.first
        while len(out) < self.days:
            day = opening(day)
            out.append(day)
            day += timedelta(days=1)
        return out


Told = Callable[[float], None]


def run(plan: Plan, folder: Path, told: Told = lambda _share: None) -> list[Tally]:
    """By office in the plan's order, with programs of its own in ``folder``. ``told``: what share is done. Raises ``KampungError``."""
    clock = StandingClock(folder, plan.begins)
    programs = Programs(folder, clock)
    try:
        regency = programs.start()
        try:
            return through(plan, regency, clock.set, told)
        finally:
            regency.close()
    finally:
        programs.stop()


def through(plan: Plan, regency: Regency, clock: Callable[[int], None], told: Told = lambda _share: None) -> list[Tally]:
    """The same at a running regency, whose wall clock is set by ``clock`` (ms UTC) and stands still in between."""
    begins, ends = plan.begins, midnight(plan.dates[-1]) + DAY
    kiosks = Kiosks(regency.mqtt)
    try:
        agenda = Agenda(begins, clock)
        services = _services(regency, plan.figures)
        halls = [_hall(plan, number, regency, kiosks, agenda) for number in range(len(plan.offices))]
        for day in plan.dates:
            _write_down(plan, day, halls, services)
            _minutes(day, halls, agenda, regency)
        last = spans(plan.dates[-1])[-1][1]
        agenda.run(ends, lambda now: told(min(1.0, (now - begins) / (last - begins))))
        return [tally(office, hall, regency) for office, hall in zip(plan.offices, halls, strict=True)]
    finally:
        kiosks.close()


def _services(regency: Regency, figures: Figures) -> dict[str, Service]:
    listed = {row["id"] for row in regency.office.ask("GET", f"services?village={VILLAGE}")}
    if unknown := [name for name in figures.mix if name not in listed]:
        raise ConfigurationError(f"[mix] {unknown[0]!r}: the regency offers no such service; it offers {', '.join(sorted(listed))}")
    return {name: Service.of(regency.office.ask("GET", f"services/{name}?village={VILLAGE}")) for name in figures.mix}


def _hall(plan: Plan, number: int, regency: Regency, kiosks: Kiosks, agenda: Agenda) -> Hall:
    office, village = plan.offices[number], _villages()[number]
    code = village.replace(".", "")
    clerks = [
        Clerk(regency.account(f"petugas-{n}-{code}", f"Petugas {n} (contoh)", "petugas", village)) for n in range(1, office.clerks + 1)
    ]
    regency.people(village)
    head = regency.account(f"kades-{code}", "Kepala desa (contoh)", "kades", village)
    figures = msgspec.structs.replace(plan.figures, clerks=office.clerks, per_day=office.per_day)
    return Hall(village, figures, agenda, kiosks, kiosks.open(village), clerks, head)


def _villages() -> list[str]:
    """The village of the examples first."""
    return [VILLAGE, *(v.code for v in villages() if v.code != VILLAGE)]


def _write_down(plan: Plan, day: date, halls: Sequence[Hall], services: dict[str, Service]) -> None:
    """Who comes is the same for offices of as many residents, whatever their clerks; what goes wrong is the same for all."""
    for office, hall in zip(plan.offices, halls, strict=True):
        cases = list(residents(plan.seed, hall.village, plan.figures, office.per_day, services, day))
        hall.day(day, cases, of_day(str(plan.seed), plan.figures, day))


def _minutes(day: date, halls: Sequence[Hall], agenda: Agenda, regency: Regency) -> None:
    def minute() -> None:
        if not any(hall.waits for hall in halls):
            return  # it would change nothing that is counted here
        regency.minute()
        for hall in halls:
            hall.taken_in()

    for at in range(spans(day)[0][0], spans(day)[-1][1] + PASSES_MS, MINUTE):
        agenda.at(at, minute)
