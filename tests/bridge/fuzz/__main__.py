"""``python -m tests.bridge.fuzz [decoder …] [--seconds 10]``: each decoder fuzzed by atheris for a bounded time, in a process of its own.

A decoder must neither raise nor depend on how its bytes are cut, and must deliver nothing that was not on the line. Needs
``pip install atheris`` (Linux); ends with 2 without it, and with 1 when a decoder failed.
"""

import argparse
import contextlib
import importlib.util
import subprocess
import sys
import tempfile

HERE = "--here"  # the process that fuzzes one decoder
guided: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
if HERE in sys.argv:
    import atheris

    guided = atheris.instrument_imports(include=["kampung_bridge"])
with guided:
    from kampung_bridge.decoder import FrameError
    from kampung_bridge.measure import Measure
    from kampung_bridge.modbus import ReplyDecoder, read_request
    from kampung_bridge.profile import StreamProfile, load_profile, profile_ids
    from kampung_bridge.responder import RequestDecoder
    from kampung_bridge.stream import STREAM_DECODERS

PROFILES = {p.decoder: p for p in map(load_profile, profile_ids()) if isinstance(p, StreamProfile)}
NAMES = ["reply", "request", *STREAM_DECODERS]


def make(name: str):
    if name == "reply":
        return ReplyDecoder(1, 3, 4, read_request(1, 3, 0, 2))
    if name == "request":
        return RequestDecoder({1})
    if name in PROFILES:
        return STREAM_DECODERS[name](PROFILES[name].fields)
    return STREAM_DECODERS[name]({"1": Measure(quantity="a", unit="1", span=(-1e9, 1e9))})


def check(name: str, data: bytes) -> None:
    """The first byte says where to cut."""
    cut, line = (data[0], data[1:]) if data else (0, b"")
    whole, parts = make(name), make(name)
    expected = [*whole.feed(line), *whole.finish()]
    assert [*parts.feed(line[:cut]), *parts.feed(line[cut:]), *parts.finish()] == expected
    assert whole.counters == parts.counters
    for result in expected:
        if not isinstance(result, FrameError):
            assert result.raw in line


def fuzz(name: str, seconds: int, corpus: str) -> None:
    """In this process, which libFuzzer ends."""
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=600", "-verbosity=0", corpus], lambda data: check(name, data))
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bridge.fuzz")
    parser.add_argument("decoder", nargs="*", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument(HERE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    wrong = [name for name in options.decoder if name not in NAMES]
    if wrong:
        parser.error(f"there is no decoder {wrong[0]}; there are {', '.join(NAMES)}")
    if importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed; pip install atheris")
    with tempfile.TemporaryDirectory() as corpus:
        if options.here:
            fuzz(options.decoder[0], options.seconds, corpus)
            return 0
        failed = []
        for name in options.decoder or NAMES:
            command = [sys.executable, "-m", "tests.bridge.fuzz", name, "--seconds", str(options.seconds), HERE]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=None)
            print(f"{name}: {'no failure' if done.returncode == 0 else 'FAILED'} in {options.seconds} s", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stderr[-3000:], file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
