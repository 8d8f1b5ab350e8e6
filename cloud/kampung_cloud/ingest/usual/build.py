"""Compile ``usual.c`` with the machine's own compiler: ``python build.py``, and what ``pip install`` does (``hatch_build.py``).

Nothing but the standard library: it runs before anything is installed. Without a compiler there is no library, and packs go the way
that needs none.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCE = FOLDER / "usual.c"
LIBRARY = FOLDER / ("usual.dll" if os.name == "nt" else "usual.so")
FLAGS = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared")
COMPILERS = ("cc", "gcc", "clang")


def mark() -> bytes:
    """What is found in a library that was compiled from ``usual.c`` as it is now."""
    return b"usual.c %08x" % zlib.crc32(SOURCE.read_bytes())


def compiler() -> list[str] | None:
    """``CC``, or the first that is installed; None when there is none."""
    if chosen := os.environ.get("CC"):
        return shlex.split(chosen)
    found = next(filter(None, map(shutil.which, COMPILERS)), None)
    return [found] if found else None


def build(library: Path = LIBRARY) -> str:
    """Compile unless that was done. Gives why there is no library, nothing when there is one."""
    if library.exists() and mark() in library.read_bytes():
        return ""
    program = compiler()
    if program is None:
        return f"no C compiler ({', '.join(COMPILERS)}, or name one in CC)"
    made = library.with_suffix(f".{os.getpid()}")
    try:
        done = subprocess.run(
            [*program, *FLAGS, f'-DSOURCE="{mark().decode()}"', str(SOURCE), "-o", str(made)], check=False, capture_output=True, text=True
        )
        if done.returncode:
            return f"{program[0]} cannot compile {SOURCE.name}: {done.stderr.strip()[:500]}"
        made.replace(library)  # whoever uses the old one keeps it
    except OSError as error:
        return f"{error.filename or program[0]}: {error.strerror}"
    finally:
        made.unlink(missing_ok=True)
    return ""


if __name__ == "__main__":
    sys.exit(build() or None)
