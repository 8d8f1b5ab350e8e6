"""The reference firmware, compiled, against the Python side of the link: frames and commands, both directions."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_bridge.decoder import Frame, FrameError
from kampung_bridge.link import LinkDecoder, Message, OutputDone, alive, encode_link, output_done, set_output
from kampung_bridge.profile import StreamProfile, load_profile

FIRMWARE = Path(__file__).parents[2] / "firmware-bridge" / "firmware"


def compiler(name: str) -> str:
    """Its path; missing, it fails the test: `make test` installs it."""
    path = shutil.which(name)
    assert path, f"{name} is not installed; run tools/servers, as make test does"
    return path


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated node; every warning is an error, and memory faults end it."""
    program = tmp_path_factory.mktemp("firmware") / "node"
    sources = [str(FIRMWARE / "kampung_link.c"), str(Path(__file__).with_name("node.c"))]
    strict = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-O1", "-fsanitize=address,undefined"]
    subprocess.run([compiler("gcc"), *strict, "-fno-sanitize-recover", f"-I{FIRMWARE}", *sources, "-o", str(program)], check=True)
    return program


def talk(node: Path, data: bytes, *arguments: str) -> bytes:
    return subprocess.run([node, *arguments], input=data, capture_output=True, check=True, timeout=180).stdout


def messages(data: bytes) -> list[Message]:
    decoder = LinkDecoder({})
    decoder.feed(data)
    return list(decoder.messages)


def test_there_is_no_heap() -> None:
    source = (FIRMWARE / "kampung_link.c").read_text("utf-8")
    assert not any(word in source for word in ("malloc", "calloc", "free(", "stdlib"))


sent = st.tuples(st.integers(0, 255), st.integers(0, 255), st.one_of(st.binary(max_size=240), st.integers(0, 240).map(bytes)))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(sent, st.binary(max_size=40)), min_size=1, max_size=40))
def test_both_sides_frame_alike_whatever_stands_between(node: Path, parts: list) -> None:
    stream = b"".join(encode_link(*message) + noise for message, noise in parts)
    assert talk(node, stream, "echo") == b"".join(encode_link(*message) for message in messages(stream))
    assert [m for m in messages(stream) if m in {Message(*message) for message, _ in parts}][: len(parts)]
    assert {Message(*message) for message, _ in parts} <= set(messages(stream))


def test_every_length_of_payload(node: Path) -> None:
    frames = [encode_link(1, n, bytes((n + i) % 3 for i in range(n))) for n in range(241)]
    assert talk(node, b"".join(frames), "echo") == b"".join(frames)


def test_a_damaged_byte_costs_its_frame_and_no_other(node: Path) -> None:
    good = encode_link(1, 7, b"\x00\x01\x02 payload")
    for at in range(1, len(good) - 1):
        for bit in range(8):
            damaged = bytearray(good)
            damaged[at] ^= 1 << bit
            stream = good + bytes(damaged) + good
            assert messages(stream) == [Message(1, 7, b"\x00\x01\x02 payload")] * 2
    stream = b"".join(good + bytes((*good[:5], good[5] ^ bit, *good[6:])) for bit in range(1, 256))
    assert talk(node, stream, "echo") == good * 255


def test_readings_and_text_arrive(node: Path) -> None:
    profile = load_profile("kampung-node")
    assert isinstance(profile, StreamProfile)
    decoder = LinkDecoder(profile.fields)
    results = [*decoder.feed(talk(node, b"")), *decoder.finish()]
    assert [r.detail for r in results if isinstance(r, FrameError)] == ["boot"]
    assert [tuple(x)[:3] for r in results if isinstance(r, Frame) for x in r.readings] == [
        ("soil_moisture", 31.2, "%"),
        ("soil_temperature", -2.5, "Cel"),
    ]


def test_a_valve_is_opened_answered_and_closes_by_itself(node: Path) -> None:
    wait = encode_link(0x7F, 0, bytes((200,)))
    commands = [
        set_output(1, 0, True, 300),
        wait,  # 200 s later, past the wrap of the clock
        set_output(2, 0, True, 5000),  # longer than the node allows
        *[wait] * 3,
        set_output(3, 1, True, 60),  # its interlock refuses
        set_output(4, 9, True, 60),  # there is none
        encode_link(0x10, 5, b"\x00"),
        set_output(6, 0, True, 10),
        set_output(7, 0, False, 0),
    ]
    heard = talk(node, b"".join(commands))
    assert [output_done(m) for m in messages(heard) if m.kind == 0x11] == [
        OutputDone(1, 0, 0, 1, 300),
        OutputDone(2, 0, 0, 1, 600),
        OutputDone(3, 1, 2, 0, 0),
        OutputDone(4, 9, 1, 0, 0),
        OutputDone(5, 0, 3, 0, 0),
        OutputDone(6, 0, 0, 1, 10),
        OutputDone(7, 0, 0, 0, 0),
    ]
    assert heard.count(b"valve closed by itself") == 1


def test_silence_closes_and_any_word_of_the_kiosk_keeps_open(node: Path) -> None:
    """30 s a step, 60 s of silence allowed."""
    step = encode_link(0x7F, 0, bytes((30,)))

    def closed(*frames: bytes) -> tuple[int, int]:
        text = talk(node, b"".join(frames), "stepped", "60")
        return text.count(b"valve closed by itself"), text.count(b"nothing to close")

    on = set_output(1, 0, True, 600)
    assert closed(on, step, alive(2), step, step) == (0, 3), "a frame is a word, even one nobody understands"
    assert closed(on, encode_link(0x7F, 0, bytes((60,)))) == (1, 0)
    assert closed(on, alive(2), encode_link(0x7F, 0, bytes((59,)))) == (0, 1)
    assert closed(set_output(1, 0, True, 20), step) == (1, 0)
    assert closed(on, set_output(2, 0, False, 0), encode_link(0x7F, 0, bytes((60,)))) == (0, 1)


class LiveNode:
    """The compiled firmware behind a pty, by the true clock; `said` is all it printed and sent."""

    def __init__(self, program: Path, plug, silent: int) -> None:
        self._process = subprocess.Popen([program, "live", str(silent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.said = b""
        self.wire = plug("node", self._tell)
        self._thread = threading.Thread(target=self._pump)
        self._thread.start()

    def _tell(self, data: bytes) -> bytes:
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        return b""

    def _pump(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read(4096):
            self.said += data
            self.wire.send(data)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._thread.join()
        with self._process as process:
            assert process.wait(60) == 0


@pytest.fixture
def live(node: Path, plug) -> Iterator[Callable[[int], LiveNode]]:
    nodes: list[LiveNode] = []

    def start(silent: int) -> LiveNode:
        nodes.append(LiveNode(node, plug, silent))
        return nodes[-1]

    yield start
    for one in nodes:
        one.close()


NODE = {"name": "node-1", "profile": "kampung-node"}


def test_a_port_switches_the_firmware_and_hears_what_it_did(live, started, eventually) -> None:
    firmware = live(0)
    port = started(firmware.wire.path, NODE)
    on = port.switch("node-1", "valve", True, seconds=1)
    assert (on.code, on.detail) == ("done", "valve of node-1 on for 1 s: confirmed by the device")
    eventually(lambda: b"valve closed by itself" in firmware.said)
    shorter = port.switch("node-1", "valve", True, seconds=1200)
    assert shorter.detail == "valve of node-1 on for 600 s: confirmed by the device", "its firmware allows no more"
    off = port.switch("node-1", "valve", False)
    assert (off.ok, off.detail) == (True, "valve of node-1 off: confirmed by the device")
    assert firmware.said.rstrip().endswith(b"valve shut")


def test_a_dead_kiosk_leaves_no_valve_open(live, started, eventually, monkeypatch) -> None:
    monkeypatch.setattr("kampung_bridge.stream_session.ALIVE_EVERY", 0.1)
    firmware = live(1)
    port = started(firmware.wire.path, NODE)
    assert port.switch("node-1", "valve", True, seconds=600).ok
    begun = firmware.said.count(b"valve open")
    eventually(lambda: firmware.said.count(b"valve open") > begun + 15)  # 1.5 s of beats
    assert b"valve closed" not in firmware.said
    port.stop()
    eventually(lambda: b"valve closed by itself" in firmware.said)


def test_the_example_sketch_is_c_plus_plus(tmp_path: Path) -> None:
    """With the few Arduino calls it makes declared, the sketch compiles."""
    arduino = """#include <stddef.h>
#include <stdint.h>
enum { OUTPUT, INPUT_PULLUP, LOW, HIGH, FALLING };
uint32_t millis(); int analogRead(int); void digitalWrite(int, int); void pinMode(int, int);
int digitalPinToInterrupt(int); void attachInterrupt(int, void (*)(), int);
struct { void begin(long); int available(); int read(); size_t write(const uint8_t *, size_t); void println(const char *); } Serial;
"""
    sketch = (FIRMWARE / "examples" / "kampung_node" / "kampung_node.ino").read_text("utf-8")
    source = tmp_path / "sketch.cpp"
    source.write_text(arduino + sketch, "utf-8")
    subprocess.run([compiler("g++"), "-std=c++11", "-Wall", "-Wextra", f"-I{FIRMWARE}", "-fsyntax-only", str(source)], check=True)
