"""The depth of the wire: frames that the bridge's decoders read back, and a scenario with a real edge on real lines."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_bridge.clock import RehearsalClock
from kampung_bridge.decoder import FrameError
from kampung_bridge.profile import StreamProfile, load_profile, profile_ids
from kampung_bridge.stream import STREAM_DECODERS
from kampung_contract.errors import ConfigurationError
from kampung_sim.process import free_port
from kampung_sim.scenario.load import load, parse
from kampung_sim.scenario.processes.visitors import Visit
from kampung_sim.score.compare import Account, Frames, Held, Sent
from kampung_sim.wire.edge import configuration
from kampung_sim.wire.frames import ENCODERS, stream_frame
from kampung_sim.wire.residents import Residents
from kampung_sim.wire.run import few

PROGRAM = str(Path(sys.executable).with_name("kampung-sim"))
STREAMS = [p for name in profile_ids() if isinstance(p := load_profile(name), StreamProfile) and p.sdi12 is None and p.decoder in ENCODERS]
SCENARIO = """
name = "kawat"
seed = 5
start = 2026-11-21T06:00:00
duration = "1 h"
[[place]]
villages = "35.10.24.2008"
kit = "kios-dasar"
[process.visitors]
a_day = 960
hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
weekdays = [1, 1, 1, 1, 1, 1, 1]
[[fault]]
kind = "link-down"
at = "+10 min"
for = "8 min"
[[fault]]
kind = "garbled-frame"
at = "+20 min"
for = "10 min"
devices = "udara-1"
with = { share = 0.5 }
[[fault]]
kind = "port-unplugged"
at = "+32 min"
for = "6 min"
devices = "kali-1"
[[fault]]
kind = "edge-power-cut"
at = "+42 min"
for = "4 min"
"""


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(STREAMS), st.floats(0.02, 0.98), st.integers(0, 999))
def test_what_a_simulated_device_sends_is_what_the_bridge_reads(profile: StreamProfile, share: float, seq: int) -> None:
    """Every stream profile that can stand on a line; within one step of its scale."""
    values = {m.quantity: m.span[0] + (m.span[1] - m.span[0]) * share for m in profile.fields.values()}
    frame = stream_frame(profile, values, seq)
    assert frame is not None
    decoder = STREAM_DECODERS[profile.decoder](profile.fields)
    out = [*decoder.feed(frame), *decoder.finish()]
    read = {r.quantity: r.value for o in out if not isinstance(o, FrameError) for r in o.readings}
    assert not [o for o in out if isinstance(o, FrameError)]
    assert read.keys() == values.keys()
    for measure in profile.fields.values():
        step = max(abs(measure.scale) if measure.scale != 1 else 1.0, abs(values[measure.quantity]) * 1e-6)
        assert read[measure.quantity] == pytest.approx(values[measure.quantity], abs=step)


def test_a_device_behind_a_microcontroller_is_refused_with_the_remedy() -> None:
    profile = load_profile("bme280")
    assert isinstance(profile, StreamProfile)
    with pytest.raises(ConfigurationError, match=r"kampung-node.*--depth fleet"):
        stream_frame(profile, {})


def test_an_edges_file_is_one_that_edges_read(tmp_path: Path) -> None:
    """Every packaged kit's devices with their addresses, calibration and derived quantities."""
    text = 'name = "x"\nseed = 1\nstart = 2026-11-21T06:00:00\nduration = "1 h"\n[[place]]\nvillages = "35.10.24.2008"\nkit = "{}"\n'
    for kit in ("kios-dasar", "kios-20", "kios-sungai", "kios-tani"):
        (node,) = parse(text.format(kit), "x.toml", tmp_path).plan.nodes
        words = configuration(node, mqtt=1883, kiosk=0, start=1_795_000_000_000, begun=1_795_000_000_000, seconds=60.0)
        (tmp_path / "edge.toml").write_text(words)
        code = "import sys, pathlib, kampung_edge.config as c; print(sorted(d.name for d in c.load(pathlib.Path(sys.argv[1])).devices))"
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "edge.toml")], capture_output=True, text=True, check=False)
        assert done.stdout.strip() == str(sorted(d.name for d in node.devices)), done.stderr


def judged(held: list[tuple[int, float]], frames: Frames) -> Account:
    account = Account()
    t = np.array([1_000, 2_000, 3_000, 4_000, 5_000])
    sent = Sent(t * 0, t, t / 1000, np.ones(5, np.uint8))
    account.add_wire("k.d.q", sent, Held(np.array([a for a, _ in held], np.int64), np.array([v for _, v in held], float)), frames)
    return account


def test_frames_are_matched_by_value_and_time() -> None:
    polled = Frames(1_000, True, 300, 0, 0, [])
    whole = [(1_100, 1.0), (2_000, 2.0), (2_900, 3.0), (4_000, 4.0), (5_200, 5.0)]
    assert judged(whole, polled).unexplained == 0
    assert judged(whole[:2] + whole[3:], polled).named == ["k.d.q: the frame at 3000 is not there"]
    assert judged([*whole, (9_000, 3.0)], polled).foreign == 1
    dead = judged(whole[:2] + whole[3:], polled._replace(dead=[(2_500, 3_500)]))
    assert (dead.missing, dead.hindered, dead.unexplained) == (1, 1, 0)
    stream = Frames(2_000, False, 300, 0, 0, [])
    assert judged([whole[0], whole[2], whole[4]], stream).unexplained == 0
    assert judged([whole[0], whole[4]], stream).missing == 1


def test_a_scenario_with_a_real_edge(tmp_path: Path) -> None:
    """A technician's rehearsal: link, frames, cable and power fail, and every frame is accounted for."""
    (tmp_path / "s.toml").write_text(SCENARIO)
    done = subprocess.run(
        [PROGRAM, "run", "s.toml", "--depth", "wire", "--pace", "300", "--cloud-port", "0", "--ledger", "ledger", "--json", "score.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "score.json").read_text())["score"]
    residents, found = result["residents"], result["readings"]
    assert residents["visits"] + residents["unserved"] > 0 and residents["errors"] == 0, residents  # a slow edge comes up late
    assert residents["calls"] >= residents["visits"] * 8
    assert "Warga dilayani" in done.stdout
    assert found["unexplained"] == found["foreign"] == found["duplicated"] == 0
    assert found["stored"] > 100  # how many, depends on how soon the edge is up


def test_too_many_real_kiosks_are_refused_before_anything_starts() -> None:
    with pytest.raises(ConfigurationError, match="217 kiosks; at most 12"):
        few(load(Path("kabupaten-217")).plan)


def test_residents_meet_what_the_kiosk_answers() -> None:
    """A kiosk that serves, one that answers with an error, one that is gone, one that may be gone: each is counted as what it is."""
    asked: list[str] = []
    broken = False

    class Kiosk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status = 500 if broken and self.path == "/api/health" else 404 if self.path.startswith("/api/content/") else 200
            pages = {"/": b'<script src="/assets/a.js"></script>', "/api/stream": b"retry: 2000\n\n", "/api/series": b'[{"id": "a b"}]'}
            body = pages.get(self.path, b"[]")
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    clock = RehearsalClock(0, 3600.0, 0)
    visits = [Visit(0, 1_000, 7, "letter"), Visit(2_000, 3_000, 8, "information")]
    with ThreadingHTTPServer(("127.0.0.1", 0), Kiosk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        good = Residents("kios", server.server_port, visits, clock, lambda: False)
        good.run()
        broken = True
        met = Residents("kios", server.server_port, visits, clock, lambda: False)
        met.run()
        server.shutdown()
    assert (good.service.visits, good.service.errors, good.service.unserved) == (2, 0, 0)
    assert good.service.calls == 2 * 9 + 1 and good.service.by_service == {"letter": 1, "information": 1}
    assert asked[:3] == ["/", "/assets/a.js", "/api/village"] and asked[8] == "/api/stream"
    assert sum(path.startswith("/api/series/a%20b/window?start=") for path in asked) == 1
    assert (met.service.visits, met.service.errors, met.service.unserved) == (0, 2, 0)
    assert met.service.named[0] == "kios: resident 7 (letter): ValueError: /api/health: answers 500: []"
    for dead, wanted in ((False, (2, 0)), (True, (0, 2))):
        gone = Residents("kios", free_port(), visits, clock, lambda dead=dead: dead)
        gone.run()
        assert (gone.service.errors, gone.service.unserved) == wanted
