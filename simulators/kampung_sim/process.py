"""Programs of a simulated village, each a process of its own, started and stopped in order and never left behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from pathlib import Path

from kampung_contract.errors import ConfigurationError, KampungError


class ProcessFailed(KampungError):
    """A program of the village that ended, or never became ready."""

    code = "process_failed"


SBIN = ":/usr/sbin:/usr/local/sbin"
_DICE = random.SystemRandom()
"""Not the generator that scenarios and tests seed: the same seed would give the same port."""
_GIVEN: deque[int] = deque(maxlen=128)
"""Nobody may listen there yet: given to a second program, the one that starts first would be taken for the other."""
_GIVING = threading.Lock()


def free_port(*others: int) -> int:
    """A loopback port that nobody listens on now, that is none of the last 128 given in this process and none of ``others``.

    Below the range from which the kernel takes ports for outgoing connections (32768 up on Linux): a client that tries again and again
    to reach a server that is down would sooner or later be given the server's own port, connect to itself, and keep the server out.
    ``KAMPUNG_PORTS`` (``20000-21500``) says from where, so that programs that run side by side never take one another's.
    """
    named, _, end = os.environ.get("KAMPUNG_PORTS", "20000-32000").partition("-")
    first, last = int(named), int(end)
    with _GIVING:
        waiting = {*others, *list(_GIVEN)[-max(1, (last - first) // 2) :]}  # half of a small range at most, so that it does not run out
        while (port := _DICE.randrange(first, last)) in waiting or port_taken("127.0.0.1", port):
            pass
        _GIVEN.append(port)
    return port


def port_taken(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def find(program: str, package: str, otherwise: str, path: str = "") -> str:
    """Where a program is. Raises ``ConfigurationError`` with Debian's package, and what to do ``otherwise``."""
    found = shutil.which(program, path=path or os.environ.get("PATH", os.defpath) + SBIN)
    if found is None:
        raise ConfigurationError(f"{program} is not installed; apt-get install {package}, or {otherwise}")
    return found


def listening(port: int) -> bool:
    """Whether a connection to the loopback port is taken."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


def answers(url: str) -> bool:
    """Whether a GET is answered at all, degraded or not."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class Process:
    """One program. Ends with us even when we are killed (``setpriv --pdeathsig``, part of util-linux)."""

    def __init__(self, name: str, command: list[str], log: Path, ready: Callable[[], bool], env: dict[str, str] | None = None) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.ready = ready
        self.env = {**os.environ, **(env or {})}
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self.child.pid if self.running and self.child else None

    @property
    def running(self) -> bool:
        """Started and not ended."""
        return self.child is not None and self.child.poll() is None

    def start(self) -> None:
        """Start it; its words go to ``log``."""
        setpriv = shutil.which("setpriv")
        guard = [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [*guard, *self.command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, start_new_session=True
            )

    def wait_ready(self, seconds: float) -> None:
        """Return when it is ready. Raises ``ProcessFailed`` with its last words when it ends first or takes too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running:
                raise ProcessFailed(f"{self.name} ended with exit code {self.child.returncode if self.child else '?'}: {self.last_words()}")
            if self.ready():
                return
            time.sleep(0.05)
        raise ProcessFailed(f"{self.name} is not ready after {seconds:.0f} s; its log is {self.log}: {self.last_words()}")

    def last_words(self) -> str:
        """The last lines of its log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-5:])

    def stop(self, seconds: float = 8.0) -> None:
        """Ask it to end, and make it end after ``seconds``."""
        if self.child is None:
            return
        if self.running:
            self.child.terminate()
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self.child.wait()

    def kill(self) -> None:
        """SIGKILL, and wait."""
        if self.child is not None and self.running:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()
