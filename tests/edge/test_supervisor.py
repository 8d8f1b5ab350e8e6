"""A thread that fails is seen and started again."""

from __future__ import annotations

import threading

from kampung_edge import supervisor
from kampung_edge.supervisor import Supervisor


def test_failed_thread_is_told_and_started_again(monkeypatch, until):
    """The trouble names the thread and what it died of."""
    monkeypatch.setattr(supervisor, "BACKOFF_S", (0.05, 1.0))
    watcher, runs, end = Supervisor(), [], threading.Event()

    def body():
        runs.append(1)
        if len(runs) < 3:
            raise ValueError("the disk is on fire")
        end.wait(10)

    thread = watcher.start("spool", body)
    until(lambda: len(runs) == 3, "it is started again")
    assert "spool" in watcher.troubles()[0]
    assert "the disk is on fire" in watcher.troubles()[0]
    until(lambda: not watcher.troubles(), "a good run cures", 5)
    watcher.stopping()
    end.set()
    thread.join(60)
    assert not thread.is_alive()
