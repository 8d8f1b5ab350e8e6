"""What Linux says a process has used."""

from __future__ import annotations

import os
from pathlib import Path


def cpu_s(pid: int | None) -> float:
    """Seconds of processor time, of all threads, in the kernel too."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status_mb(pid: int | None, key: str) -> float:
    """A size out of ``/proc/…/status``, such as ``VmRSS``, in MB of 10^6 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) * 1024 / 1e6


def written(pid: int | None) -> int:
    """Bytes that went to a disk."""
    lines = Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes:"))
