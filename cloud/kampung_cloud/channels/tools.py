"""What channels need of the process they are in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kampung_cloud.outputs.commands import Commands
from kampung_cloud.records import Records


@dataclass(frozen=True, slots=True)
class Tools:
    """``folder`` is the data folder; ``commands`` are asked for only once the process is up."""

    records: Records
    folder: Path
    commands: Callable[[], Commands]
