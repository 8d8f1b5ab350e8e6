"""Web push: a browser that subscribes is told like a farmer, in a form that only it can read, until it wants no more or is gone."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.records.message_models import PersonRow, PushRow
from kampung_sim.process import free_port
from sqlalchemy import select

from .conftest import HTTP, get, until
from .messages import VILLAGE, message, one, states, write
from .push_service import PushService

CHANNEL = {"name": "ponsel", "kind": "push", "contact": "mailto:siaga@desa.example", "services": ["127.0.0.1"]}
CROP = {"id": "Padi", "en": "Rice"}
FIELD = {"id": "sawah", "village": VILLAGE, "name": "Sawah", "crop": CROP, "farmer": "Contoh", "series": [], "area_ha": 1.0}


@pytest.fixture
def service() -> Iterator[PushService]:
    started = PushService().start()
    yield started
    started.stop()


@pytest.fixture
def cloud(start_cloud: Callable[..., CloudApp]) -> CloudApp:
    return start_cloud(f"mqtt://127.0.0.1:{free_port()}", wait=False, channel=[CHANNEL], field=[FIELD])


def subscribe(cloud: CloudApp, service: PushService, **changed: Any) -> Any:
    wanted = {"village": VILLAGE, "fields": ["sawah"], **service.subscription(), **changed}
    return HTTP.post(f"{cloud.url}/api/v1/push", json=wanted)


def test_a_browser_is_told_and_alone_can_read_it(cloud: CloudApp, service: PushService) -> None:
    key = get(cloud, "push/key")["key"]
    name = subscribe(cloud, service).json()["id"]
    records = cloud._services.records
    with records.session() as session:
        (person,) = session.scalars(select(PersonRow))
    assert (person.role, person.fields, person.addresses) == ("farmer", ["sawah"], [{"channel": "ponsel", "address": name}])
    write(records, message(person.id, severity=3))
    (pushed,) = until(lambda: service.pushed)
    assert pushed.said["title"] == "Kali Bomo naik 1" and pushed.said["text"].startswith("Air 1,30 m") and pushed.said["severity"] == 3
    assert pushed.claims["key"] == key and pushed.claims["aud"] == service.origin and pushed.claims["sub"] == "mailto:siaga@desa.example"
    assert (pushed.headers["urgency"], pushed.headers["content-encoding"], len(pushed.headers["topic"])) == ("high", "aes128gcm", 32)
    assert 3_000 < int(pushed.headers["ttl"]) <= 3_600
    until(lambda: states(records) == {"sent": 1})
    (file,) = cloud.config.data.glob("vapid.pem")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_who_wants_no_more_is_forgotten(cloud: CloudApp, service: PushService) -> None:
    name = subscribe(cloud, service).json()["id"]
    assert subscribe(cloud, service, fields=[], language="jv").json()["id"] == name  # again, otherwise
    assert HTTP.delete(f"{cloud.url}/api/v1/push/{name}").status_code == 204
    assert HTTP.delete(f"{cloud.url}/api/v1/push/{name}").status_code == 404
    with cloud._services.records.session() as session:
        assert not list(session.scalars(select(PersonRow))) and not list(session.scalars(select(PushRow)))


def test_a_browser_that_is_gone_is_forgotten_and_one_that_is_away_is_not(cloud: CloudApp, service: PushService) -> None:
    name = subscribe(cloud, service).json()["id"]
    records, person = cloud._services.records, f"ponsel-{name}"
    service.status = 503
    write(records, message(person, 1))
    until(lambda: one(records, message(person, 1).id).detail == "ponsel answers 503")
    service.status = 410
    until(lambda: states(records) == {"failed": 1})
    assert "410" in str(one(records, message(person, 1).id).detail)
    with records.session() as session:
        assert not list(session.scalars(select(PersonRow))) and not list(session.scalars(select(PushRow)))


WRONG = [
    ({"endpoint": "https://evil.example/x"}, "no push service that this cloud knows"),
    ({"endpoint": "http://10.0.0.1/x"}, "no push service that this cloud knows"),
    ({"endpoint": "https://127.0.0.1.evil.example/x"}, "no push service that this cloud knows"),
    ({"endpoint": "https://u:p@127.0.0.1/x"}, "no push service that this cloud knows"),
    ({"keys": {"p256dh": "AAAA", "auth": "AAAA"}}, "p256dh must be a point of P-256"),
    ({"village": "35.10.99.0000"}, "35.10.99.0000"),
    ({"fields": ["lain"]}, "no field of 35.10.24.2008 has that id; known: sawah"),
    ({"language": "xx"}, "language = 'xx'"),
]


@pytest.mark.parametrize(("changed", "said"), WRONG)
def test_a_subscription_that_does_not_fit_is_refused(cloud: CloudApp, service: PushService, changed: dict[str, Any], said: str) -> None:
    answer = subscribe(cloud, service, **changed)
    assert answer.status_code in (404, 422) and said in answer.json()["error"]["message"]


def test_a_cloud_without_push_says_so(start_cloud: Callable[..., CloudApp]) -> None:
    plain = start_cloud(f"mqtt://127.0.0.1:{free_port()}", wait=False)
    assert get(plain, "push/key") == {"key": None}
    wanted = {"village": VILLAGE, "endpoint": "https://x.example/", "keys": {"p256dh": "A", "auth": "A"}}
    assert HTTP.post(f"{plain.url}/api/v1/push", json=wanted).status_code == 404
