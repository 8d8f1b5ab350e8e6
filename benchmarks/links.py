"""The link of many kiosks cut, and half-open for a minute, at random instants, at 50 Hz and at 1 Hz: no sequence number is missing.

Each sensor counts, so that its values are the sequence numbers. Half of the kiosks read 50 a second, the others one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kampung_sim.chaos.plan import plan

from benchmarks.result import FOLDER, Result

EDGES, RATES, SEED = 24, (50, 1), 1
INSTANTS = 200
"""At each rate, at the least."""
RUNS = (("half-open", 60.0, 1_200.0), ("cut", 10.0, 310.0))
"""Fault, seconds it is held, seconds of the run."""


def run() -> Iterator[Result]:
    """Raises ``AssertionError`` when a reading is missing, doubled or altered; the reports are kept beside the results."""
    for fault, hold, seconds in RUNS:
        strokes = plan(SEED, seconds, 0, (fault,), EDGES, hold=hold)
        instants = {rate: sum(RATES[s.edge % len(RATES)] == rate for s in strokes) for rate in RATES}
        if min(instants.values()) < INSTANTS:
            raise AssertionError(f"{fault}: {instants} instants by rate; at least {INSTANTS} are to be tried")
        report = _chaos(fault, hold, seconds)
        name = fault.replace("-", "_")
        wrong = report["missing"] + report["duplicated"] + report["altered"]
        if wrong or report["skipped"] or report["faults"] != {fault: len(strokes)}:
            raise AssertionError(f"{fault}: {report['named']}, skipped {report['skipped']}, done {report['faults']} of {len(strokes)}")
        for rate, count in instants.items():
            yield Result(f"link_{name}_{hold:.0f}_s_instants_at_{rate}_hz", count, "instants", None, None, count)
        yield Result(f"link_{name}_{hold:.0f}_s_missing", wrong, "readings", None, None, report["sent"])
        yield Result(f"link_{name}_{hold:.0f}_s_drained", report["drained_s"], "s", None, None, 1)


def _chaos(fault: str, hold: float, seconds: float) -> dict[str, Any]:
    program = str(Path(sys.executable).with_name("kampung-sim"))
    options = {"seed": SEED, "seconds": seconds, "kills": 0, "faults": fault, "hold": hold, "edges": EDGES, "drain": 300}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        command = [program, "chaos", *words, "--rate", ",".join(map(str, RATES)), "--json", str(file)]
        subprocess.run(command, check=True, timeout=seconds + 600)
        (FOLDER / f"chaos-{fault}.json").write_bytes(file.read_bytes())
        return dict(json.loads(file.read_bytes()))
