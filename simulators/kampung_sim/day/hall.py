"""A village's office: residents at the kiosk or the counter, clerks who take what the application puts first, a head who signs in rounds.

What happens to a request happens in the application, through the accounts of clerks and head and the kiosk's packs; here is decided only
who does what when.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from kampung_sim.day.agenda import Agenda
from kampung_sim.day.asking import Case
from kampung_sim.day.figures import Figures
from kampung_sim.day.hours import MINUTE, after, day_of, open_at, opening, spans
from kampung_sim.day.kiosks import Kiosk, Kiosks
from kampung_sim.day.regency import Caller, NotTaken
from kampung_sim.day.screen import COMPLETES, Screen
from kampung_sim.day.troubles import Troubles, within

LAST_MS = 10 * MINUTE
"""Nobody comes so shortly before the office closes."""
MISSING = "fotokopi Kartu Keluarga belum ada"
REJECTED = "pemohon bukan penduduk desa ini"
AT_ONCE = 50


@dataclass
class Clerk:
    """``caller`` is his account."""

    caller: Caller
    busy: bool = False


@dataclass
class Hall:
    """One office. Times in ms UTC."""

    village: str
    figures: Figures
    agenda: Agenda
    kiosks: Kiosks
    kiosk: Kiosk
    clerks: list[Clerk]
    head: Caller
    cases: dict[str, Case] = field(default_factory=dict)
    troubles: Troubles = field(default_factory=Troubles)

    def __post_init__(self) -> None:
        self._screen = Screen(self.agenda, self.kiosks, self.kiosk, self, self._submits)
        self._head_busy = False
        self._counter: deque[tuple[int, Case]] = deque()
        self._ready: deque[Case] = deque()
        self._notes: deque[Case] = deque()
        self._inbox: set[str] = set()

    def day(self, day: date, cases: list[Case], troubles: Troubles) -> None:
        """Write down who comes, and when clerks and head begin."""
        self.troubles = self.troubles.and_(troubles)
        for case in cases:
            self.agenda.at(case.came, partial(self._comes, case))
        for begins, ends in spans(day):
            self.agenda.at(begins, self.look)
            at = begins + round(self.figures.rounds * MINUTE)
            while at < ends:
                self.agenda.at(at, self._round)
                at += round(self.figures.rounds * MINUTE)
        for _, ends in troubles.power:
            self.agenda.at(ends, self.look)
            self.agenda.at(ends, self._screen.next)
        for _, ends in troubles.link:
            self.agenda.at(ends, self._screen.send)

    def look(self) -> None:
        """Clerks who have nothing to do take what is next."""
        now = self.agenda.now
        if not open_at(now) or self.dark():
            return
        for clerk in self.clerks:
            job = None if clerk.busy else self._next(clerk)
            if job is not None:
                clerk.busy = True
                job()

    @property
    def waits(self) -> bool:
        """Whether the regency's minute may change something here: a kiosk has sent, or something may be late."""
        now = self.agenda.now
        return bool(self._screen.sent) or any(c.late is not None and c.late <= now for c in self.cases.values())

    def taken_in(self) -> None:
        """The regency's minute is over: what the kiosk sent is in the book."""
        taken, self._screen.sent = self._screen.sent, []
        for case in taken:
            self._stands(case, "checking" if "returned" in case.seen else "submitted")
            self._inbox.add(case.reference)
        if taken:
            self.look()

    def dark(self) -> bool:
        """Whether there is no power now."""
        return within(self.agenda.now, self.troubles.power) is not None

    def cut(self) -> bool:
        """Whether there is no link now."""
        return within(self.agenda.now, self.troubles.link) is not None

    def until(self, minutes: float) -> float:
        """When so many minutes of work are over: it stands still without power; what is begun before a break is ended in it."""
        end = self.agenda.now + minutes * MINUTE
        for begins, ends in sorted(self.troubles.power):
            if begins < end and ends > self.agenda.now:
                end += ends - max(begins, self.agenda.now)
        return end

    # residents

    def _comes(self, case: Case) -> None:
        if case.kiosk and not self.dark():
            self._screen.joins(case)
        else:
            case.kiosk = False
            self._queue(case)

    def _queue(self, case: Case) -> None:
        self._counter.append((self.agenda.now, case))
        self.look()

    def _submits(self, case: Case) -> None:
        case.submitted = self.agenda.now
        self.cases[case.reference] = case

    def _visit(self, case: Case, at: float) -> float:
        """When he is here: then, or, with the office closed, on the next morning."""
        when = round(at)
        if any(a <= when < b - LAST_MS for a, b in spans(day_of(when))):
            return when
        later = next((a for a, _ in spans(day_of(when)) if a > when), None)
        first = spans(opening(day_of(when) + timedelta(days=1)))[0][0] if later is None else later
        return first + case.fetches % 60 * MINUTE

    # clerks

    def _next(self, clerk: Clerk) -> Callable[[], None] | None:
        if self._ready:
            ready = self._ready.popleft()
            return lambda: self._work(clerk, ready.hands, lambda: self._act(clerk.caller, ready, "hand_over", "handed_over"))
        top = self._top(clerk)
        if self._counter and (top is None or self._counter[0][0] <= top.submitted):
            _, asking = self._counter.popleft()
            return lambda: self._at_counter(clerk, asking)
        if top is not None:
            self._inbox.discard(top.reference)
            return lambda: self._check(clerk, top)
        if self._notes:
            noted = self._notes.popleft()
            return lambda: self._work(clerk, noted.notes, lambda: self._noted(clerk, noted))
        return None

    def _top(self, clerk: Clerk) -> Case | None:
        """What the application's inbox has first of what nobody holds."""
        if not self._inbox:
            return None
        listed: list[dict[str, Any]] = clerk.caller.ask("GET", f"requests?village={self.village}&state=submitted&state=checking")
        return next((self.cases[row["id"]] for row in listed if row["id"] in self._inbox), None)

    def _at_counter(self, clerk: Clerk, case: Case) -> None:
        self._work(clerk, COMPLETES if case.state else case.asks, lambda: self._typed(clerk, case), frees=False)

    def _typed(self, clerk: Clerk, case: Case) -> None:
        if not case.state:
            self._submits(case)
            given = {
                "village": self.village, "service": case.service.id, "answers": case.answers, "person": {"nama": case.name},
                "reference": case.reference,
            }  # fmt: skip
            clerk.caller.ask("POST", "requests", given)
            self._stands(case, "submitted")
        else:
            back = "forwarded" if "forwarded" in case.seen else "checking"
            self._act(clerk.caller, case, "resubmit", back)
        self._check(clerk, case)

    def _check(self, clerk: Clerk, case: Case) -> None:
        if case.state == "forwarded":
            self._free(clerk)
            return
        if case.state == "submitted":
            self._act(clerk.caller, case, "take", "checking")
        clerk.caller.ask("GET", f"requests/{case.reference}")  # the page on which it is checked
        self._work(clerk, case.checks[min(case.seen.count("returned"), len(case.checks) - 1)], lambda: self._judge(clerk, case))

    def _judge(self, clerk: Clerk, case: Case) -> None:
        if case.missing and "returned" not in case.seen:
            self._act(clerk.caller, case, "return", "returned", MISSING)
        elif case.rejected:
            self._act(clerk.caller, case, "reject", "rejected", REJECTED)
        else:
            self._act(clerk.caller, case, "approve", "waiting_signature" if case.service.kind == "letter" else "forwarded")

    def _noted(self, clerk: Clerk, case: Case) -> None:
        if case.came_back and case.seen.count("forwarded") == 1:
            self._act(clerk.caller, case, "came_back", "returned", MISSING)
        else:
            self._act(clerk.caller, case, "arrived", "ready")

    def _work(self, clerk: Clerk, minutes: float, then: Callable[[], None], *, frees: bool = True) -> None:
        def done() -> None:
            then()
            if frees:
                self._free(clerk)

        self.agenda.at(self.until(minutes), done)

    def _free(self, clerk: Clerk) -> None:
        clerk.busy = False
        self.look()

    # the head of the village

    def _round(self) -> None:
        if self._head_busy or self.dark() or within(self.agenda.now, self.troubles.away):
            return
        listed = self.head.ask("GET", f"requests?village={self.village}&state=waiting_signature")
        refs = [row["id"] for row in listed][:AT_ONCE]
        if refs:
            self._head_busy = True
            self.agenda.at(self.until(sum(self.cases[ref].reads for ref in refs)), lambda: self._signs(refs))

    def _signs(self, refs: list[str]) -> None:
        self._head_busy = False
        for row in self.head.ask("POST", "requests/sign", {"requests": refs}):
            if row["error"]:
                raise NotTaken(f"{row['request']} was not signed: {row['error']}")
            self._stands(self.cases[row["request"]], "ready")
        self.look()

    # where a request goes

    def _act(self, caller: Caller, case: Case, act: str, state: str, note: str = "") -> None:
        caller.ask("POST", f"requests/{case.reference}/acts", {"act": act, "note": note})
        self._stands(case, state)

    def _stands(self, case: Case, state: str) -> None:
        """It is in this state now, and the resident does what that asks of him."""
        now, case.state = self.agenda.now, state
        case.seen.append(state)
        limit = case.service.limits.get(state)
        since = case.submitted if state == "submitted" else now
        case.late = None if limit is None else after(since, limit)
        if state == "returned":
            home = case.fetches * MINUTE if case.here else 0
            beginning = now + home if case.here else spans(opening(day_of(now) + timedelta(days=1)))[0][0]
            self.agenda.at(self._visit(case, beginning), lambda: self._completes(case))
        elif state == "forwarded":
            case.here = False
            self.agenda.at(after(now, case.elsewhere), lambda: self._answer(case))
        elif state == "ready":
            case.here = case.here and now <= case.leaves
            tomorrow = spans(opening(day_of(now) + timedelta(days=1)))[0][0]
            self.agenda.at(now if case.here else self._visit(case, tomorrow + case.fetches % 240 * MINUTE), lambda: self._collects(case))

    def _completes(self, case: Case) -> None:
        case.here = True
        if case.kiosk and case.answers and "forwarded" not in case.seen and not self.dark():
            self._screen.joins(case)
        else:
            self._queue(case)

    def _answer(self, case: Case) -> None:
        self._notes.append(case)
        self.look()

    def _collects(self, case: Case) -> None:
        self._ready.append(case)
        self.look()
