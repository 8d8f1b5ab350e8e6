"""``python -m benchmarks [name …]``: run all benchmarks, or those named."""

from __future__ import annotations

import importlib
import sys

from benchmarks.result import write

NAMES = ("ingest", "wire_bytes", "single", "latency")


def main(names: list[str]) -> int:
    """Exit code 2 for a name that is no benchmark."""
    wrong = [n for n in names if n not in NAMES]
    if wrong:
        print(f"no benchmark {', '.join(wrong)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in names or NAMES:
        write(name, importlib.import_module(f"benchmarks.{name}").run())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
