"""BMKG's forecast: a sample of its shape, what cannot be read, and a service that does not answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.forecast_settings import ForecastSettings
from kampung_cloud.modules.farming.forecasts import InvalidForecast, Round, read
from kampung_sim.process import free_port
from pydantic import ValidationError

VILLAGE = "35.10.24.2008"
MORNING = datetime(2026, 11, 30, 22, tzinfo=UTC)
NOW = round(MORNING.timestamp() * 1000)


def sample(rain: list[float], codes: list[int] | None = None, village: str = VILLAGE) -> dict[str, Any]:
    """In the shape of BMKG's answers (fields that are not read are left out), three-hourly from midnight UTC; the numbers are made up."""
    first = MORNING.replace(hour=0)
    steps = [
        {
            "utc_datetime": (first + timedelta(hours=3 * n)).strftime("%Y-%m-%d %H:%M:%S"),
            "local_datetime": (first + timedelta(hours=3 * n + 7)).strftime("%Y-%m-%d %H:%M:%S"),
            "t": 27, "hu": 85, "ws": 6.1, "tp": mm, "weather": codes[n] if codes else 61 if mm else 3, "weather_desc": "Hujan Sedang",
        }
        for n, mm in enumerate(rain)
    ]  # fmt: skip
    place = {"adm1": "35", "adm2": "35.10", "adm3": village[:8], "adm4": village, "desa": "Tamansari", "timezone": "+0700"}
    return {"lokasi": place, "data": [{"lokasi": place, "cuaca": [steps[n : n + 8] for n in range(0, len(steps), 8)]}]}


def told(rain: list[float], **more: Any) -> tuple[float, float]:
    found = read(json.dumps(sample(rain, **more)).encode(), VILLAGE, NOW)
    return found.rain, found.chance


def test_only_the_coming_day_counts() -> None:
    """From five in the morning WIB on, eight steps; what fell before and what falls after does not count."""
    assert told([9] * 8 + [2, 2, 2, 2, 2, 0, 0, 0] + [50] * 8) == (10, 62.5)
    assert told([0] * 24) == (0, 0)
    assert told([0] * 8 + [20, 0, 0, 0, 0, 0, 0, 0] + [0] * 8) == (20, 12.5)
    assert told([0] * 24, codes=[61] * 24) == (0, 100)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "cannot be read"),
        (b"[]", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b'{"lokasi": {"adm4": "x"}, "data": []}', "cannot be read"),
        (json.dumps(sample([0] * 24, village="35.10.01.2001")).encode(), "is of '35.10.01.2001'"),
        (json.dumps(sample([0] * 8)).encode(), "it is old"),
        (json.dumps(sample([-1] * 24)).encode(), "tp = -1"),
        (json.dumps(sample([9999] * 24)).encode(), "tp = 9999"),
    ],
)
def test_what_is_no_forecast(body: bytes, words: str) -> None:
    """Is refused in words; a wrong place most of all."""
    with pytest.raises(InvalidForecast, match=words):
        read(body, VILLAGE, NOW)


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda i: st.lists(i) | st.dictionaries(st.sampled_from(["lokasi", "adm4", "data", "cuaca", "tp", "utc_datetime"]), i),
    )
)
def test_any_answer(value: Any) -> None:
    """Nothing makes it fall over."""
    with pytest.raises(InvalidForecast):
        read(json.dumps(value).encode(), VILLAGE, NOW)


class _Service(BaseHTTPRequestHandler):
    status, asked = 200, list[str]()

    def do_GET(self) -> None:
        _Service.asked.append(self.path)
        body = json.dumps(sample([3] * 24)).encode()
        self.send_response(_Service.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[str]:
    """A service on this machine that gives the sample."""
    port = free_port()
    server = ThreadingHTTPServer(("127.0.0.1", port), _Service)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    _Service.status, _Service.asked = 200, []
    yield f"http://127.0.0.1:{port}/publik/prakiraan-cuaca"
    server.shutdown()
    server.server_close()


def test_a_round(service: str) -> None:
    """Asks by village code; once the service fails, it is left alone for the round; without a name nobody is asked."""
    asking = Round(ForecastSettings(url=service), lambda _: None)
    found = asking.get(VILLAGE, NOW)
    assert found is not None
    assert (found.rain, found.chance) == (24, 100)
    assert asking.get("35.10.01.2001", NOW) is None
    _Service.status = 503
    assert asking.get(VILLAGE, NOW) is None
    assert asking.get(VILLAGE, NOW) is None
    asking.close()
    assert [p.rpartition("=")[2] for p in _Service.asked] == [VILLAGE, "35.10.01.2001", VILLAGE]
    assert Round(ForecastSettings(), lambda _: None).get(VILLAGE, NOW) is None


def test_settings() -> None:
    """An address, or nothing."""
    with pytest.raises(ValidationError, match="expected https"):
        ForecastSettings(url="ftp://example.org")
