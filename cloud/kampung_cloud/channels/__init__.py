"""Channels: how messages reach people, and what people answer. Each kind in a module of its own, imported where it is configured."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

from kampung_contract.errors import ConfigurationError

from kampung_cloud.channels.channel import Channel
from kampung_cloud.channels.tools import Tools

_KINDS = {
    "webhook": ("webhook", "WebhookChannel"),
    "email": ("mail", "EmailChannel"),
    "telegram": ("telegram", "TelegramChannel"),
    "whatsapp": ("whatsapp", "WhatsAppChannel"),
    "sms": ("sms", "SmsChannel"),
    "apprise": ("anything", "AnythingChannel"),
    "output": ("output", "OutputChannel", "tools"),
    "push": ("push", "PushChannel", "tools"),
}
"""Module and class by kind."""


def open_channels(settings: Sequence[Any], tools: Tools) -> dict[str, Channel]:
    """Channels by name; nothing connects yet. Raises ``ConfigurationError`` where a package is missing."""
    return {each.name: _open(each, tools) for each in settings}


def _open(settings: Any, tools: Tools) -> Channel:
    try:
        module, name, *needs = _KINDS[settings.kind]
        made = getattr(import_module(f"kampung_cloud.channels.{module}"), name)
        return cast(Channel, made(settings, *([tools] if needs else [])))
    except ImportError as error:
        raise ConfigurationError(
            f"channel.{settings.name}: kind = {settings.kind!r} needs the package {error.name}; pip install 'smart-kampung[messages]'"
        ) from None
