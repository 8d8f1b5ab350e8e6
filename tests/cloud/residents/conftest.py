"""A cloud whose broker is away, with staff of two villages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse

from ..conftest import VILLAGE, free_port
from ..desk import Desk, make

OTHER = "35.10.25.2006"


@dataclass
class Office:
    """Staff at their desks: of the village, of another, of the whole regency."""

    app: CloudApp
    siti: Desk
    tono: Desk
    kab: Desk

    def add(self, name: str, desk: Desk | None = None, **more: Any) -> int:
        """A resident who moved in; his number."""
        body = {"kind": "move_in", "day": "2026-01-05", "person": {"name": name, **more}}
        answer = (desk or self.siti).ask("POST", "residents", body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def search(self, q: str, desk: Desk | None = None, **more: Any) -> list[str]:
        answer = (desk or self.siti).ask("POST", "residents/search", {"q": q, "purpose": "permohonan", **more})
        assert answer.status_code == 200, answer.text
        return [each["name"] for each in answer.json()["residents"]]

    def see(self, number: int, purpose: str = "permohonan", **query: Any) -> Any:
        more = "".join(f"&{k}={v}" for k, v in query.items())
        answer = self.siti.ask("GET", f"residents/{number}?purpose={purpose}{more}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("residents")
    tables = {"broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}
    app = CloudApp(parse(tables, folder))
    app.start()
    (folder / "cloud.toml").write_text(f'data = "{app.config.data}"\n[api]\nport = {app.port}\n')
    make(app, "siti", ["petugas"], VILLAGE)
    make(app, "tono", ["petugas", "kades"], OTHER)
    make(app, "kab", ["petugas"], None)
    yield Office(app, Desk(app, "siti"), Desk(app, "tono"), Desk(app, "kab"))
    app.stop()
