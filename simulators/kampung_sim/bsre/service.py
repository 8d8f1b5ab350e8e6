"""The simulated BSrE as one program."""

from __future__ import annotations

from kampung_sim.bsre.certificate import SimulatedCertificate
from kampung_sim.bsre.web import bsre
from kampung_sim.registers.fault import Faults
from kampung_sim.web_server import WebServer


class SimulatedBsre:
    """``faults`` may be set while it runs; ``certificate`` is what it signs with."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.faults = Faults()
        self.certificate = SimulatedCertificate()
        self._server = WebServer(bsre(self.certificate, self.faults), "bsre", host, port)
        self.url = self._server.url

    def start(self) -> None:
        """Listen."""
        self._server.start()

    def stop(self) -> None:
        """End."""
        self._server.stop()
