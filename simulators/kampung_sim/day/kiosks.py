"""Kiosks of the simulated offices on the real broker: each request a pack in its spool, until the regency's receipt."""

from __future__ import annotations

import queue
import secrets
from dataclasses import dataclass, field

import paho.mqtt.client as mqtt
from kampung_contract import pack as wire
from kampung_contract.documents import State, encode
from kampung_contract.errors import KampungError
from kampung_contract.pack import Clock, Pack
from kampung_contract.receipt import Receipt, decode_receipt
from kampung_contract.service_request import ServiceRequest, event
from kampung_contract.topics import Address, Lane
from paho.mqtt.enums import CallbackAPIVersion

VERSION = "kampung-sim day"
PATIENCE_S = 60.0


class NoReceipt(KampungError):
    """The regency has not said that it holds a pack, or has refused it."""

    code = "no_receipt"


@dataclass
class Kiosk:
    """One of them."""

    address: Address
    epoch: str = field(default_factory=lambda: secrets.token_hex(8))
    seq: int = 0


class Kiosks:
    """All of them, over one connection."""

    def __init__(self, port: int) -> None:
        self._receipts: queue.SimpleQueue[Receipt] = queue.SimpleQueue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="kampung-sim-day")
        self._client.on_message = lambda _client, _data, message: self._receipts.put(decode_receipt(bytes(message.payload)))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def open(self, village: str) -> Kiosk:
        """A kiosk that the regency knows of, and its receipts are heard from now on."""
        kiosk = Kiosk(Address(village, f"kios-{village.replace('.', '')}"))
        self._client.subscribe(kiosk.address.receipt, qos=1)
        born = State(True, kiosk.epoch, secrets.token_hex(4), VERSION, 0, 0, True, [])
        self._client.publish(kiosk.address.state, encode(born), qos=1, retain=True).wait_for_publish(PATIENCE_S)
        return kiosk

    def send(self, kiosk: Kiosk, request: ServiceRequest, up: int) -> None:
        """Returns when the regency holds it. ``up``: ms since the kiosk was switched on. Raises ``NoReceipt``."""
        kiosk.seq += 1
        pack = Pack(wire.VERSION, kiosk.epoch, kiosk.seq, kiosk.epoch[:6], Clock(True, up), [], [event(request)])
        self._client.publish(kiosk.address.up(Lane.EVENT), wire.encode(pack), qos=1)
        while True:
            try:
                receipt = self._receipts.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise NoReceipt(f"no receipt for {request.reference} from {kiosk.address.node} after {PATIENCE_S:.0f} s") from None
            if receipt.epoch != kiosk.epoch:
                continue
            if refused := [r for r in receipt.rejected if r.seq == kiosk.seq]:
                raise NoReceipt(f"{request.reference} from {kiosk.address.node} was refused: {refused[0].code}")
            if any(first <= kiosk.seq <= last for first, last in receipt.ranges):
                return

    def close(self) -> None:
        """The connection ends."""
        self._client.disconnect()
        self._client.loop_stop()
