"""A tree that was registered at a kiosk, over the wire: out of a pack, receipted, in the register, and back as the village's document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kampung_cloud.app import CloudApp
from kampung_cloud.modules.trees import kiosks
from kampung_contract.documents import decode_content
from kampung_contract.planting import TreePlanting, event
from kampung_contract.tree_code import new_code

if TYPE_CHECKING:
    from tests.cloud.conftest import BrokerProcess, EdgeClient

VILLAGE = "35.10.24.2008"


def test_over_the_wire(mosquitto: BrokerProcess, start_cloud: Callable[..., CloudApp], connect: Callable[..., EdgeClient]) -> None:
    """Sent twice it is one tree; every kiosk of the village can check its code without a line from then on."""
    from tests.cloud.conftest import HTTP, until

    app, edge = start_cloud(mosquitto.url), connect(mosquitto)
    code = new_code()
    said = TreePlanting("b" * 32, code, "sengon", "2026-02-01", "Bu Contoh", 1_796_000_000_000)
    for _ in range(2):
        edge.pack(1, events=[event(said)])
    assert until(lambda: 1 in edge.receipted())

    def registered() -> bool:
        """Whoever takes it, this or the cloud's own thread of once a minute."""
        kiosks.take(app._services, 1_796_000_100_000)
        return HTTP.get(f"{app.url}/api/v1/trees/{code}").status_code == 200

    assert until(registered)
    kiosks.publish(app._services, 1_796_000_100_000)
    topic = f"kampung/v1/351024/2008/all/content/{kiosks.KEY}"
    got = until(lambda: [payload for name, payload, _ in list(edge.got) if name == topic])
    document = decode_content(got[-1]).document
    assert (document["codes"], document["statuses"]) == ([code], "d")
    assert HTTP.get(f"{app.url}/api/v1/trees/{code}").json()["species"] == "sengon"
