"""A broker on the cloud's own machine, reached by its socket: what may be written, and a real mosquitto that is killed."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud import broker, broker_address
from kampung_cloud.app import CloudApp
from kampung_contract.pack import column

from .conftest import BrokerProcess, EdgeClient, get, now_ms, until

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="/"), min_size=1).filter(
    lambda name: name not in {".", ".."}
)


@pytest.fixture
def mosquitto() -> Iterator[BrokerProcess]:
    """In a folder whose name is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="kampung-") as folder:
        process = BrokerProcess(Path(folder) / "broker", "mosquitto")
        yield process
        process.stop()


@given(st.lists(names, min_size=1, max_size=4))
def test_any_folder_is_reached_by_its_socket_or_by_its_port(parts: list[str]) -> None:
    folder = Path("/tmp/kampung", *parts)
    url = broker.url(folder, 1883)
    line = f"listener 0 {folder / broker.SOCKET}\n"
    text = broker.configuration(1883, folder)
    if url == "mqtt://127.0.0.1:1883":
        assert line not in text
        return
    assert broker_address.checked(url) == url
    assert broker_address.host(url) == str(folder / broker.SOCKET)
    assert line in text


@given(st.text(printable))
def test_any_text_is_an_address_or_is_refused_in_words(tail: str) -> None:
    for url in (tail, f"mqtt+unix:{tail}", f"mqtt+unix:///{tail}"):
        try:
            assert broker_address.checked(url) == url
        except ValueError as error:
            assert str(error)
            continue
        if broker_address.scheme(url) == "mqtt+unix":
            assert 0 < len(broker_address.host(url).encode()) <= 107
            assert broker_address.host(url).startswith("/")


def test_packs_come_by_the_socket_also_after_a_kill(
    mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]
) -> None:
    """A socket that a killed broker leaves behind hinders nobody."""
    url = broker.url(mosquitto.folder, mosquitto.port)
    assert url.startswith("mqtt+unix:///")
    app = start_cloud(url)
    assert get(app, "healthz")["checks"]["broker"]["detail"] == f"{url}, MQTT 5"
    t = now_ms() - 60_000
    first = connect(mosquitto)
    first.pack(1, column("soil-1/soil_moisture", "%", [(t, 30.0, 1)]))
    assert until(lambda: first.receipted() == {1})
    mosquitto.stop(signal.SIGKILL)
    assert until(lambda: not get(app, "healthz")["checks"]["broker"]["ok"])
    mosquitto.start()
    assert until(lambda: get(app, "healthz")["checks"]["broker"]["ok"])
    second = connect(mosquitto)
    second.pack(2, column("soil-1/soil_moisture", "%", [(t + 1, 31.0, 1)]))
    assert until(lambda: 2 in second.receipted())
    assert get(app, "nodes")[0]["readings"] == 2


def test_a_socket_that_is_not_there_is_named(tmp_path: Path, start_cloud: Callable[..., CloudApp]) -> None:
    url = f"mqtt+unix://{Path(tempfile.gettempdir()) / 'kampung-nobody.sock'}"
    app = start_cloud(url, wait=False)
    assert until(lambda: "No such file" in get(app, "healthz")["checks"]["broker"]["detail"])
    assert url in get(app, "healthz")["checks"]["broker"]["detail"]
