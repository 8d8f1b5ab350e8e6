"""Putting restored files in place: all of them or none, also where the program is killed in the middle.

What is to be moved stands in a plan on disk before the first file moves. While there is a plan nothing opens what lies there; the next
restore takes back what was moved, and begins anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec
from kampung_contract.errors import ConfigurationError

from kampung_cloud.lasting import put, sync

UNDERWAY = ".restore-"
PLAN = "plan.json"


def place(folder: Path, moves: Mapping[Path, Path]) -> None:
    """Move what was made in ``folder``; by target. It counts once ``done`` is called. Raises ``ConfigurationError``."""
    try:
        _write(folder, moves)
        for target, made in moves.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            made.rename(target)
            sync(target.parent)
    except OSError as error:
        raise ConfigurationError(f"{error.filename}: {error.strerror}; nothing was restored") from None


def done(folder: Path) -> None:
    """What is in place stays there."""
    (folder / PLAN).unlink()
    sync(folder)


def end(folder: Path) -> None:
    """Take back what was moved and is not done, and forget what was unpacked."""
    if (folder / PLAN).exists():
        for target, made in _read(folder / PLAN).items():
            if target.exists() and not made.exists():
                target.rename(made)
    shutil.rmtree(folder, ignore_errors=True)


def clear(data: Path) -> None:
    """End restores that were killed."""
    for left in data.glob(f"{UNDERWAY}*"):
        end(left)


def check_whole(data: Path) -> None:
    """Raises ``ConfigurationError`` where a restore was killed before it was done: half of it may be in place."""
    for plan in data.glob(f"{UNDERWAY}*/{PLAN}"):
        raise ConfigurationError(
            f"{plan.parent}: a restore ended before everything was in place; run 'kampung-cloud restore' once more, "
            "it takes back what it moved"
        )


def _write(folder: Path, moves: Mapping[Path, Path]) -> None:
    put(folder / PLAN, msgspec.json.encode([(str(target), str(made)) for target, made in moves.items()]))


def _read(plan: Path) -> dict[Path, Path]:
    try:
        return {Path(target): Path(made) for target, made in msgspec.json.decode(plan.read_bytes(), type=list[tuple[str, str]])}
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"{plan}: cannot be read: {error}; empty the data folder by hand and restore again") from None
