"""Every route of the OpenAPI, asked by nobody, by another role and by another village's staff: refused, or public and named as such."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.access.actor import ROLES
from kampung_cloud.api.body_limit import MOST_BYTES, PIECEWISE
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse

from .conftest import HTTP, VILLAGE, free_port
from .desk import Desk, make

OTHER = "35.10.25.2006"
PUBLIC = tomllib.loads((Path(__file__).parent / "public_routes.toml").read_text(encoding="utf-8"))
KEYED = PUBLIC.pop("keyed")["routes"]
OWN = {"DELETE /session", "POST /session/password", "GET /session/all", "DELETE /session/all", "DELETE /session/all/{key}"}
"""One's own account, whatever its role and village."""


@dataclass
class World:
    """Who asks: a technician, and somebody with every role in another village."""

    app: CloudApp
    technician: Desk
    neighbour: Desk
    routes: dict[str, Any]
    things: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("closed")
    tables = {"broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}
    app = CloudApp(parse(tables, folder))
    app.start()
    make(app, "teknisi-saja", ["teknisi"])
    make(app, "tetangga", list(ROLES), OTHER)
    make(app, "siti", ["petugas"])
    spec = HTTP.get(f"{app.url}/api/v1/openapi.json", timeout=60).json()
    routes = {
        f"{method.upper()} {path.removeprefix('/api/v1')}": what for path, item in spec["paths"].items() for method, what in item.items()
    }
    yield World(app, Desk(app, "teknisi-saja"), Desk(app, "tetangga"), routes, things(Desk(app, "siti")))
    app.stop()


def things(siti: Desk) -> dict[str, str]:
    """Something of the village behind each route of residents and accounts, to ask for by its name."""
    person = {"name": "Warga Contoh", "kk": "3510990101010001", "nik": "3510990101800001"}
    number = siti.ask("POST", "residents", {"kind": "move_in", "day": "2026-01-01", "person": person}).json()["id"]
    family = siti.ask("GET", f"residents/{number}?purpose=permohonan").json()["family"]
    asked = siti.ask("POST", f"residents/{number}/requests", {"kind": "akses", "text": "minta"}).json()["id"]
    name = siti.ask("POST", "residents/imports", content=b"nama,nik\nBudi,1\n").json()["id"]
    return {
        "/residents/requests/{number}": f"/residents/requests/{asked}", "/residents/imports/{name}": f"/residents/imports/{name}",
        "/residents/{number}": f"/residents/{number}", "/families/{number}": f"/families/{family}", "/accounts/{name}": "/accounts/siti",
    }  # fmt: skip


BODIES: dict[str, Any] = {
    "POST /residents/search": {"q": "warga", "purpose": "permohonan", "village": VILLAGE},
    "POST /residents": {"village": VILLAGE, "kind": "birth", "day": "2026-01-01", "person": {"name": "Bayi"}},
    "PATCH /residents/{number}": {"name": "Lain"},
    "POST /residents/{number}/events": {"kind": "death", "day": "2026-01-01"},
    "POST /residents/{number}/requests": {"kind": "akses", "text": "minta"},
    "POST /residents/requests/{number}": {"granted": True, "answer": "ya"},
    "POST /residents/imports/{name}/check": {"mapping": {"0": "nama"}},
    "POST /residents/imports/{name}/take": {},
    "POST /accounts": {"id": "baru", "name": "Baru", "roles": ["petugas"], "village": VILLAGE, "password": "empat kata yang panjang"},
    "PUT /residents/{number}/kiosk/card": {"number": "04A2B3C4"},
    "PATCH /accounts/{name}": {"active": False},
    "PUT /openings": {"village": VILLAGE, "quantity": "rain", "open": True},
    "POST /accounts/{name}/password": {"password": "empat kata yang panjang"},
}
ALL_OF_IT = {"GET /session/kiosk-pin", "DELETE /session/kiosk-pin", "GET /accounts", "GET /residents/imports/fields", "GET /trees/visits"}
"""Show what is one's own, one's own village's, or nobody's: another village cannot be asked for."""


def fits(route: str, pattern: str) -> bool:
    return route.startswith(pattern[:-1]) if pattern.endswith("*") else route == pattern


def public(route: str) -> bool:
    return any(fits(route, pattern) for group in PUBLIC.values() for pattern in group["routes"])


def keyed(route: str) -> bool:
    return any(fits(route, pattern) for pattern in KEYED)


def path(route: str, known: dict[str, str]) -> str:
    """The route's path with names of things that are there, where they are known."""
    text = route.split(" ", 1)[1]
    for pattern, found in known.items():
        text = text.replace(pattern, found, 1) if text.startswith(pattern) else text
    return re.sub(r"\{[^}]+\}", "1", text).lstrip("/")


def status(desk: Desk | None, world: World, route: str, query: str = "") -> int:
    method = route.split(" ", 1)[0]
    body = BODIES.get(route, {} if method in {"POST", "PUT", "PATCH"} else None)
    where = path(route, world.things) + query
    if desk is not None:
        return desk.ask(method, where, body).status_code
    return HTTP.request(method, f"{world.app.url}/api/v1/{where}", json=body).status_code


def test_what_is_named_public_is_there_and_says_why(world: World) -> None:
    """A pattern that nothing fits any more goes; so that the list stays as short as it can be."""
    assert all(group["why"] for group in PUBLIC.values())
    optional = {"GET /journal*", "GET /farming/quality*", "GET /farming/norms*", "GET /letters/revoked*"}
    gone = [p for group in PUBLIC.values() for p in group["routes"] if p not in optional and not any(fits(r, p) for r in world.routes)]
    assert gone == []


def test_nobody_gets_in_but_where_it_is_public(world: World) -> None:
    """401 for whoever is not logged in, on every route that is not public."""
    closed = [route for route in world.routes if not public(route) and not keyed(route)]
    assert len(closed) > 60
    wrong = {route: found for route in closed if (found := status(None, world, route)) != 401}
    assert wrong == {}
    open_to_all = [route for route in world.routes if keyed(route) and status(None, world, route) < 400]
    assert open_to_all == []


def test_another_role_is_refused(world: World) -> None:
    """403 for a technician of the same village, on every route that is not public."""
    routes = [route for route in world.routes if not public(route) and not keyed(route) and route not in OWN]
    wrong = {route: found for route in routes if (found := status(world.technician, world, route)) != 403}
    assert wrong == {}


def test_another_village_is_refused(world: World) -> None:
    """403 for somebody with every role in another village: on what is the whole regency's, on whatever takes a village, and on every thing
    of residents and accounts that is there. Things of other domains are not there: 404 or 422; their own tests ask for real ones.
    """
    wrong = {}
    for route, what in world.routes.items():
        if public(route) or keyed(route) or route in OWN | ALL_OF_IT:
            continue
        takes = {p["name"] for p in what.get("parameters", []) if p["in"] == "query"}
        query = f"?village={VILLAGE}" if "village" in takes else "?x=1"
        query += "".join(f"&{name}={value}" for name, value in (("purpose", "permohonan"), ("year", 2026)) if name in takes)
        found = status(world.neighbour, world, route, query)
        real = route in BODIES or "village" in takes or re.match(r"\w+ /(residents|families|accounts)/\{", route) is not None
        if found != 403 and (real or found < 400):
            wrong[route] = found
    assert wrong == {}


def test_a_body_that_is_too_large_fills_no_memory(world: World) -> None:
    """Told beforehand or not, on a public route; what fits is the route's affair, and a photo is told in words of a photo."""
    url = f"{world.app.url}/api/v1/letters/verify"
    counted = (b"x" * 1024**2 for _ in range(MOST_BYTES // 1024**2 + 2))
    for content in (b"x" * (MOST_BYTES + 1), counted):
        answer = HTTP.post(url, content=content, timeout=30)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_much")
    assert "8 MB" in answer.json()["error"]["message"]
    assert HTTP.post(url, json={"code": "x" * 6_000}, timeout=30).status_code == 422
    photo = HTTP.post(f"{world.app.url}/api/v1/reports", content=b"x" * 20 * 1024**2, timeout=30)
    assert (photo.status_code, "the photo is 15 MB" in photo.json()["error"]["message"]) == (422, True)


def test_only_files_and_reports_have_a_limit_of_their_own(world: World) -> None:
    """Their routes read piece by piece; a route below them that takes JSON has the common limit."""
    found = {route for route in world.routes if PIECEWISE.fullmatch(f"/api/v1{route.partition(' ')[2]}") and route.startswith("POST")}
    assert found == {
        "POST /readings", "POST /residents/imports", "POST /reports", "POST /calc/{name}", "POST /channels/{name}/inbound",
        "POST /farming/prices/file", "POST /farming/prices/review", "POST /waterquality/samples/file", "POST /waterquality/samples/preview",
    }  # fmt: skip
