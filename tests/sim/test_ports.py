"""Ports of simulated programs: of two that were given one port, the first to start would be taken for the second."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from kampung_sim.process import free_port
from kampung_sim.village import Village


@pytest.fixture
def few_ports(monkeypatch: pytest.MonkeyPatch) -> range:
    """Forty to choose from, somewhere within those of this worker."""
    first = free_port() // 100 * 100
    monkeypatch.setenv("KAMPUNG_PORTS", f"{first}-{first + 40}")
    return range(first, first + 40)


def test_no_port_is_given_twice_while_nobody_listens_on_it_yet(few_ports: range) -> None:
    """Also when there are few; those given long ago come round again, so that none are left over never happens."""
    given = [free_port() for _ in range(60)]
    assert set(given) <= set(few_ports)
    assert all(len(set(given[at : at + 20])) == 20 for at in range(len(given) - 20))


def test_every_program_of_a_village_has_a_port_of_its_own(few_ports: range, tmp_path: Path) -> None:
    """Those that its user named count as well, though no program listens there before it starts."""
    for _ in range(20):
        place = Village(tmp_path, few_ports[0], few_ports[1], messages_port=few_ports[2])
        ports = [port for name, port in vars(place).items() if name.endswith("_port")]
        assert len(set(ports)) == len(ports) == 10


def test_another_program_on_its_port_is_not_taken_for_the_regency(tmp_path: Path) -> None:
    """Ready is the regency that has written its token; else the village's first question to it would end with a file that is not there."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        place = Village(tmp_path, free_port(), other.server_port)
        cloud = next(program for program in place._programs() if program.name == "cloud")
        assert not cloud.ready()
        (tmp_path / "cloud").mkdir()
        (tmp_path / "cloud" / "token").write_text("simulasi-simulasi\n", encoding="utf-8")
        assert cloud.ready()  # answered it was; only the token was missing
        other.shutdown()
