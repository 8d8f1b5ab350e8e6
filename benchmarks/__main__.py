"""``python -m benchmarks [name …]``: run all benchmarks but the long ones, or those named."""

from __future__ import annotations

import importlib
import sys

from benchmarks.result import write

NAMES = ("ingest", "packs", "wire_bytes", "single", "latency", "decoders", "alarm_rules", "mornings", "residents")
LONG = (
    "edge_cost",
    "dry_season",
    "fleet",
    "fifty_sensors",
    "power_cut",
    "restart",
    "backlog",
    "receipts_lost",
    "links",
    "windows",
    "nodered",
    "growth",
    "growth_backlog",
    "flood",
    "messages",
    "tani_3g",
    "tree_map",
    "letters",
    "day",
)
"""Minutes each; run only when they are named."""


def main(names: list[str]) -> int:
    """Exit code 2 for a name that is no benchmark."""
    wrong = [n for n in names if n not in NAMES + LONG]
    if wrong:
        print(f"no benchmark {', '.join(wrong)}; there are {', '.join(NAMES + LONG)}", file=sys.stderr)
        return 2
    for name in names or NAMES:
        write(name, importlib.import_module(f"benchmarks.{name}").run())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
