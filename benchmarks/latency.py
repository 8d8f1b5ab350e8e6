"""From a frame on the pseudo-terminal to its value on the kiosk's event stream, through the real edge program."""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import tempfile
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_sim.process import Process, answers, free_port

from benchmarks.result import Result

FRAMES = 400

EDGE = """
village = "35.10.24.2008"
node = "kios-ukur"
data = "edge"
[broker]
url = "mqtt://127.0.0.1:{mqtt}"
[kiosk]
host = "127.0.0.1"
port = {kiosk}
[[port]]
url = "{line}"
[[port.device]]
name = "kali-1"
profile = "a02yyuw"
every = 0
"""


def run() -> Iterator[Result]:
    """p50 and p95 in milliseconds over frames at random moments, no cloud there at all."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    seen: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        here, kiosk = Path(folder), free_port()
        (here / "edge.toml").write_text(EDGE.format(mqtt=free_port(), kiosk=kiosk, line=os.ttyname(theirs)), encoding="utf-8")
        health = f"http://127.0.0.1:{kiosk}/api/health"
        command = [str(Path(sys.executable).with_name("kampung-edge")), "run", "--config", str(here / "edge.toml")]
        edge = Process("edge", command, here / "edge.log", lambda: answers(health))
        edge.start()
        try:
            edge.wait_ready(30)
            stream = http.client.HTTPConnection("127.0.0.1", kiosk, timeout=30)
            stream.request("GET", "/api/stream")
            answer = stream.getresponse()

            def listen() -> None:
                while len(seen) < FRAMES and (line := answer.readline()):
                    if line.startswith(b"data:") and b'"value"' in line:
                        seen.setdefault(round(json.loads(line[5:])["value"] * 1000), time.perf_counter())

            listener = threading.Thread(target=listen, daemon=True)
            listener.start()
            sent: dict[int, float] = {}
            dice = random.Random(7)
            time.sleep(1)
            for millimetres in dice.sample(range(100, 4400), FRAMES):
                sent[millimetres] = time.perf_counter()
                os.write(ours, encode_a02yyuw(millimetres))
                time.sleep(dice.uniform(0.02, 0.06))
            listener.join(10)
            stream.close()
        finally:
            edge.stop()
            os.close(ours)
            os.close(theirs)
    if seen.keys() != sent.keys():
        raise AssertionError(f"{len(sent)} frames, {len(seen)} values on the stream")
    delays = sorted((seen[m] - sent[m]) * 1000 for m in sent)
    yield Result("frame_to_kiosk_p50", delays[len(delays) // 2], "ms", None, None, FRAMES)
    yield Result("frame_to_kiosk_p95", delays[int(len(delays) * 0.95)], "ms", None, None, FRAMES)
