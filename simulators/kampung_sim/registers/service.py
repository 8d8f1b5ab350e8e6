"""The simulated Dukcapil and DTSEN as one program."""

from __future__ import annotations

import time
from collections.abc import Mapping

from kampung_sim.registers.fault import Faults
from kampung_sim.registers.people import Entry, entries
from kampung_sim.registers.web import registers
from kampung_sim.web_server import WebServer


class SimulatedRegisters:
    """``entries``: what they have, the village's residents unless told; ``faults`` may be set while it runs."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, known: Mapping[str, Entry] | None = None) -> None:
        self.entries = entries() if known is None else known
        self.faults = Faults()
        self._server = WebServer(registers(self.entries, self.faults, lambda: time.time_ns() // 1_000_000), "registers", host, port)
        self.url = self._server.url

    @property
    def dukcapil(self) -> str:
        """For ``[registers.dukcapil] url``."""
        return f"{self.url}/dukcapil/get_json/SIMULASI"

    @property
    def dtsen(self) -> str:
        """For ``[registers.dtsen] url``."""
        return f"{self.url}/dtsen"

    def start(self) -> None:
        """Listen."""
        self._server.start()

    def stop(self) -> None:
        """End."""
        self._server.stop()
