"""A disk that can be full: a small tmpfs of the edge's own as root, else a limit on how far its files may grow."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
from pathlib import Path

SIZE = "64m"
FILLER = "filler"


class Disk:
    """Of one folder. ``fill`` and ``free`` may be called in any order and more than once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.mounted = os.geteuid() == 0 and _mount(folder)
        self._limited: int | None = None

    def fill(self, pid: int) -> None:
        """Nothing more fits. Without a tmpfs of our own, only for process ``pid``, and for what would grow a file."""
        if not self.mounted:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
            self._limited = pid
            return
        block = b"\0" * 65_536
        with contextlib.suppress(OSError), (self.folder / FILLER).open("ab", buffering=0) as filler:
            while filler.write(block):
                pass

    def free(self) -> None:
        """There is room again."""
        if self.mounted:
            (self.folder / FILLER).unlink(missing_ok=True)
        elif self._limited is not None:
            with contextlib.suppress(OSError):
                resource.prlimit(self._limited, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            self._limited = None

    def close(self) -> None:
        """Take the tmpfs away; what was in it is then in the folder itself."""
        self.free()
        if self.mounted:
            kept = self.folder.with_name(f"{self.folder.name}.kept")
            shutil.copytree(self.folder, kept, dirs_exist_ok=True)
            subprocess.run(["umount", "-l", str(self.folder)], check=False)
            self.mounted = False
            shutil.copytree(kept, self.folder, dirs_exist_ok=True)
            shutil.rmtree(kept)


def _mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "kampung-chaos", str(folder)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False
