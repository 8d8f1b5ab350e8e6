"""Memory that is free goes back to the system: files are written in bursts, and allocators keep what a burst took for the next one."""

from __future__ import annotations

import ctypes
import os

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
"""As in glibc's ``malloc.h``."""
ARENAS = 1
"""Pieces of memory that threads share; glibc's own rule is eight for each core, and each keeps what was once used in it. Python's
threads wait for one another anyway."""
LARGE_BYTES = 512 * 1024
"""What is larger is the system's as soon as it is free: columns of a batch, say. By glibc's own rule that would hold for less and less,
up to 32 MB, and what is free would lie between what is not."""
ALLOCATORS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "DUCKDB_JE_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",
}
"""Arrow takes its memory from the C library instead of keeping a store of its own, DuckDB gives back at once what it does not need:
otherwise it waits for its next work, which may be hours away. Who starts the cloud may say otherwise in the environment."""


def share_arenas() -> None:
    """For this process, from now on; threads that were begun before keep their own, and so do libraries that are loaded already.

    Nothing where the C library has no such thing.
    """
    for name, value in ALLOCATORS.items():
        os.environ.setdefault(name, value)
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def release() -> None:
    """Of Arrow's and of the C library's. Takes about a millisecond."""
    import pyarrow as pa  # it begins a thread, before which arenas are to be shared

    pa.default_memory_pool().release_unused()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
