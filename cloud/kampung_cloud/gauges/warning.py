"""The alarm rules that follow from gauges: the engine of docs/alarms.md carries them, on the kiosks and in the regency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kampung_contract.conditions import All, Condition, Reach, Rise, Threshold
from kampung_contract.conditions import Any as Either
from kampung_contract.rules import Rule, word
from kampung_contract.villages import village

from kampung_cloud.gauges.gauge import HYSTERESIS, Gauge, Upstream
from kampung_cloud.gauges.words import eta, said
from kampung_cloud.words.subject import INDEX

HOLD = {1: "10m", 2: "10m", 3: "0s"}
CLEAR = {1: "2h", 2: "2h", 3: "3h"}
_RISE: dict[str, Any] = {"change": 0.3, "within": "30m", "clear": 0.05}
_REACH: dict[str, Any] = {"within": "60m", "over": "30m", "clear": "90m"}
RISE_SOURCE = "Usulan norma: naik 30 cm dalam 30 menit, atau batas berikutnya tercapai dalam 60 menit (docs/sources.md)"
STEADY = "1m"
"""So long a rise must stand: two readings, so that one that is wrong raises nothing."""
DEVICE = "hulu"


def rules(gauges: Sequence[Gauge]) -> tuple[Rule, ...]:
    """All of them, gauge by gauge."""
    known = {gauge.id: gauge for gauge in gauges}
    return tuple(rule for gauge in gauges if gauge.alarms for rule in _of(gauge, known))


def blind_series(gauge: Gauge, above: str) -> tuple[str, str]:
    """Node and device under which the regency says that ``above`` is silent in heavy rain."""
    return f"kabupaten-{gauge.village.replace('.', '')}", f"{DEVICE}-{above}"


def _of(gauge: Gauge, known: Mapping[str, Gauge]) -> Iterator[Rule]:
    for severity in (1, 2, 3):
        yield from _levels(gauge, severity)
    if gauge.kind == "river" and gauge.rise:
        yield from _rising(gauge)
    for above in gauge.upstream:
        yield from _from_above(gauge, above, known)


def _levels(gauge: Gauge, severity: int) -> Iterator[Rule]:
    name, mark = f"{gauge.id}-siaga-{4 - severity}", gauge.marks[severity - 1]
    coast = gauge.kind == "coast"
    key = f"rob_{severity}" if coast else f"level_{severity}"
    scale = "waspada" if coast else "siaga"
    held = "seketika" if HOLD[severity] == "0s" else "10 menit"
    common: dict[str, Any] = {
        "severity": severity,
        "scale": scale,
        "hold": HOLD[severity],
        "clear_for": CLEAR[severity],
        "source": f"{gauge.source}; {word(severity, scale)} {held}, pulih {HYSTERESIS * 100:.0f} cm di bawah",
    }
    quiet = {1: ["naik-cepat"], 2: ["naik-cepat", "menuju-siaga-2"], 3: ["menuju-siaga-1"]}[severity]
    inhibits = tuple(f"{gauge.id}-{ending}" for ending in quiet) if gauge.kind == "river" and gauge.rise else ()
    if gauge.second is None:
        yield _rule(gauge, name, _threshold(gauge.series, mark), key, inhibits=inhibits, **common)
        return
    both = All((_threshold(gauge.series, mark), _threshold(gauge.second, mark)))
    yield _rule(gauge, name, _threshold(gauge.series, mark), key, before="single", inhibits=inhibits, certainty="likely", **common)
    sure: dict[str, Any] = {"before": "certain", "inhibits": (name, *inhibits), "certainty": "observed", "suspect": "counts"}
    yield _rule(gauge, f"{name}-pasti", both, key, **sure, **common)


def _rising(gauge: Gauge) -> Iterator[Rule]:
    three, two, one = gauge.marks
    common: dict[str, Any] = {"hold": STEADY, "clear_for": "30m", "source": RISE_SOURCE, "certainty": "likely"}
    climb = Rise(**_leaf(gauge.series), **_RISE)
    yield _rule(gauge, f"{gauge.id}-naik-cepat", Either((climb, _nearing(gauge.series, three))), "rise", severity=1, **common)
    for severity, mark in ((2, two), (3, one)):
        level = word(severity, "siaga")
        name = f"{gauge.id}-menuju-siaga-{4 - severity}"
        silenced = (f"{gauge.id}-naik-cepat",) if severity == 2 else (f"{gauge.id}-menuju-siaga-2",)
        # At most Siaga: what is not there yet sends nobody running.
        common_now: dict[str, Any] = common | {"severity": 2, "inhibits": silenced}
        yield _rule(gauge, name, _nearing(gauge.series, mark), "near", values={"level": level}, **common_now)


def _from_above(gauge: Gauge, above: Upstream, known: Mapping[str, Gauge]) -> Iterator[Rule]:
    """*Bersiap*: the word from upstream, and the same by radio where this village, or one between, hears that gauge itself."""
    up = known[above.gauge]
    minutes = f"{above.minutes[0]:g}-{above.minutes[1]:g} menit"
    place = up.place or village(up.village).name
    where = {other.node: other.village for other in known.values()}
    for severity in (1, 2):
        level = word(severity, "siaga")
        ending = f"{up.id}-siaga-{4 - severity}"
        common: dict[str, Any] = {
            "severity": severity,
            "hold": HOLD[severity],
            # A wave that has left the upper gauge is still on its way.
            "clear_for": f"{max(120, round(above.minutes[1]))}m",
            "source": f"{up.source}; waktu tempuh {minutes}: {above.source}",
            "values": {"above": place, "level": level, "eta": eta(above.minutes)},
            "certainty": "likely",
        }
        mark = up.marks[severity - 1]
        cloud = f"{gauge.id}-dari-{ending}"
        begins: dict[str, Any] = {"begins": up.begins, "watches": up.village if up.village != gauge.village else None}
        louder = (f"{gauge.id}-dari-{up.id}-siaga-3",) if severity == 2 else ()
        yield _rule(gauge, cloud, _threshold(up.series, mark), "above", inhibits=louder, **begins, **common)
        if above.radio is not None:
            said_twice = (cloud, *louder, *((f"{gauge.id}-radio-{up.id}-siaga-3",) if severity == 2 else ()))
            heard = _threshold(above.radio, mark)
            name = f"{gauge.id}-radio-{ending}"
            listens = where.get(above.radio.partition(".")[0], gauge.village)
            far: dict[str, Any] = {"watches": listens if listens != gauge.village else None, "begins": up.begins}
            yield _rule(gauge, name, heard, "above", before="radio", inhibits=said_twice, **far, **common)
    node, device = blind_series(gauge, up.id)
    silent = Threshold(quantity=INDEX, unit="1", node=node, device=device, threshold=1.0, clear=0.5)
    source = "Alat hulu yang diam saat hujan lebat bukan kabar baik; sangat lebat 20 mm/jam (BBWS, docs/rivers.md)"
    rest: dict[str, Any] = {
        "severity": 2,
        "hold": "0s",
        "clear_for": "10m",
        "source": source,
        "values": {"above": place},
        "certainty": "possible",
    }
    yield _rule(gauge, f"{gauge.id}-tanpa-kabar-{up.id}", silent, "blind", begins=0, **rest)


def _rule(
    gauge: Gauge, name: str, when: Condition, key: str, *, before: str = "", values: Mapping[str, Any] | None = None, **rest: Any
) -> Rule:
    filled = {"river": gauge.river, **(values or {})}
    begins = rest.pop("begins", gauge.begins)
    return Rule(
        id=name,
        village=gauge.village,
        when=when,
        title=said(key, "title", filled),
        message=said(key, "message", filled, before),
        about="flood",
        place=gauge.river,
        begins=begins,
        **rest,
    )


def _leaf(series: str) -> dict[str, Any]:
    node, device, quantity = series.split(".")
    return {"quantity": quantity, "unit": "m", "node": node, "device": device}


def _threshold(series: str, mark: float) -> Threshold:
    return Threshold(**_leaf(series), threshold=mark, clear=round(mark - HYSTERESIS, 3))


def _nearing(series: str, mark: float) -> All:
    """Not there yet: what is at the mark has an alarm of its own."""
    below = Threshold(**_leaf(series), threshold=mark, clear=round(mark + 0.02, 3), direction="below")
    return All((Reach(**_leaf(series), level=mark, **_REACH), below))
