"""Memory that is free goes back to the system: what a process of the cloud does before it loads anything else."""

from __future__ import annotations

import os
import subprocess
import sys

from kampung_cloud.telemetry.freeing import ALLOCATORS

BEGIN = """
import sys
from kampung_cloud import main
from kampung_cloud.config import load
main._share_arenas()
assert not {"pyarrow", "duckdb"} & sys.modules.keys(), "loaded too early to be told"
import duckdb, pyarrow

def resident():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * 4096

store = duckdb.connect(config={"threads": "1"})
store.execute("CREATE TABLE much AS SELECT hash(range) AS x FROM range(4_000_000)")
before = resident()
store.execute("DROP TABLE much")
print(pyarrow.default_memory_pool().backend_name, (before - resident()) // 10**6)
"""


def test_what_duckdb_and_arrow_no_longer_need_is_not_kept() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ALLOCATORS}
    said = subprocess.run([sys.executable, "-c", BEGIN], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    pool, megabytes = said.split()
    assert pool == "system"
    assert int(megabytes) > 24  # of 32
