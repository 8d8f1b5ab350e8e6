"""A chart as SVG, drawn here so that the PDF needs no browser: gaps stay gaps, marks are labelled lines."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from kampung_contract.times import WIB

from kampung_cloud.regency.report.figures import figure
from kampung_cloud.regency.section import Chart

WIDTH, HEIGHT = 680.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 14.0, 28.0
COLOURS = ("#0b5d3b", "#11568a", "#8a5a00", "#9a3412", "#4b5750", "#16211b")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 3", "10 4")
FONT = "Libertinus Serif"
MARK = "#b3261e"


def svg(chart: Chart) -> str:
    """At most six lines are told apart, by colour and by dashes. A chart without any value has its axes and says so."""
    low, high, step, decimals = _scale(chart)
    y = _Axis(low, high)
    parts = [*_grid(chart, low, high, step, decimals), *_days(chart)]
    for n, line in enumerate(chart.lines[: len(COLOURS)]):
        parts += _bars(chart, line.values, n, y, low) if chart.kind == "bar" else _line(chart, line.values, n, y)
    parts += _marks(chart, y, high)
    if not any(v is not None for line in chart.lines for v in line.values):
        parts.append(_text(WIDTH / 2, HEIGHT / 2, "tidak ada data", anchor="middle", size=13))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{HEIGHT:g}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
    return head + "".join(parts) + "</svg>"


def _scale(chart: Chart) -> tuple[float, float, float, int]:
    """From, to, step and decimals of the axis: steps of 1, 2 or 5 times a power of ten; bars begin at 0."""
    values = [v for line in chart.lines for v in line.values if v is not None and math.isfinite(v)]
    reached = max(values, default=1.0)
    values += [mark.value for mark in chart.marks if mark.value <= reached * 1.5]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if chart.kind == "bar":
        low, high = min(low, 0.0), max(high, 0.0)
    elif 0 < low < 0.5 * high:
        low = 0.0
    if (high - low) / 4 < sys.float_info.min:  # alike, or so near that no step between them can be written
        high = low + 1
    rough = (high - low) / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    if all(float(v).is_integer() for v in values):
        step = max(step, 1.0)  # nobody counts half an alarm
    decimals = max(0, -math.floor(math.log10(step)))
    return math.floor(low / step) * step, math.ceil(high / step) * step, step, decimals


class _Axis:
    """A value's place down the page."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    def __call__(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _end(chart: Chart) -> float:
    """Where the drawing ends on the right: marks say their word beside it, so that it lies on no bar."""
    return WIDTH - (108.0 if chart.marks else RIGHT)


def _slot(chart: Chart) -> float:
    return (_end(chart) - LEFT) / max(len(chart.at), 1)


def _x(chart: Chart, n: int) -> float:
    return LEFT + (n + 0.5) * _slot(chart)


def _grid(chart: Chart, low: float, high: float, step: float, decimals: int) -> Iterator[str]:
    y = _Axis(low, high)
    for n in range(round((high - low) / step) + 1):
        value = low + n * step
        yield f'<path d="M{LEFT:g} {y(value):.1f}H{_end(chart):g}" stroke="#d9d2c2" stroke-width="0.8"/>'
        yield _text(LEFT - 6, y(value) + 4, figure(value, decimals), anchor="end")


def _days(chart: Chart) -> Iterator[str]:
    """Every fifth day of the month, and its first, or every so many of a longer axis."""
    every = 5 if len(chart.at) <= 40 else math.ceil(len(chart.at) / 8)
    for n, at in enumerate(chart.at):
        day = datetime.fromtimestamp(at / 1000, WIB)
        if n == 0 or ((day.day % 5 == 0 and every == 5) or (every != 5 and n % every == 0)):
            said = str(day.day) if every == 5 else f"{day.day}/{day.month}"
            yield _text(_x(chart, n), HEIGHT - 10, said, anchor="middle")


def _line(chart: Chart, values: tuple[float | None, ...], n: int, y: _Axis) -> Iterator[str]:
    """One path for each stretch without a gap; a lonely value is a dot."""
    stretch: list[tuple[float, float]] = []
    for k, value in enumerate([*values, None]):
        if value is not None:
            stretch.append((_x(chart, k), y(value)))
            continue
        if len(stretch) == 1:
            yield f'<circle cx="{stretch[0][0]:.1f}" cy="{stretch[0][1]:.1f}" r="2.6" fill="{COLOURS[n]}"/>'
        elif stretch:
            way = "L".join(f"{a:.1f} {b:.1f}" for a, b in stretch)
            dash = f' stroke-dasharray="{DASHES[n]}"' if DASHES[n] else ""
            yield f'<path d="M{way}" fill="none" stroke="{COLOURS[n]}" stroke-width="1.8" stroke-linejoin="round"{dash}/>'
        stretch = []


def _bars(chart: Chart, values: tuple[float | None, ...], n: int, y: _Axis, low: float) -> Iterator[str]:
    """Side by side within a day; a bar of 0 is a short stroke, so that it differs from a gap."""
    count = len(chart.lines[: len(COLOURS)])
    wide = _slot(chart) * 0.72 / count
    base = y(max(low, 0.0))
    for k, value in enumerate(values):
        if value is None:
            continue
        left = _x(chart, k) - wide * count / 2 + n * wide
        height = max(abs(base - y(value)), 1.2)
        top = base - height if value >= 0 else base
        yield f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{height:.1f}" fill="{COLOURS[n]}"/>'


def _marks(chart: Chart, y: _Axis, high: float) -> Iterator[str]:
    for mark in chart.marks:
        if mark.value <= high:
            at = y(mark.value)
            yield f'<path d="M{LEFT:g} {at:.1f}H{_end(chart):g}" stroke="{MARK}" stroke-width="1.1" stroke-dasharray="5 3"/>'
            yield _text(_end(chart) + 5, at + 4, f"{mark.label} ({_short(mark.value)})", size=10, colour=MARK)


def _short(value: float) -> str:
    return figure(value, 0 if float(value).is_integer() else 1)


def _text(x: float, y: float, said: str, *, anchor: str = "start", size: float = 11, colour: str = "#4b5750") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" fill="{colour}"'
    return f'<text {place} font-family="{FONT}">{escape(said)}</text>'
