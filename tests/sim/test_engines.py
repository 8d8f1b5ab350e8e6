"""Telemetry engines that are servers: started beside a village, killed, and started again on what they had."""

from __future__ import annotations

from pathlib import Path

import pytest
from kampung_contract.errors import ConfigurationError
from kampung_sim.chaos.brokers import Broker
from kampung_sim.chaos.edge import Kiosks
from kampung_sim.chaos.place import Place
from kampung_sim.engines import ENGINES, engine
from kampung_sim.process import answers, free_port
from kampung_sim.village import MEMORY, Village


@pytest.mark.parametrize("url", ["memory:", "duckdb:telemetry.duckdb", "influxdb:http://elsewhere:8086/kampung"])
def test_what_is_no_server_of_ours_is_left_alone(tmp_path: Path, url: str) -> None:
    assert engine(url, tmp_path / "engine", tmp_path / "log") == (url, None)


@pytest.mark.parametrize("scheme", sorted(ENGINES))
def test_a_server_is_killed_and_comes_back(tmp_path: Path, scheme: str) -> None:
    """It belongs to the place's programs, before all that need it, and answers at the address the cloud is given."""
    place = Place(tmp_path, Broker.MOSQUITTO, f"{scheme}:", Kiosks(1, 1, (20.0,), 1))
    server = place.engine
    assert server is not None
    assert place.programs[0] is server
    try:
        base = (tmp_path / "cloud.toml").read_text().split(f'"{scheme}:', 1)[1].split('"', 1)[0]
        for _ in range(2):
            server.start()
            server.process.wait_ready(60)
            assert answers(f"{base}/query?q=SHOW+DATABASES" if scheme == "influxdb" else f"{base}/health")
            assert server.kill()
            assert not answers(f"{base}/")
        assert server.kills == 2
    finally:
        place.close()


def test_a_village_does_not_leave_its_readings_behind(tmp_path: Path) -> None:
    """Its engine is chosen at the first start; another one later is refused before anything is started."""
    (tmp_path / MEMORY).write_text('{"begun": 1, "history_from": 0, "reached": 1, "telemetry": "influxdb:"}')
    with (
        Village(tmp_path, free_port(), free_port(), telemetry="duckdb:x.duckdb") as village,
        pytest.raises(ConfigurationError, match=r"--telemetry duckdb:x\.duckdb: .* keeps its readings in influxdb:; leave the option"),
    ):
        village.start()
    assert village.processes == []
    assert not (tmp_path / "log").exists()
