"""A burst of 2,000 readings, unpaced, and a kill at the last acknowledgement: what gateways elsewhere lose nearly whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from kampung_contract.pack import decode
from kampung_edge.spool import Spool

READINGS, GROUP = 2_000, 20
BURST = f"""
import sys, time
from pathlib import Path
from kampung_contract.pack import Clock, column
from kampung_contract.topics import Lane
from kampung_edge.packing import Draft
from kampung_edge.spool import Spool
spool = Spool(Path(sys.argv[1]))
for first in range(0, {READINGS}, {GROUP}):
    rows = [(1_700_000_000_000 + n, float(n), 1) for n in range(first, first + {GROUP})]
    spool.append([Draft(Lane.LIVE, [column("d/rain", "mm", rows)])], "00000000", Clock(True, first))
    print(first + {GROUP}, flush=True)
time.sleep(60)
"""


def test_killed_at_the_last_acknowledgement_nothing_is_lost(tmp_path: Path) -> None:
    """All 2,000 are in the spool, each once, and wait to be sent."""
    path = tmp_path / "spool.sqlite"
    with subprocess.Popen([sys.executable, "-c", BURST, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while int(process.stdout.readline() or READINGS) < READINGS:
            pass
        process.send_signal(signal.SIGKILL)
    spool = Spool(path)
    values = [v for waiting in spool.peek(1_000) for col in decode(waiting.payload).series for v in col.v]
    spool.close()
    assert sorted(values) == [float(n) for n in range(READINGS)]
