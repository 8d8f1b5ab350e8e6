"""Who comes, when, for what, and what he answers: by the figures and a seed, whoever serves him."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import msgspec
from kampung_contract.questions import Question, asked, check
from kampung_contract.service_request import ALPHABET, LENGTH, check_letter, shown

from kampung_sim.day.figures import Figures
from kampung_sim.day.hours import MINUTE, midnight
from kampung_sim.residents import NAMES


@dataclass(frozen=True, slots=True)
class Service:
    """Of the regency's catalogue. ``kind``: letter or forward; ``limits``: working minutes by state, after which it is late."""

    id: str
    title: str
    kind: str
    kiosk: bool
    questions: tuple[Question, ...]
    limits: Mapping[str, int]

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Service:
        """Out of the API's answer."""
        questions = tuple(msgspec.convert(q, Question) for q in shown["definition"]["fields"])
        limits = shown["definition"]["limits"]
        by_state = {
            "submitted": limits["checking"], "checking": limits["checking"], "waiting_signature": limits["signature"],
            "ready": limits["ready"],
        }  # fmt: skip
        return cls(shown["id"], shown["title"], shown["kind"], shown["self_service"], questions, by_state)


@dataclass(slots=True)
class Case:
    """A resident with his request, and where the simulation takes it to stand. Durations in minutes, drawn when he comes; times ms UTC.
    ``late``: from when on the regency may find it late, so that its minute is not left out."""

    reference: str
    service: Service
    answers: dict[str, Any]
    name: str
    came: int
    kiosk: bool
    asks: float
    checks: list[float]
    reads: float
    hands: float
    notes: float
    missing: bool
    rejected: bool
    fetches: float
    waits: float
    elsewhere: float
    came_back: bool
    state: str = ""
    here: bool = True
    submitted: int = 0
    late: int | None = None
    seen: list[str] = field(default_factory=list)

    @property
    def leaves(self) -> float:
        """When he has waited long enough."""
        return self.submitted + self.waits * MINUTE


def residents(  # noqa: PLR0917
    seed: int, village: str, figures: Figures, per_day: float, services: Mapping[str, Service], day: date
) -> Iterator[Case]:
    """Those of a day in their order: a Poisson number an hour, each at any moment of it. The same for a seed and so many a day, whatever
    the village; only the references of their requests are its own."""
    dice, letters = Random(f"{seed}/{per_day:g}/{day}"), Random(f"{seed}/{village}/{day}")
    weight = sum(figures.hours.values())
    times: list[float] = []
    for hour, share in figures.hours.items():
        begins = midnight(day) + int(hour) * 60 * MINUTE
        times += [begins + dice.random() * 60 * MINUTE for _ in range(_poisson(dice, per_day * share / weight))]
    names = list(figures.mix)
    for at in sorted(times):
        service = services[dice.choices(names, [figures.mix[n] for n in names])[0]]
        yield _case(dice, figures, service, round(at), day, _reference(letters))


def _reference(dice: Random) -> str:
    body = "".join(dice.choice(ALPHABET) for _ in range(LENGTH - 1))
    return shown(body + check_letter(body))


def _case(dice: Random, figures: Figures, service: Service, at: int, day: date, reference: str) -> Case:  # noqa: PLR0917
    checking = figures.checking_letter if service.kind == "letter" else figures.checking_forward
    kiosk = dice.random() < figures.kiosk_share and service.kiosk
    return Case(
        reference=reference,
        service=service,
        answers=answered(dice, service.questions, day),
        name=f"{dice.choice(NAMES[dice.choice(('men', 'women'))])} (contoh)",
        came=at,
        kiosk=kiosk,
        asks=(figures.at_kiosk if kiosk else figures.typing).draw(dice),
        checks=[checking.draw(dice) for _ in range(4)],
        reads=figures.reading.draw(dice),
        hands=figures.handing_over.draw(dice),
        notes=figures.arrival_noted.draw(dice),
        missing=dice.random() < figures.missing,
        rejected=dice.random() < figures.rejected,
        fetches=figures.fetching.draw(dice),
        waits=figures.patience.draw(dice),
        elsewhere=figures.dukcapil.draw(dice),
        came_back=dice.random() < figures.came_back,
    )


def answered(dice: Random, questions: tuple[Question, ...], day: date) -> dict[str, Any]:
    """Answers to all that is asked, that the office would take as they are."""
    out: dict[str, Any] = {}
    while waiting := [q for q in asked(questions, out) if q.id not in out]:
        out |= {q.id: _answer(dice, q, day) for q in waiting}
    clean, wrong = check(questions, out, day)
    assert not wrong, wrong
    return clean


def _answer(dice: Random, question: Question, day: date) -> Any:
    match question.kind:
        case "choice":
            return dice.choice(question.choices)
        case "yes":
            return dice.random() < 0.5
        case "number" | "money":
            least = question.least or 0
            return dice.randint(least, min(least + 5, question.most or least + 5))
        case "date":
            ahead = question.least if question.least is not None and question.least > 0 else min(question.most or 0, 0)
            return (day + timedelta(ahead)).isoformat()
        case "time":
            return "09.00"
        case "phone":
            return f"0812-0000-{dice.randrange(10_000):04}"
        case "person":
            return {"nama": f"{dice.choice(NAMES['men'])} (contoh)", "alamat": "Dusun Contoh RT 01 RW 01"}
        case _:
            return (question.example or "Contoh")[: question.most or 200]


def _poisson(dice: Random, mean: float) -> int:
    """By exponential gaps, which is exact and quick enough for a village."""
    count, at = 0, dice.expovariate(1.0)
    while at < mean:
        count, at = count + 1, at + dice.expovariate(1.0)
    return count
