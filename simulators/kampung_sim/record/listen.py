"""Listening on a broker (aiomqtt), read only."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from secrets import token_hex

import aiomqtt
from kampung_contract.errors import ConfigurationError
from kampung_contract.topics import PREFIX, village_base

from kampung_sim.fleet.broker import Where, why
from kampung_sim.record.heard import Heard

LOOK_S = 1.0
AGAIN_S = 3.0


async def listen(where: Where, village: str, heard: Heard, stopping: asyncio.Event, look: Callable[[str], None]) -> None:
    """Until ``stopping``; ``look`` each second, with what is wrong with the broker.

    Raises ``ConfigurationError`` when it is never reached.
    """
    base = village_base(village) if village else f"{PREFIX}/+/+"
    reached, trouble = False, ""

    async def hear() -> None:
        nonlocal reached, trouble
        while True:
            try:
                async with aiomqtt.Client(
                    where.host,
                    where.port,
                    username=where.username,
                    password=where.password,
                    identifier=f"rekam-{token_hex(4)}",
                ) as client:
                    reached, trouble = True, ""
                    for topic in ("state", "up/+", "senml/+"):
                        await client.subscribe(f"{base}/+/{topic}", qos=1)
                    async for message in client.messages:
                        heard.take(str(message.topic), bytes(message.payload), time.time_ns() // 1_000_000)
            except aiomqtt.MqttError as error:
                trouble = why(where, error)
                if not reached:
                    raise ConfigurationError(trouble) from None
                await asyncio.sleep(AGAIN_S)

    hearing = asyncio.create_task(hear())
    try:
        while not (stopping.is_set() or hearing.done()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOK_S)
            look(trouble)
    finally:
        if hearing.done():
            hearing.result()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
