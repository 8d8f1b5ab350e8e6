"""What the end-to-end tests share: how long the history takes, and waiting with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

HISTORY = 20.0
"""Seconds in which the thirty days are pushed through the wires, as at a person's first start."""


def until(what: str, ask: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true answer of ``ask``; fails, naming ``what`` and the last answer, when there is none in three times ``seconds``."""
    deadline = time.monotonic() + 3 * seconds
    last: Any = None
    while time.monotonic() < deadline:
        try:
            last = ask()
        except OSError as error:
            last = error
        if last and not isinstance(last, OSError):
            return last
        time.sleep(0.1)
    pytest.fail(f"{what}: not within {3 * seconds:.0f} s; last seen: {str(last)[:600]}")
