"""Names of messages, and the codes by which an answer names them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from kampung_cloud.messages.chain import Message

LETTERS = "ACDEFGHJKMNPQRTUVWXY34679"
"""What nobody takes for another when it is read aloud or typed on a small key."""
CODE = 4


def identity(message: Message) -> str:
    """64 hexadecimal digits that follow from chain and number: who plans the same message writes the same one."""
    return hashlib.sha256("\n".join((message.group, str(message.number), message.person)).encode()).hexdigest()


def reply_code(group: str, alarms: Iterable[str]) -> str:
    """What people answer with: the same for all who are told the same."""
    number = int.from_bytes(hashlib.sha256("\n".join((group, *sorted(alarms))).encode()).digest()[:8], "big")
    out = ""
    for _ in range(CODE):
        number, digit = divmod(number, len(LETTERS))
        out += LETTERS[digit]
    return out
