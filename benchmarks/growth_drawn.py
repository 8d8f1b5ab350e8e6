"""``docs/growth.svg`` out of ``results/growth.json`` and ``results/growth_curve.json``: four small pictures over the same axis."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.growth import CURVE, Point, drawn
from benchmarks.result import known

FILE = Path(__file__).parents[1] / "docs" / "growth.svg"
PAPER, LINE, INK, GREY = "#fbf8f1", "#d9d2c2", "#16211b", "#4b5750"
FOREST, RIVER, GOLD, CLAY = "#0b5d3b", "#11568a", "#8a5a00", "#9a3412"
WIDTH, HEIGHT = 960, 700
WIDE, HIGH = 370, 190
"""Of one picture's own field."""
PLACES = ((80, 96), (550, 96), (80, 420), (550, 420))
DAYS = 347
STYLE = (
    "text{font-family:'Plus Jakarta Sans',system-ui,sans-serif;font-size:13px;fill:#4b5750}.t{font-size:15px;font-weight:600;fill:#16211b}"
)

Pair = tuple[float, float]


class Picture:
    """One field with its axes; x is readings in millions up to ``most_x``, y from 0 to ``most``."""

    def __init__(self, place: tuple[int, int], title: str, most_x: float, most: float, words: Callable[[float], str]) -> None:
        self.x0, self.y0 = place
        self._named = float(self.x0)
        self.most_x, self.most = most_x, most
        self.parts = [f'<text class="t" x="{self.x0}" y="{self.y0 - 34}">{title}</text>']
        for step in range(5):
            y = self.y(most * step / 4)
            self.parts.append(f'<line x1="{self.x0}" x2="{self.x0 + WIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="{LINE}"/>')
            self.parts.append(f'<text x="{self.x0 - 8}" y="{y + 4:.1f}" text-anchor="end">{words(most * step / 4)}</text>')
            x, of = self.x(most_x * step / 4), f"{most_x * step / 4:,.0f}"
            self.parts.append(f'<text x="{x:.1f}" y="{self.y0 + HIGH + 20}" text-anchor="middle">{of}</text>')
        self.parts.append(f'<text x="{self.x0 + WIDE}" y="{self.y0 + HIGH + 38}" text-anchor="end">million readings</text>')

    def x(self, millions: float) -> float:
        """Where it is on the paper."""
        return self.x0 + WIDE * millions / self.most_x

    def y(self, value: float) -> float:
        """Where it is on the paper."""
        return self.y0 + HIGH * (1 - min(value, self.most) / self.most)

    def line(self, pairs: Sequence[Pair], colour: str, said: str) -> None:
        """A line, named in its colour above the field."""
        points = " ".join(f"{self.x(a):.1f},{self.y(b):.1f}" for a, b in pairs)
        self.parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-linejoin="round"/>')
        self._name(colour, said)

    def dots(self, pairs: Sequence[Pair], colour: str, said: str, words: Callable[[float], str] | None = None) -> None:
        """Single points, each with its value where ``words`` say it."""
        for a, b in pairs:
            self.parts.append(f'<circle cx="{self.x(a):.1f}" cy="{self.y(b):.1f}" r="{5 if words else 2.5}" fill="{colour}"/>')
            if words:
                side = "end" if a > self.most_x / 2 else "start"
                at = self.x(a) + (-9 if side == "end" else 9)
                self.parts.append(
                    f'<text x="{at:.1f}" y="{self.y(b) - 8:.1f}" text-anchor="{side}" style="fill:{colour}">{words(b)}</text>'
                )
        self._name(colour, said)

    def _name(self, colour: str, said: str) -> None:
        x, y = self._named, self.y0 - 14
        self.parts.append(f'<circle cx="{x + 4:.0f}" cy="{y - 4}" r="4" fill="{colour}"/><text x="{x + 14:.0f}" y="{y}">{said}</text>')
        self._named += 7.2 * len(said) + 34


def marks(name: str) -> list[Pair]:
    """Of ``growth_…_million_<name>``: millions and value."""
    found = ((r.name.split("_"), r.value) for r in known("growth") if r.name.startswith("growth_") and r.name.endswith(f"_million_{name}"))
    return sorted((float(words[1]), value) for words, value in found)


def picture(points: Sequence[Point]) -> str:
    """The file's text."""
    at = [p.readings / 1e6 for p in points]
    last = max(at)
    rate = Picture(PLACES[0], "Taken in, files of days included", last, 2e6, lambda v: f"{v / 1e6:g} M/s")
    rate.dots([(a, p.stretch / p.wall_s) for a, p in zip(at, points, strict=True)], GREY, "a second")
    rate.line([(a, p.stretch / p.cpu_s) for a, p in zip(at, points, strict=True)], FOREST, "a second of one core")
    asked = Picture(PLACES[1], "A month of one series by hour, p95", last, 20, lambda v: f"{v:g} ms")
    asked.dots(marks("window_p95"), RIVER, "asked of the store", lambda v: f"{v:.0f} ms")
    memory = Picture(PLACES[2], "Memory of the process", last, 1000, lambda v: f"{v:g} MB")
    memory.line([(a, p.memory) for a, p in zip(at, points, strict=True)], CLAY, "while it fills")
    memory.dots(marks("memory"), INK, "settled", lambda v: f"{v:.0f}")
    disk = Picture(PLACES[3], "On disk", last, 1.2, lambda v: f"{v:g} GB")
    disk.line([(a, p.bytes / 1e9) for a, p in zip(at, points, strict=True)], GOLD, "while it fills")
    disk.dots([(m, m * 1e6 * v / 1e9) for m, v in marks("bytes")], INK, "settled", lambda v: f"{v:.2f} GB")
    opened = ", ".join(f"{seconds:.1f} s at {m:,.0f} million" for m, seconds in marks("open"))
    said = f"One store of 2,000 series, a reading a minute each, up to {last:,.0f} million"
    head = f'<text class="t h" x="80" y="30">{said}</text>'
    said = f"Opened anew in {opened}. Two cores. Dips at marks: settling."
    foot = f'<text x="80" y="{HEIGHT - 16}">{said}</text>'
    fields = "\n".join("\n".join(p.parts) for p in (rate, asked, memory, disk))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="How the embedded engine grows">\n'
        f'<style>{STYLE}</style>\n<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>\n{head}\n{fields}\n{foot}\n</svg>\n'
    )


if __name__ == "__main__":
    if not CURVE.exists():
        sys.exit(f"{CURVE} is not there; run python -m benchmarks growth")
    FILE.write_text(picture(drawn()), encoding="utf-8")
    print(FILE)
