"""Memory that is free goes back to the system: files are written in bursts, and the C library keeps what a burst took for the next one."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""As in glibc's ``malloc.h``."""
ARENAS = 1
"""Pieces of memory that threads share; glibc's own rule is eight for each core, and each keeps what was once used in it. Python's
threads wait for one another anyway."""


def share_arenas() -> None:
    """For this process, from now on; threads that were begun before keep their own. Nothing where the C library has no such thing."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_ARENA_MAX, ARENAS)


def release() -> None:
    """Of Arrow's and of the C library's. Takes about a millisecond."""
    import pyarrow as pa  # it begins a thread, before which arenas are to be shared

    pa.default_memory_pool().release_unused()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
