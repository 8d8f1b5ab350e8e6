"""Single-reading packs as they come: ours committed and receipted, beside Node-RED turning each into a line for VictoriaMetrics."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kampung_contract.pack import dictionary
from kampung_contract.topics import FILTERS, Address, Lane
from kampung_sim.process import Process, answers, free_port

from benchmarks.engines import Engine, victoria_metrics
from benchmarks.packs import Receipts
from benchmarks.place import VILLAGE, packs, place
from benchmarks.result import Result
from benchmarks.stream import Stream, encoded

VERSION = "4.1.15"
HOME = Path("var/bench/node-red")
COUNT, THEIRS = 40_000, 1_000
ROUNDS = 2
START = 1_760_000_000_000
NODE = "kios-satu"
LINE = """
const zlib = global.get('zlib');
const plain = msg.payload[0] === 0x78 ? zlib.inflateSync(msg.payload, {dictionary: global.get('dictionary')}) : msg.payload;
const pack = JSON.parse(plain.toString());
const kiosk = msg.topic.split('/')[4];
msg.payload = pack.series.map(c => {
  let t = c.t;
  return c.v.map((v, i) => { t += i ? c.dt[i - 1] : 0; return `${c.n.replace('/', '_')},node=${kiosk} value=${v} ${t}`; }).join('\\n');
}).join('\\n');
msg.headers = {'content-type': 'text/plain'};
return msg;
"""
SETTINGS = """
module.exports = {
  uiHost: '127.0.0.1', uiPort: %(port)d, flowFile: 'flows.json', credentialSecret: false, logging: {console: {level: 'error'}},
  functionGlobalContext: {zlib: require('zlib'), dictionary: require('fs').readFileSync('%(dictionary)s')},
};
"""


def program() -> str:
    """Node-RED's command, installed by npm where it is not there yet."""
    script = HOME / "node_modules/node-red/red.js"
    if not script.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(HOME), f"node-red@{VERSION}"], check=True)
    return str(script.resolve())


def flow(mqtt_port: int, engine: Engine) -> list[dict[str, object]]:
    """MQTT at QoS 1, a function, an HTTP request for each message."""
    broker = {"id": "b", "type": "mqtt-broker", "name": "", "broker": "127.0.0.1", "port": str(mqtt_port), "clientid": "node-red"}
    broker |= {"autoConnect": True, "usetls": False, "protocolVersion": "4", "keepalive": "60", "cleansession": False}
    source = {"id": "in", "type": "mqtt in", "z": "f", "topic": FILTERS[0], "qos": "1", "datatype": "buffer", "broker": "b"}
    request = {"id": "out", "type": "http request", "z": "f", "method": "POST", "ret": "txt", "persist": True, "wires": [[]]}
    return [
        {"id": "f", "type": "tab", "label": "bench"},
        broker,
        {**source, "inputs": 0, "wires": [["fn"]]},
        {"id": "fn", "type": "function", "z": "f", "func": LINE, "outputs": 1, "wires": [["out"]]},
        {**request, "url": f"http://127.0.0.1:{engine.port}/write?precision=ms"},
    ]


def held(engine: Engine) -> int:
    """Readings that VictoriaMetrics has taken."""
    lines = engine.ask("/metrics").splitlines()
    return sum(int(line.rpartition(" ")[2]) for line in lines if line.startswith('vm_rows_inserted_total{type="influx"}'))


def ours(data: bytes) -> float:
    """Messages per second until the last receipt."""
    with place() as here:
        here.start_cloud()
        receipts, stream = Receipts(here.mqtt_port), Stream(here.mqtt_port, "sender")
        begun = time.perf_counter()
        stream.send(data, COUNT)
        seconds = receipts.wait(COUNT) - begun
        receipts.close()
        stream.close()
        found = sum(int(n["readings"]) for n in here.ask("/api/v1/nodes"))
        if found != COUNT:
            raise AssertionError(f"sent {COUNT} readings, the store holds {found}")
    return COUNT / seconds


def theirs(data: bytes) -> float:
    """Messages per second until VictoriaMetrics has counted them all in."""
    with place() as here, victoria_metrics() as engine, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        words = Path(folder) / "dictionary"
        words.write_bytes(dictionary())
        (Path(folder) / "settings.js").write_text(SETTINGS % {"port": port, "dictionary": words}, encoding="utf-8")
        (Path(folder) / "flows.json").write_text(json.dumps(flow(here.mqtt_port, engine)), encoding="utf-8")
        node = shutil.which("node") or "node"
        red = Process("node-red", [node, program(), "-u", folder], Path(folder) / "log", lambda: answers(f"http://127.0.0.1:{port}/"))
        red.start()
        try:
            red.wait_ready(120)
            time.sleep(3)
            stream = Stream(here.mqtt_port, "sender")
            begun = time.perf_counter()
            stream.send(data, THEIRS)
            deadline = begun + 180
            while (found := held(engine)) < THEIRS:
                if time.perf_counter() > deadline:
                    raise TimeoutError(f"{found} of {THEIRS} readings after 180 s; {red.last_words()}")
                time.sleep(0.05)
            seconds = time.perf_counter() - begun
            stream.close()
        finally:
            red.stop()
    return THEIRS / seconds


def run() -> Iterator[Result]:
    """In turns."""
    topic = Address(VILLAGE, NODE).up(Lane.LIVE)
    payloads = packs(COUNT, 1, 1, START)
    every, some = encoded((topic, p) for p in payloads), encoded((topic, p) for p in payloads[:THEIRS])
    found = [(ours(every), theirs(some)) for _ in range(ROUNDS)]
    mine, peers = ([pair[i] for pair in found] for i in (0, 1))
    value, peer = statistics.median(mine), statistics.median(peers)
    said = f"Node-RED {VERSION} to VictoriaMetrics, {peer:,.0f} messages/s ({min(peers):,.0f} to {max(peers):,.0f})"
    yield Result("single_vs_nodered", value, "messages/s", value / peer, f"{said}; ours {min(mine):,.0f} to {max(mine):,.0f}", COUNT)
