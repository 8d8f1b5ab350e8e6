"""Small files that are there whole, as they were or as they are to be, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def replace(path: Path, body: bytes, mode: int = 0o666) -> None:
    """Put ``body`` in place of the file, durably. Raises ``OSError``; the file is then as it was."""
    fresh = path.with_suffix(".new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):  # half a file on a full disk is room that something else needs
            fresh.unlink(missing_ok=True)
        raise
