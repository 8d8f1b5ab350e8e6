"""Outputs are switched over real ptys: other people's Modbus server, odd answers, dead neighbours, many threads."""

import asyncio
import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import pytest
from kampung_bridge.link import LinkDecoder, encode_link
from kampung_bridge.modbus import seal
from kampung_bridge.output import Switched
from kampung_bridge.port import Port
from kampung_bridge.profile import ModbusProfile, load_profile
from kampung_bridge.responder import Request, RequestDecoder, Responder
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

RELAY = {"name": "pump-1", "profile": "waveshare-relay-8", "every": 86_400}
PLAIN = {"name": "pump-1", "profile": "modbus-coils", "every": 86_400}


class Server:
    """pymodbus with 16 coils and 16 registers, behind two ptys joined by a pump; `written` is what reached them."""

    def __init__(self, plug) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._wire = plug("bus", lambda data: bytes(0 * os.write(self._master, data)))
        self.path: Path = self._wire.path
        self.written: list[tuple[int, int]] = []
        self._ready, self._stop = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._pump), threading.Thread(target=lambda: asyncio.run(self._serve()))]
        for thread in self._threads:
            thread.start()
        assert self._ready.wait(60)

    def _pump(self) -> None:
        while not self._stop.is_set():
            if select.select([self._master], [], [], 0.05)[0]:
                self._wire.send(os.read(self._master, 4096))

    async def _act(self, function: int, start: int, address: int, _count: int, now: list, values: list | None) -> None:
        if values is not None:
            self.written.append((address, int(values[0])))
        elif function == 3:  # a board that is told 0100 and 0200 reads 1 and 0
            now[address - start] = {0x0100: 1, 0x0200: 0}.get(now[address - start], now[address - start])

    async def _serve(self) -> None:
        coils = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
        words = [SimData(0, values=[0] * 16, datatype=DataType.REGISTERS)]
        device = SimDevice(1, simdata=(coils, coils, words, words), action=self._act)
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
    port = started(server.path, PLAIN)
    on = port.switch("pump-1", "relay_3", True)
    assert (on.ok, on.code, on.detail) == (True, "done", "relay_3 of pump-1 on: confirmed by the device")
    assert port.switch("pump-1", "relay_3", False).ok
    assert server.written == [(2, 1), (2, 0)]


def test_registers_of_pymodbus_are_switched_and_read_back(server, started) -> None:
    port = started(server.path, PLAIN | {"profile": "eletechsup-relay-8"})
    port.switch("pump-1", "relay_2", False)
    assert server.written == [(2, 0x0200)]
    wrong = port.switch("pump-1", "relay_2", True, seconds=20)
    assert (wrong.code, server.written[-1]) == ("wrong_state", (2, 0x0614)), "pymodbus keeps the number and switches nothing"
    assert "it reads neither on nor off" in wrong.detail


def test_a_coil_pymodbus_does_not_have_is_refused_with_the_remedy(server, started) -> None:
    """Its timer is coil 512 and up."""
    refused = started(server.path, RELAY).switch("pump-1", "relay_7", True, seconds=60)
    assert (refused.ok, refused.code) == (False, "refused")
    assert refused.detail == (
        "relay_7 of pump-1 on: device 1 refused: illegal data address (2); check that profile waveshare-relay-8 is this device's"
    )


def test_what_is_not_there_is_named(plug, started) -> None:
    port = started(plug("bus").path, RELAY)
    device, output = port.switch("pump-2", "relay_1", True), port.switch("pump-1", "relay_9", True)
    assert (device.code, output.code) == ("unknown_output", "unknown_output")
    assert "it has pump-1" in device.detail
    assert "it has relay_1, relay_2" in output.detail


@pytest.mark.parametrize("seconds", [0, -1, 4000, float("nan")])
def test_a_time_the_device_cannot_keep_is_refused(seconds: float, plug, started) -> None:
    refused = started(plug("bus").path, RELAY).switch("pump-1", "relay_1", True, seconds=seconds)
    assert (refused.ok, refused.code, "at most 3276.7" in refused.detail) == (False, "refused", True)


def test_a_port_that_is_not_open_answers_at_once(tmp_path, started) -> None:
    port = started(tmp_path / "nothing", RELAY, wait=False)
    assert port.switch("pump-1", "relay_1", True, timeout=60).code == "port_lost"


def test_a_line_lost_in_the_middle_ends_the_switch(plug, started, together) -> None:
    """The plug is pulled while an answer is waited for, and another switch waits behind it."""
    wire = plug("bus")
    port = started(wire.path, RELAY | {"timeout": 5})
    came = together(port, *(lambda name=name: port.switch("pump-1", name, True, timeout=60) for name in ("relay_1", "relay_2")))
    wire.close()
    assert [switched.code for switched in came()] == ["port_lost"] * 2


class Board:
    """A simulated board that may be deaf, and remembers what it heard."""

    def __init__(self, profile: str = "waveshare-relay-8", *addresses: int) -> None:
        model = load_profile(profile)
        assert isinstance(model, ModbusProfile)
        self.boards = {address: Responder(model, address) for address in addresses or (1,)}
        self.heard: list[Request] = []
        self.deaf = 0  # requests it does not answer
        self._requests = RequestDecoder()

    @property
    def written(self) -> list[tuple[int, int]]:
        """Register and value, without repetitions."""
        return [pair for pair, _ in groupby((r.register, r.value) for r in self.heard if r.written)]

    def __call__(self, data: bytes) -> bytes:
        out = b""
        for request in self._requests.feed(data):
            if isinstance(request, Request):
                self.heard.append(request)
                self.deaf -= 1
                if self.deaf < 0 and request.address in self.boards:
                    out += self.boards[request.address].answer(request.raw, {})
        return out


@pytest.fixture
def together(eventually) -> Callable[..., Callable[[], list[Switched]]]:
    """together(port, call…): starts each in a thread once the one before waits at the port; the result waits for what they answer."""

    def start(port: Port, *calls: Callable[[], Switched]) -> Callable[[], list[Switched]]:
        answers: dict[int, Switched] = {}
        threads = [threading.Thread(target=lambda n=n: answers.update({n: calls[n]()})) for n in range(len(calls))]

        def orders() -> list[object]:
            return [port.board._current, *port.board._waiting]

        for thread in threads:
            before = orders()
            thread.start()
            eventually(lambda before=before: orders() != before)

        def join() -> list[Switched]:
            for thread in threads:
                thread.join(60)
            return [answers[n] for n in sorted(answers)]

        return join

    return start


class Gate:
    """A device that thinks until it is opened."""

    def __init__(self, board: Board) -> None:
        self._board, self._open = board, threading.Event()

    def __call__(self, data: bytes) -> bytes:
        self._open.wait(10)
        return self._board(data)

    def open(self) -> None:
        self._open.set()


def test_one_lost_request_is_sent_again(plug, started) -> None:
    board = Board()
    port = started(plug("bus", board).path, RELAY, quiet=True)
    board.deaf, before = 1, len(board.heard)
    assert port.switch("pump-1", "relay_1", True, seconds=5).ok
    assert [r.function for r in board.heard[before:]] == [5, 5, 1]


def test_a_device_that_never_answers_is_told_so(plug, started) -> None:
    board = Board("waveshare-relay-8", 9)
    switched = started(plug("bus", board).path, RELAY).switch("pump-1", "relay_1", True)
    assert (switched.ok, switched.code) == (False, "no_reply")
    assert "no reply from address 1; it may or may not have switched; check power, wiring and address" in switched.detail
    assert [r.function for r in board.heard].count(5) == 2


def test_a_device_that_answers_for_another_is_not_believed(plug, started) -> None:
    """The same bytes, but of device 5."""

    def stranger(data: bytes) -> bytes:
        return seal(b"\x05" + data[1:-2])

    switched = started(plug("bus", stranger).path, RELAY).switch("pump-1", "relay_1", True)
    assert (switched.code, "device 5 answered for 1" in switched.detail) == ("no_reply", True)


def test_the_echo_of_an_adapter_is_no_confirmation(plug, started) -> None:
    """With the device away an adapter's local echo looks like its answer, until the state is asked for."""
    wire = plug("bus", lambda data: data)
    port = started(wire.path, RELAY)
    switched = port.switch("pump-1", "relay_1", True)
    assert (switched.code, "could not be read back" in switched.detail) == ("no_reply", True)
    board = Board()
    wire.answer = lambda data: data + board(data)
    assert port.switch("pump-1", "relay_1", True).ok
    assert board.boards[1].states["relay_1"]


def test_off_goes_first_and_ends_what_came_before(plug, started, together) -> None:
    """While one switch waits for its device: on A, on B, off C, off A are asked for, in this order."""
    board = Board()
    gate = Gate(board)
    wire = plug("bus", board)
    port = started(wire.path, RELAY | {"timeout": 5}, quiet=True)
    wire.answer = gate
    came = together(
        port,
        lambda: port.switch("pump-1", "relay_8", False),
        lambda: port.switch("pump-1", "relay_1", True),
        lambda: port.switch("pump-1", "relay_2", True, seconds=30),
        lambda: port.switch("pump-1", "relay_3", False),
    )
    last = together(port, lambda: port.switch("pump-1", "relay_1", False))
    gate.open()
    assert [switched.code for switched in came() + last()] == ["done", "refused", "done", "done", "done"]
    assert "a later switch-off of the same output came first" in came()[1].detail
    assert board.written == [(7, 0), (2, 0), (0, 0), (0x0201, 300)]


def test_a_switch_that_waits_too_long_is_not_sent_any_more(plug, started, together) -> None:
    board = Board()
    gate = Gate(board)
    wire = plug("bus", board)
    port = started(wire.path, RELAY | {"timeout": 5}, quiet=True)
    wire.answer = gate
    first = together(port, lambda: port.switch("pump-1", "relay_1", False))
    late = port.switch("pump-1", "relay_2", True, timeout=0.2)
    gate.open()
    assert (first()[0].code, late.code, "was not sent" in late.detail) == ("done", "timeout", True)
    assert board.written == [(0, 0)]


def test_off_does_not_wait_for_the_on_it_ends(plug, started, together) -> None:
    """The device has 5 s for its answers, and is silent; switching on has a minute, switching off two seconds."""
    board = Board()
    port = started(plug("bus", board).path, RELAY | {"timeout": 5}, quiet=True)
    board.deaf = 1
    on = together(port, lambda: port.switch("pump-1", "relay_1", True, timeout=60))
    assert port.switch("pump-1", "relay_1", False, timeout=2).ok
    assert on()[0].code == "refused"
    assert not board.boards[1].states["relay_1"]


def test_a_slow_device_is_asked_twice_within_the_time_there_is(plug, started) -> None:
    board = Board()
    port = started(plug("bus", board).path, RELAY | {"timeout": 5}, quiet=True)
    board.deaf = 1
    assert port.switch("pump-1", "relay_1", True, timeout=2).ok
    assert [r.function for r in board.heard].count(5) == 2


def test_a_switch_that_is_not_confirmed_in_time_is_told_so(plug, started) -> None:
    wire = plug("bus", Board())
    port = started(wire.path, RELAY | {"timeout": 5}, quiet=True)
    wire.answer = lambda _: b""
    assert port.switch("pump-1", "relay_1", True, timeout=0.3).code in ("no_reply", "timeout")


def test_dead_neighbours_do_not_hold_up_a_switch(plug, started, eventually) -> None:
    """Three dead devices have 5 s each for their answers; the switch has 2."""
    board = Board("waveshare-relay-8", 1)
    dead = [{"name": f"soil-{n}", "profile": "dfrobot-sen0600", "address": n, "every": 0.1, "timeout": 5} for n in (7, 8, 9)]
    port = started(plug("bus", board).path, *dead, RELAY)
    for on in (True, False) * 3:
        eventually(lambda: board.heard and board.heard[-1].address in (7, 8, 9))
        assert port.switch("pump-1", "relay_1", on, timeout=2).code == "done"
    assert all(device.errors == 0 for device in port.stats().devices if device.name != "pump-1"), "they are not blamed for it"


def test_polls_go_on_after_a_switch(plug, started, eventually) -> None:
    probe, board = Board("dfrobot-sen0600"), Board("waveshare-relay-8", 2)
    responder = probe.boards[1]
    soil = {"name": "soil-1", "profile": "dfrobot-sen0600", "every": 0.02}
    wire = plug("bus", lambda data: responder.answer(data, {"soil_moisture": 31.2, "soil_temperature": 27.0}) + board(data))
    port = started(wire.path, soil, RELAY | {"address": 2})
    for on in (True, False) * 10:
        frames = port.stats().devices[0].frames
        assert port.switch("pump-1", "relay_1", on).ok
        eventually(lambda frames=frames: port.stats().devices[0].frames > frames + 1)
    assert port.stats().devices[0].errors == 0


def test_many_threads_switch_and_each_gets_its_own_answer(plug, started) -> None:
    board = Board()
    port = started(plug("bus", board).path, RELAY)

    def use(number: int) -> None:
        results.extend((number, on, port.switch("pump-1", f"relay_{number}", on, timeout=20)) for on in (True, False, True))

    results: list[tuple[int, bool, Switched]] = []
    threads = [threading.Thread(target=use, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [switched.code for _, _, switched in results] == ["done"] * 24
    assert all(f"relay_{number} of pump-1 {'on' if on else 'off'}" in switched.detail for number, on, switched in results)
    assert all(board.boards[1].states.values())


def test_an_output_without_a_timer_is_switched_off_by_the_port(plug, started, eventually) -> None:
    """Also when the line was gone at that moment."""
    board = Board("modbus-coils")
    wire = plug("bus", board)
    port = started(wire.path, PLAIN)
    assert port.switch("pump-1", "relay_1", True, seconds=0.2).ok
    eventually(lambda: not board.boards[1].states["relay_1"])
    assert port.switch("pump-1", "relay_2", True, seconds=0.5).ok
    wire.close()
    eventually(lambda: port.stats().state == "down")
    time.sleep(0.5)
    assert board.boards[1].states["relay_2"]
    plug("bus", board)
    eventually(lambda: not board.boards[1].states["relay_2"])


def test_a_port_that_stops_leaves_no_timed_output_on(plug, started) -> None:
    board = Board("modbus-coils")
    port = started(plug("bus", board).path, PLAIN)
    assert port.switch("pump-1", "relay_1", True, seconds=600).ok
    assert port.switch("pump-1", "relay_2", True).ok
    port.stop()
    assert [name for name, on in board.boards[1].states.items() if on] == ["relay_2"], "nobody gave a time for relay_2"


def test_a_relay_that_dies_is_noticed_without_being_switched(plug, started, eventually) -> None:
    board, events = Board(), []
    port = started(plug("bus", board).path, RELAY | {"every": 0.02, "timeout": 0.05}, events=events)
    eventually(lambda: port.stats().devices[0].state == "up")
    board.deaf = 10_000
    eventually(lambda: [event.kind for event in events] == ["device_lost"])
    board.deaf = 0
    eventually(lambda: [event.kind for event in events] == ["device_lost", "device_back"])


NODE = {"name": "node-1", "profile": "kampung-node", "every": 0}


@pytest.mark.parametrize(
    ("seq", "said", "code", "words"),
    [
        (0, (0, 0, 1), "done", "on for 300 s: confirmed"),
        (1, (0, 0, 1), "no_reply", "no answer to 2 commands"),
        (0, (3, 0, 1), "no_reply", "no answer to 2 commands"),
        (0, (0, 0, 0), "wrong_state", "it says off"),
        (0, (0, 1, 0), "refused", "no such output; give it a longest_s in its firmware"),
        (0, (0, 2, 0), "refused", "refused by its interlock; find out what its interlock guards"),
        (0, (0, 9, 0), "refused", "result 9; update its firmware"),
    ],
)
def test_only_the_answer_to_this_command_counts_on_our_own_link(seq: int, said: tuple, code: str, words: str, plug, started) -> None:
    """Before it come noise, text, the command's own echo and the answer to another command; `seq` is how far the answer's is off."""
    decoder = LinkDecoder({})

    def answer(data: bytes) -> bytes:
        decoder.feed(data)
        return b"".join(
            b"\x11valve\r\n\x00\x00" + data + encode_link(0x11, (m.seq + 7) & 0xFF, bytes((0, 0, 1, 1, 0)))
            + encode_link(0x11, (m.seq + seq) & 0xFF, bytes(said) + (300).to_bytes(2, "little"))
            for m in decoder.messages if m.kind == 0x10
        )  # fmt: skip

    port = started(plug("node", answer).path, NODE)
    came = port.switch("node-1", "valve", True, seconds=300)
    assert (came.code, words in came.detail) == (code, True), came.detail
