"""Figures of a process that has no API."""

from __future__ import annotations

import pytest
from kampung_cloud.metrics import Metrics
from kampung_contract.errors import ConfigurationError

from .conftest import HTTP


def test_a_process_without_an_api_shows_its_figures() -> None:
    """Counters and what works, at a port of its own; a port that is taken is said, and nothing is served where none is named."""
    metrics = Metrics()
    metrics.packs.labels("live").inc(3)
    metrics.tell(lambda: {"telemetry": {"ok": False}, "broker": {"ok": True}})
    with metrics.served(0) as port:
        told = HTTP.get(f"http://127.0.0.1:{port}/metrics").text.splitlines()
        assert 'kampung_packs_total{lane="live"} 3.0' in told
        assert ('kampung_part_ok{part="telemetry"} 0.0' in told, 'kampung_part_ok{part="broker"} 1.0' in told) == (True, True)
        with pytest.raises(ConfigurationError, match=f"{port}: .*choose another"), Metrics().served(port):
            pass
    with metrics.served(None) as nowhere:
        assert nowhere == 0
