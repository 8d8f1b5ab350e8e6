"""Channels: how messages reach people, and what people answer. Each kind in a module of its own, imported where it is configured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kampung_contract.errors import ConfigurationError

from kampung_cloud.channels.channel import Channel


def open_channels(settings: Sequence[Any]) -> dict[str, Channel]:
    """Channels by name; nothing connects yet. Raises ``ConfigurationError`` where a package is missing."""
    return {each.name: _open(each) for each in settings}


def _open(settings: Any) -> Channel:
    try:
        match settings.kind:
            case "webhook":
                from kampung_cloud.channels.webhook import WebhookChannel

                return WebhookChannel(settings)
            case "email":
                from kampung_cloud.channels.mail import EmailChannel

                return EmailChannel(settings)
            case kind:
                raise ConfigurationError(f"channel.{settings.name}: kind = {kind!r}: no channel is of that kind")
    except ImportError as error:
        raise ConfigurationError(
            f"channel.{settings.name}: kind = {settings.kind!r} needs the package {error.name}; pip install 'smart-kampung[messages]'"
        ) from None
