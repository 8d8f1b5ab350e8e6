"""The catalogue of quantities."""

import subprocess
import sys

MANY_AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-6)
from kampung_contract.quantities import quantity
start = threading.Barrier(6)
def ask():
    start.wait()
    assert quantity("water_level").unit == "m"
threads = [threading.Thread(target=ask) for _ in range(6)]
for t in threads: t.start()
for t in threads: t.join()
"""


def test_many_threads_may_ask_first() -> None:
    """The ports of a kiosk begin at once; one program in eight crashed when each read the catalogue for itself."""
    assert [subprocess.run([sys.executable, "-c", MANY_AT_ONCE], check=False).returncode for _ in range(8)] == [0] * 8
