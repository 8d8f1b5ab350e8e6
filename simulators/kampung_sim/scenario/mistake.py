"""What is wrong in a scenario file, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kampung_contract.errors import ConfigurationError

Path = tuple[str | int, ...]
"""From the top of the file to a value: ``("fault", 2, "kind")``."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """``line`` from 1; ``key`` as a person finds it, ``fault[2].kind``, counted from 0; ``value`` as it stands in the file."""

    line: int
    key: str
    value: str
    message: str
    remedy: str = ""

    def text(self, file: str) -> str:
        """``banjir.toml:14: fault[2].kind = "drfit": there is no fault of this name; did you mean drift?``"""
        what = f"{self.key} = {self.value}" if self.value else self.key
        return f"{file}:{self.line}: {what}: {self.message}" + (f"; {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake at a place that is not yet a line."""

    path: Path
    message: str
    remedy: str = ""


class InvalidScenario(ConfigurationError):
    """A scenario that cannot be run, with everything that is wrong in it."""

    code = "invalid_scenario"

    def __init__(self, file: str, mistakes: Sequence[Mistake]) -> None:
        self.file = file
        self.mistakes = sorted(set(mistakes))
        super().__init__("\n".join(m.text(file) for m in self.mistakes))


def key_of(path: Path) -> str:
    """``fault[2].kind``."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def nearest(asked: str, known: Iterable[str], *, cutoff: float = 0.45) -> str:
    """``did you mean drift or dropout?``, else all that are known. Those much further off than the nearest are not named."""
    names, folded = list(dict.fromkeys(known)), asked.casefold()
    near = [n for n in names if folded and folded in n.casefold()][:3]
    if not near:
        likeness = {n: difflib.SequenceMatcher(None, folded, n.casefold()).ratio() for n in names}
        best = max(likeness.values(), default=0.0)
        near = sorted((n for n in names if likeness[n] >= max(cutoff, best - 0.2)), key=lambda n: -likeness[n])[:3]
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"


def explain(path: Path, message: str, asked: str, known: Iterable[str], say: str = "") -> Found:
    """Something that is not there, with the nearest that are."""
    return Found(path, message, say + nearest(asked, known))
