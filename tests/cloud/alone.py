"""A cloud that no broker speaks to: for what is asked over its API alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_contract.times import text
from kampung_sim.process import free_port

from .conftest import HTTP


@contextlib.contextmanager
def cloud_alone(folder: Path, **tables: Any) -> Iterator[CloudApp]:
    """Started in this process, with readings in memory and records in ``folder``."""
    start: dict[str, Any] = {"data": "cloud-data", "broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0}}
    app = CloudApp(parse(start | {"telemetry": {"url": "memory:"}} | tables, folder))
    app.start()
    yield app
    app.stop()


def put_readings(app: CloudApp, rows: Iterable[tuple[int, str, str, float, str]]) -> None:
    """Import readings: time (ms UTC), series, village, value, unit."""
    lines = ["time,series,village,value,unit,quality,estimated,received"]
    lines += [f"{text(t)},{series},{village},{value},{unit},1,0,{text(t)}" for t, series, village, value, unit in rows]
    key = {"Authorization": f"Bearer {app.token}"}
    answer = HTTP.post(f"{app.url}/api/v1/readings", content=("\r\n".join(lines) + "\r\n").encode(), headers=key)
    assert answer.status_code == 200, answer.text
