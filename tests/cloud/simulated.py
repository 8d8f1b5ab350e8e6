"""What stands behind every channel, simulated, and the ``[[channel]]`` tables that lead there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kampung_sim.channels.mood import Mood
from kampung_sim.channels.replies import Door
from kampung_sim.channels.service import SimulatedChannels
from kampung_sim.process import free_port

SERVICES = ("webhook", "email", "telegram", "whatsapp", "sms", "*")
TOKEN = "123456:simulasi-simulasi-simulasi"
"""Of a bot that does not exist."""
NAMES = {"telegram": "tele", "whatsapp": "wa", "sms": "sms", "webhook": "kait"}
SECRET = "rahasia-masuk"


@pytest.fixture(scope="session")
def services() -> Iterator[SimulatedChannels]:
    """Started once; ``taken`` empties it."""
    simulated = SimulatedChannels("127.0.0.1", 0, free_port())
    simulated.start()
    yield simulated
    simulated.stop()


@pytest.fixture
def taken(services: SimulatedChannels) -> SimulatedChannels:
    """Nothing received, everybody in a good mood."""
    services.ledger.forget()
    for name in SERVICES:
        services.moods.set(name, Mood())
    return services


def tables(services: SimulatedChannels, **changed: Any) -> list[dict[str, Any]]:
    """``[[channel]]`` tables for a webhook and e-mail; ``changed`` goes to each."""
    hook = {"name": "kait", "kind": "webhook", "url": f"{services.url}/webhook", "token": "kunci-contoh", "inbound_token": SECRET}
    mail = {"name": "surel", "kind": "email", "host": "127.0.0.1", "port": services.smtp_port, "security": "none"}
    return [{**table, **changed} for table in (hook, mail | {"sender": "siaga@desa.example"})]


def phones(services: SimulatedChannels) -> list[dict[str, Any]]:
    """``[[channel]]`` tables for Telegram, WhatsApp and SMS."""
    wa = {"phone_id": "1234567", "token": "kunci-wa", "app_secret": SECRET, "verify_token": "kata-uji", "template": "peringatan_desa"}
    return [
        {"name": "tele", "kind": "telegram", "token": TOKEN, "api": services.url, "inbound_token": SECRET},
        {"name": "wa", "kind": "whatsapp", "api": f"{services.url}/v21.0", **wa},
        {"name": "sms", "kind": "sms", "url": f"{services.url}/sms", "token": "kunci-sms", "recognises_key": True, "inbound_token": SECRET},
    ]


def doors(url: str) -> dict[str, Door]:
    """Where the simulated services bring answers."""
    return {service: Door(f"{url}/api/v1/channels/{name}/inbound", SECRET) for service, name in NAMES.items()}
