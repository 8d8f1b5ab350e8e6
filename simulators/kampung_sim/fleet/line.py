"""A kiosk's line to the broker (aiomqtt): connects, sends what is due, takes receipts, and suffers the faults of the link."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aiomqtt
from kampung_contract.errors import KampungError
from kampung_contract.receipt import decode_receipt
from kampung_contract.topics import Lane

from kampung_sim.fleet.broker import Where, why
from kampung_sim.fleet.kiosk import Kiosk, Waiting
from kampung_sim.fleet.pace import Pace
from kampung_sim.scenario.faults.catalogue import Layer

BACKOFF_S = (0.5, 15.0)
LOOK_S = 0.25
PARTS = {"link-down": Layer.LINK, "edge-power-cut": Layer.NODE}


class Line:
    """``run`` until cancelled. ``at`` counts seconds since the fleet began."""

    def __init__(self, kiosk: Kiosk, where: Where, pace: Pace) -> None:
        self.kiosk, self._where, self._pace = kiosk, where, pace
        self.connected = False
        self.reason = ""
        self._broken = False
        self._wake = asyncio.Event()

    def drop(self) -> None:
        """The broker goes away."""
        self._broken = True
        self._wake.set()

    def look(self, at: float) -> None:
        """Wake it where there is something to do: thousands of lines that each look for themselves would do nothing else."""
        if self.connected and ((self.kiosk.spool and self.kiosk.waits(at)) or (self.kiosk.node.effects and self.cut)):
            self._wake.set()

    @property
    def cut(self) -> bool:
        """Whether a fault keeps it from the broker."""
        now = self._pace.now()
        return any(kind in self.kiosk.active(layer, now) for kind, layer in PARTS.items())

    def at(self) -> float:
        """Seconds since the beginning."""
        return self._pace.monotonic() - self._pace.begun

    async def run(self) -> None:
        """Connect, and connect again."""
        delay = BACKOFF_S[0]
        while True:
            while self.cut:
                await asyncio.sleep(LOOK_S)
            self._broken = False
            try:
                await self._session()
                delay = BACKOFF_S[0]
            except aiomqtt.MqttError as error:
                self.reason = why(self._where, error)
                delay = min(delay * 2, BACKOFF_S[1])
            finally:
                self.connected = False
                self.kiosk.cut()
            await asyncio.sleep(delay * self.kiosk.dice.uniform(0.5, 1.5))

    async def _session(self) -> None:
        node, address = self.kiosk.node, self.kiosk.node.address
        async with aiomqtt.Client(
            self._where.host,
            self._where.port,
            username=self._where.username,
            password=self._where.password,
            identifier=node.name,
            will=aiomqtt.Will(address.state, self.kiosk.state(online=False), qos=1, retain=True),
            keepalive=60,
        ) as client:
            await client.subscribe(address.receipt, qos=1)
            await client.publish(address.state, self.kiosk.state(), qos=1, retain=True)
            self.connected, self.reason = True, ""
            taking = asyncio.create_task(self._take(client))
            taking.add_done_callback(lambda _: self._wake.set())
            try:
                while not (self.cut or self._broken or taking.done()):
                    self._wake.clear()
                    await self._send(client)
                    await self._wake.wait()
                if taking.done():
                    taking.result()
            finally:
                taking.cancel()
                with contextlib.suppress(aiomqtt.MqttError):
                    # a clean goodbye publishes no last will: a cut line and a dead kiosk would have one
                    await client.publish(address.state, self.kiosk.state(online=False), qos=1, retain=True)

    async def _take(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            lossy = self.kiosk.active(Layer.LINK, self._pace.now()).get("lossy-link")
            if lossy is not None and self.kiosk.dice.random() < lossy.get("share"):
                continue
            with contextlib.suppress(KampungError):
                self.kiosk.receipt(decode_receipt(bytes(message.payload)), self.at())

    async def _send(self, client: aiomqtt.Client) -> None:
        now = self._pace.now()
        due, frame = self.kiosk.due(self.at()), self.kiosk.frame_faults(now)
        if "reorder" in frame:
            due = [w for pair in zip(due[1::2], due[::2], strict=False) for w in pair] + due[len(due) // 2 * 2 :]
        for waiting in due:
            link = self.kiosk.active(Layer.LINK, self._pace.now())
            if self.cut or self._broken:
                return
            self.kiosk.sent(waiting, self.at())
            if "lossy-link" in link and self.kiosk.dice.random() < link["lossy-link"].get("share"):
                continue
            for _ in range(2 if "duplicate" in frame else 1):
                await self._publish(client, waiting)
            if "slow-link" in link:
                await asyncio.sleep(len(waiting.payload) / (link["slow-link"].get("rate") * self._pace.rate))

    async def _publish(self, client: aiomqtt.Client, waiting: Waiting) -> None:
        topic: Any = self.kiosk.node.address.up(Lane(waiting.lane))
        await client.publish(topic, waiting.payload, qos=1)
