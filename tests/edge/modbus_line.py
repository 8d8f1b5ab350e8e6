"""A relay board and a soil probe on one simulated RS485 line: real frames on a pseudo-terminal."""

from __future__ import annotations

import os
import select
import threading
import tty
from pathlib import Path

from kampung_bridge.profile import ModbusProfile, load_profile
from kampung_bridge.responder import Responder

PORT = """
[[port]]
name = "rs485"
url = "dev/rs485"
[[port.device]]
name = "relay-1"
profile = "modbus-coils"
address = 1
every = 0.5
timeout = 0.3
[[port.device]]
name = "soil-1"
profile = "dfrobot-sen0600"
address = 2
every = 0.2
timeout = 0.3
"""
OUTPUT = """
[[output]]
name = "pompa"
title = "Pompa kebun"
device = "relay-1"
output = "relay_1"
max_on = 60
"""
GUARDED = OUTPUT + 'guard = "soil-1/soil_moisture"\nguard_age = 1\n'


def responder(profile: str, address: int) -> Responder:
    found = load_profile(profile)
    assert isinstance(found, ModbusProfile)
    return Responder(found, address)


class ModbusLine:
    """``mute``: the relay obeys and says nothing. ``moisture`` None: the probe is silent. The relay's state outlives ``unplug``."""

    def __init__(self, link: Path) -> None:
        self.relay, self.soil = responder("modbus-coils", 1), responder("dfrobot-sen0600", 2)
        self.mute = False
        self.moisture: float | None = 31.0
        self.switched_on = 0
        self._link = link
        link.parent.mkdir(parents=True, exist_ok=True)
        self._thread: threading.Thread | None = None
        self.plug()

    @property
    def on(self) -> bool:
        return self.relay.states["relay_1"]

    def plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(self._slave))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(60)
            self._link.unlink(missing_ok=True)
            os.close(self._master)
            os.close(self._slave)
            self._thread = None

    def _serve(self) -> None:
        while not self._stop.is_set():
            if not select.select([self._master], [], [], 0.05)[0]:
                continue
            asked = os.read(self._master, 4096)
            was = self.on
            answer = self.relay.answer(asked, {})
            self.switched_on += self.on and not was
            if answer and not self.mute:
                os.write(self._master, answer)
            if self.moisture is not None:
                answer = self.soil.answer(asked, {"soil_moisture": self.moisture, "soil_temperature": 27.0})
                if answer:
                    os.write(self._master, answer)
