"""What came of it, as the application has it: its clocks, its states, whom it told that something is late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kampung_sim.day.hall import Hall
    from kampung_sim.day.regency import Regency
    from kampung_sim.day.run import Office

DONE = ("forwarded", "ready", "handed_over")
"""The village has done its part."""
ENDED = ("rejected", "cancelled")
"""They took the village no time that anybody waited for."""
KTP = "permohonan-ktp"
KTP_MINUTES = 10
RUNGS = ("petugas", "sekdes", "kades")
PASSED = "diteruskan kepada "


@dataclass(frozen=True, slots=True)
class Row:
    """Of one service. ``village`` and the others: working minutes of each request so far, also of those that the village is not done
    with, or a backlog would make the office look quick; ``handed``: the village's of what was handed over, as the desk reckons."""

    service: str
    title: str
    asked: int
    done: int
    returned: int
    village: tuple[int, ...]
    resident: tuple[int, ...]
    elsewhere: tuple[int, ...]
    handed: tuple[int, ...]

    @property
    def handed_over(self) -> int:
        """How many residents have what they came for."""
        return len(self.handed)

    def shown(self) -> dict[str, Any]:
        """For JSON; None where there is nothing to say."""
        return {
            "service": self.service, "title": self.title, "asked": self.asked, "village_done": self.done, "handed_over": self.handed_over,
            "returned": self.returned, "village_p50": share(self.village, 50), "village_p90": share(self.village, 90),
            "elsewhere_p50": share([m for m in self.elsewhere if m], 50), "resident_p50": share([m for m in self.resident if m], 50),
        }  # fmt: skip


@dataclass(slots=True)
class Tally:
    """Of one office. ``late``: how many times each rung was told; ``messages``: what went to people about it, by their
    role, one message for all that was late by then; ``unexplained``: requests that do not stand where they should."""

    village: str
    clerks: int
    per_day: float
    rows: list[Row]
    late: Counter[str]
    numbers: int
    unexplained: list[str]
    desk: list[dict[str, Any]] = field(default_factory=list)
    messages: dict[str, int] = field(default_factory=dict)

    def of(self, service: str) -> Row | None:
        """A service's."""
        return next((r for r in self.rows if r.service == service), None)

    @property
    def ktp(self) -> tuple[float | None, float | None]:
        """p50 and p90 of the village's minutes of a KTP."""
        row = self.of(KTP)
        return (None, None) if row is None else (share(row.village, 50), share(row.village, 90))

    @property
    def reached(self) -> bool | None:
        """Whether half the KTP took the village ten minutes at most; None without one."""
        return None if self.ktp[0] is None else self.ktp[0] <= KTP_MINUTES

    def shown(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "village": self.village, "clerks": self.clerks, "per_day": self.per_day, "asked": sum(r.asked for r in self.rows),
            "handed_over": sum(r.handed_over for r in self.rows), "letters": self.numbers,
            "ktp": {"p50": self.ktp[0], "p90": self.ktp[1], "limit": KTP_MINUTES, "reached": self.reached},
            "escalations": {rung: self.late[rung] for rung in RUNGS}, "messages": self.messages, "services": [r.shown() for r in self.rows],
            "desk": self.desk, "unexplained": self.unexplained,
        }  # fmt: skip


def tally(office: Office, hall: Hall, regency: Regency) -> Tally:
    """Ask the regency for each request that was made, and compare where it stands with where it should."""
    found: dict[str, list[dict[str, Any]]] = {}
    late: Counter[str] = Counter()
    wrong = []
    for case in hall.cases.values():
        if not case.state:
            continue  # it waits in the kiosk, or for the regency's minute
        detail = regency.office.ask("GET", f"requests/{case.reference}")
        found.setdefault(case.service.id, []).append(detail)
        if detail["state"] != case.state:
            wrong.append(f"{case.reference}: {detail['state']}, and should be {case.state}")
        for step in detail["steps"]:
            if step["act"] == "late":
                late.update(step["note"].partition(PASSED)[2].split(", "))
    numbers = [d["letter"]["number"] for details in found.values() for d in details if d["letter"]]
    wrong += [f"nomor {n} {count} kali" for n, count in Counter(numbers).items() if count > 1]
    desk = regency.office.ask("GET", f"services/statistics?village={hall.village}&days=366")["services"]
    rows = [_row(service, details) for service, details in sorted(found.items())]
    return Tally(hall.village, office.clerks, office.per_day, rows, late, len(numbers), wrong, desk, regency.told(hall.village))


def _row(service: str, details: list[dict[str, Any]]) -> Row:
    done = [d for d in details if d["state"] in DONE]
    counted = [d for d in details if d["state"] not in ENDED]
    minutes = {who: tuple(d["minutes"][who] for d in counted) for who in ("village", "resident", "elsewhere")}
    returned = sum(any(s["act"] in {"return", "came_back"} for s in d["steps"]) for d in details)
    handed = tuple(d["minutes"]["village"] for d in done if d["state"] == "handed_over")
    return Row(service, details[0]["title"], len(details), len(done), returned, **minutes, handed=handed)


def share(values: Iterable[float], percent: int) -> float | None:
    """The value below which so many of 100 lie, as the desk's statistics reckon; None of nothing."""
    found = sorted(values)
    if len(found) < 2:
        return float(found[0]) if found else None
    return round(quantiles(found, n=100, method="inclusive")[percent - 1], 1)
