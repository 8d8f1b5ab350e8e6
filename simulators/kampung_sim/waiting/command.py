"""The command ``kampung-sim queue``."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from random import Random
from typing import Annotated, Any

import typer

from kampung_sim.waiting.room import Refused, Room


def queue(
    code: Annotated[str, typer.Option(help="queue.code of the kiosk's file.")],
    kiosk: str = "http://127.0.0.1:8081",
    counter: Annotated[int, typer.Option(min=1, max=20, help="Where the made-up clerk sits.")] = 2,
    seed: int = 1,
) -> None:
    """Let made-up people take numbers at a kiosk and a made-up clerk call them.

    Set ``queue.simulated`` in the kiosk's file, so that every page says so.
    """
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    room = Room(kiosk, code, counter, Random(seed))
    sys.stdout.write(f"SIMULASI antrian di {kiosk}, loket {counter}\n")
    sys.stdout.flush()
    while not ended.wait(1.0):
        with contextlib.suppress(OSError, Refused):  # the kiosk is being started again, or takes no number now
            room.step(time.monotonic())
