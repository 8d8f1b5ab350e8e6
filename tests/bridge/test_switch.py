"""Outputs are switched over real ptys: other people's Modbus server, odd answers, dead neighbours, many threads."""

import asyncio
import os
import select
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

RELAY = {"name": "pump-1", "profile": "waveshare-relay-8", "every": 86_400}


class Server:
    """pymodbus with 16 coils, behind two ptys joined by a pump; `path` is what to open, `written` what reached its coils."""

    def __init__(self, plug) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._wire = plug("bus", lambda data: bytes(0 * os.write(self._master, data)))
        self.path: Path = self._wire.path
        self.written: list[tuple[int, list[bool]]] = []
        self._ready, self._stop = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._pump), threading.Thread(target=lambda: asyncio.run(self._serve()))]
        for thread in self._threads:
            thread.start()
        assert self._ready.wait(5)

    def _pump(self) -> None:
        while not self._stop.is_set():
            if select.select([self._master], [], [], 0.05)[0]:
                self._wire.send(os.read(self._master, 4096))

    async def _note(self, function: int, _start: int, address: int, count: int, _now: list, values: list | None):
        if function == 5 and values is not None:
            self.written.append((address, [bool(value) for value in values[:count]]))

    async def _serve(self) -> None:
        coils = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
        words = [SimData(0, values=[0] * 16, datatype=DataType.REGISTERS)]
        device = SimDevice(1, simdata=(coils, coils, words, words), action=self._note)
        server = ModbusSerialServer([device], port=os.ttyname(self._slave), baudrate=9600)
        await server.serve_forever(background=True)
        self._ready.set()
        while not self._stop.is_set():
            await asyncio.sleep(0.02)
        await server.shutdown()

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for fd in (self._master, self._slave):
            os.close(fd)


@pytest.fixture
def server(plug) -> Iterator[Server]:
    server = Server(plug)
    yield server
    server.close()


def test_coils_of_pymodbus_are_switched_and_read_back(server, started) -> None:
    port = started(server.path, RELAY | {"profile": "modbus-coils"})
    on = port.switch("pump-1", "relay_3", True)
    assert (on.ok, on.code, on.detail) == (True, "done", "relay_3 of pump-1 on: confirmed by the device")
    assert port.switch("pump-1", "relay_3", False).ok
    assert [state for _, state in server.written] == [[True], [False]]


def test_what_is_not_there_is_named(plug, started) -> None:
    port = started(plug("bus").path, RELAY)
    device, output = port.switch("pump-2", "relay_1", True), port.switch("pump-1", "relay_9", True)
    assert (device.code, output.code) == ("unknown_output", "unknown_output")
    assert "it has pump-1" in device.detail
    assert "it has relay_1, relay_2" in output.detail
    refused = port.switch("pump-1", "relay_1", True, seconds=4000)
    assert (refused.ok, refused.code, "at most 3276.7" in refused.detail) == (False, "refused", True)


def test_a_port_that_is_not_open_answers_at_once(tmp_path, started) -> None:
    port = started(tmp_path / "nothing", RELAY, wait=False)
    assert port.switch("pump-1", "relay_1", True, timeout=60).code == "port_lost"
