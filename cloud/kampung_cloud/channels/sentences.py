"""The few sentences of channels, in people's languages, and a message as one text."""

from __future__ import annotations

from kampung_cloud.channels.channel import Outgoing
from kampung_cloud.words.book import Voice


def sentence(name: str, language: str, /, **values: object) -> str:
    """A sentence of the message files, filled in; in Indonesian where the language lacks it."""
    return Voice(language)(f"reply.{name}", **values)


def again(said: Outgoing) -> str:
    """A first line that says that the message may have come before; empty where it did not."""
    return f"{sentence('again', said.language)}\n" if said.again else ""


def whole(said: Outgoing, most: int) -> str:
    """Title and text, at most ``most`` characters."""
    title = f"{said.title}\n" if said.title and not said.text.startswith(said.title) else ""
    text = f"{again(said)}{title}{said.text}"
    return text if len(text) <= most else f"{text[: most - 1]}…"
