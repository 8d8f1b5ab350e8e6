"""``python -m tests.bridge.fuzz [decoder …] [--seconds 10]``: each decoder fuzzed by atheris for a bounded time, in a process of its own.

A decoder must neither raise nor depend on how its bytes are cut, must deliver nothing that was not on the line or whose check fails.
It begins with the frames of `cases`. Needs ``pip install atheris`` (Linux); ends with 2 without it, and with 1 when a
decoder failed; the input that did it is shown in hex.
"""

import argparse
import contextlib
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

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

    from tests.bridge.frame_checks import FRAME_CHECKS

CASES = Path(__file__).parents[1] / "cases"
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
            assert name not in FRAME_CHECKS or FRAME_CHECKS[name](result.raw)


def seeds(name: str) -> list[bytes]:
    """What goes in first: each case of a profile with this decoder, as one line cut in its middle."""
    if name == "request":
        return [b"\x04" + read_request(1, 3, 0, 2), b"\x00" + read_request(1, 4, 1, 2) * 2]
    profiles = [p for p in map(load_profile, profile_ids()) if isinstance(p, StreamProfile) and p.decoder == name]
    folders = ["dfrobot-sen0600"] if name == "reply" else [profile.id for profile in profiles]
    texts = [file.read_text("utf-8") for folder in folders for file in sorted((CASES / folder).glob("*.txt"))]
    lines = [b"".join(bytes.fromhex(heard[1:]) for heard in text.splitlines() if heard.startswith(">")) for text in texts]
    return [bytes((min(255, len(line) // 2),)) + line for line in lines]


def fuzz(name: str, seconds: int, corpus: Path) -> None:
    """In this process, which libFuzzer ends."""
    for number, seed in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", "-max_len=600", "-verbosity=0", "-print_final_stats=1", f"-artifact_prefix={corpus}/failed-"]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], lambda data: check(name, data))
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bridge.fuzz")
    parser.add_argument("decoder", nargs="*", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--corpus", type=Path, help="folder that keeps what was found, a folder a decoder in it")
    parser.add_argument(HERE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    wrong = [name for name in options.decoder if name not in NAMES]
    if wrong:
        parser.error(f"there is no decoder {wrong[0]}; there are {', '.join(NAMES)}")
    if importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed; pip install atheris")
    if options.here:
        fuzz(options.decoder[0], options.seconds, options.corpus)
        return 0
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.decoder or NAMES:
            corpus = (options.corpus or Path(temporary)) / name
            corpus.mkdir(parents=True, exist_ok=True)
            command = [sys.executable, "-m", "tests.bridge.fuzz", name, "--seconds", str(options.seconds), "--corpus", str(corpus), HERE]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            runs = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
            told = f"{int(runs[1]):,} inputs" if runs else "ended early"
            print(f"{name}: {'FAILED' if done.returncode else 'no failure'} in {options.seconds} s, {told}", flush=True)
            if done.returncode:
                failed = True
                told = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("INFO:", "WARNING:"))]
                print(
                    *told[-40:],
                    *(f"{file.name}: {file.read_bytes().hex()}" for file in corpus.glob("failed-*")),
                    sep="\n",
                    file=sys.stderr,
                )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
