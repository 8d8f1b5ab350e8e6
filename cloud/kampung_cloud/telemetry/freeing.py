"""Memory that is free goes back to the system: files are written in bursts, and the C library keeps what a burst took for the next one."""

from __future__ import annotations

import ctypes

import pyarrow as pa

M_ARENA_MAX = -8
"""As in glibc's ``malloc.h``."""
ARENAS = 2
"""Pieces of memory that threads share; glibc's own rule is eight for each core, and each keeps what was once used in it."""


def share_arenas() -> None:
    """For this process, from now on. Nothing on systems whose C library has no such thing."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_ARENA_MAX, ARENAS)


def release() -> None:
    """Of Arrow's and of the C library's. Takes about a millisecond."""
    pa.default_memory_pool().release_unused()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
