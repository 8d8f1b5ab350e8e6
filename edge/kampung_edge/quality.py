"""Quality control at the source. A reading gets a flag beside it and is never dropped.

Flags and tests are QARTOD's; numbers come from the catalogue of quantities, or from the edge's file. What is tested, by which numbers and
how a site sets its own: docs/quality.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from kampung_contract.limits import Limits, Rest, Spike, usual_limits
from kampung_contract.pack import FAIL, GOOD, MISSING, NOT_EVALUATED, SUSPECT
from kampung_contract.quality import RANK

from kampung_edge.check_setting import CheckSetting
from kampung_edge.checks.rate import Moment, RateCheck
from kampung_edge.checks.spike import SpikeCheck
from kampung_edge.checks.still import StillCheck
from kampung_edge.company import Company, Test

Note = Callable[[str, str, str, int, int], None]
"""Told of each doubt: device, quantity, test, flag, ms UTC."""
Later = Callable[[str, str, Moment, int, str], None]
"""Told of a reading whose flag turned out to be worse: device, quantity, moment, flag, test."""


def limits(name: str, own: CheckSetting | None = None) -> Limits:
    """What a quantity is tested by; ``own`` is what the edge's file says of the device's."""
    known, own = usual_limits(name), own or CheckSetting()
    usual = known.usual if own.usual is None and own.range is None else own.usual or None
    return Limits(
        range=own.range or known.range,
        usual=usual,
        rate=known.rate if own.rate is None else own.rate,
        spike=Spike(**own.spike.model_dump()) if own.spike else None,
        still=known.still if own.still is None else Rest(**own.still.model_dump()) if own.still else None,
        source=own.source,
    )


class _Series:
    """A series' tests. ``flags``: those whose answer is known at once."""

    __slots__ = ("flags", "high", "known", "low", "spike")

    def __init__(self, of: Limits, company: Company, device: str, name: str) -> None:
        self.known = of.range is not None
        self.low, self.high = of.range or (0.0, 0.0)
        self.spike = SpikeCheck(of.spike) if of.spike else None
        flags: list[tuple[str, Test]] = []
        if of.usual:
            low, high = of.usual
            flags.append(("usual", lambda _, value: GOOD if low <= value <= high else SUSPECT))
        if of.rate:
            rate = RateCheck(of.rate).suspect
            flags.append(("rate", lambda t, value: SUSPECT if rate(t, value) else GOOD))
        if of.still:
            flags.append(("still", StillCheck(of.still).flag))
        self.flags = (*flags, *company.tests(device, name))


class Quality:
    """Keeps what its checks have to remember, by series. A series is judged by one thread at a time."""

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, CheckSetting]] | None = None,
        company: Company | None = None,
        *,
        note: Note = lambda *_: None,
        later: Later = lambda *_: None,
    ) -> None:
        """``settings`` by device and quantity; ``company`` knows what is measured beside."""
        self._settings = settings or {}
        self.company = company or Company()
        self._note, self._later = note, later
        self._series: dict[tuple[str, str], _Series] = {}
        self.flagged: Counter[str] = Counter()
        """How often each test has spoken since the start."""

    def judge(self, device: str, name: str, point: Moment, flag: int) -> int:
        """The flag of a reading; ``flag`` is the device's own judgement, which is never made better."""
        t, value = point
        series = self._series.get((device, name))
        if series is None:
            of = limits(name, self._settings.get(device, {}).get(name))
            series = self._series[device, name] = _Series(of, self.company, device, name)
        if flag not in (GOOD, NOT_EVALUATED):
            self._speak(device, name, "device", flag, t)
        if flag in (FAIL, MISSING):
            pass
        elif series.known and not series.low <= value <= series.high:
            flag = self._speak(device, name, "range", FAIL, t)
        else:
            flag = self._tested(series, device, name, point, flag)
        self.company.hear((device, name), (t, value, flag))
        return flag

    def _tested(self, series: _Series, device: str, name: str, point: Moment, flag: int) -> int:
        t, value = point
        if flag == GOOD and not series.known:
            flag = NOT_EVALUATED
        for kind, test in series.flags:
            if (found := test(t, value)) != GOOD:
                self._speak(device, name, kind, found, t)
                flag = max(flag, found)
        if series.spike is not None:
            found, before, said, verdict = series.spike.hear(t, value)
            if found != GOOD:
                flag = max(flag, self._speak(device, name, "spike", found, t))
            if before is not None and RANK[verdict] > RANK[said]:
                self._later(device, name, before, verdict, "spike")
        return flag

    def _speak(self, device: str, name: str, kind: str, flag: int, t: int) -> int:
        if kind != "device":
            self.flagged[kind] += 1
        self._note(device, name, kind, flag, t)
        return flag
