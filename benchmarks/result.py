"""What a benchmark reports, and where it goes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Result:
    """``ratio`` is ours over the peer's, better above 1 for rates and below 1 for costs; None where there is no peer. ``n``: how many."""

    name: str
    value: float
    unit: str
    ratio: float | None
    peer: str | None
    n: int

    def line(self) -> str:
        """For the terminal."""
        against = f"   {self.ratio:.2f} × {self.peer}" if self.ratio is not None else ""
        return f"{self.name:44} {self.value:12,.1f} {self.unit:14}{against}   (n={self.n:,})"


def known(file: str) -> list[Result]:
    """What was saved before."""
    path = FOLDER / f"{file}.json"
    return [Result(**row) for row in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def save(file: str, rows: Iterable[Result]) -> None:
    """Write ``results/<file>.json``: a list of objects ``{name, value, unit, ratio, peer, n}``."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{file}.json").write_text(json.dumps([asdict(r) for r in rows], indent=2) + "\n", encoding="utf-8")


def write(file: str, results: Iterable[Result]) -> None:
    """Print, and save."""
    rows = list(results)
    save(file, rows)
    for row in rows:
        print(row.line(), flush=True)
