"""Short lists that a restart is to know: what was said here, so that the page can tell of it. The spool has what must not be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from kampung_edge import whole_file

T = TypeVar("T")


def read(path: Path, kind: Callable[..., T]) -> list[T]:
    """The list in the file, of a dataclass; empty where there is none, or none that can be read: only the page forgets then."""
    try:
        return [kind(**kept) for kept in msgspec.json.decode(path.read_bytes())]
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError, TypeError) as error:
        _log(path).warning(f"{path.stem}.unread", file=path.name, reason=str(error))
        return []


def write(path: Path, rows: Iterable[Any]) -> None:
    """Put the list in place of the one before; a disk that does not take it is said and no obstacle."""
    try:
        whole_file.replace(path, msgspec.json.encode([asdict(row) for row in rows]))
    except OSError as error:
        _log(path).warning(f"{path.stem}.unwritten", reason=str(error))


def _log(path: Path) -> Any:
    return structlog.get_logger(path.stem)
