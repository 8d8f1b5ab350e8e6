"""A report as it is filed, whoever brings it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kampung_contract.citizen import Kind, ticket
from kampung_contract.tickets import secret, word


@dataclass(frozen=True, slots=True)
class Filed:
    """``id``: 32 hexadecimal digits made by the writer's device. ``photo``: JPEG. ``origin``: a kiosk's node, or "phone"."""

    id: str
    village: str
    kind: Kind
    at: int
    origin: str
    text: str = ""
    spot: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    photo: bytes | None = None
    contact: str = ""

    @property
    def ticket(self) -> str:
        """By which its writer follows it."""
        return ticket(self.id)

    @property
    def digest(self) -> str:
        """What the regency keeps of the id: the same report again is found, and the ticket's word does not follow from it."""
        return hashlib.sha256(self.id.encode()).hexdigest()

    @property
    def secret(self) -> str:
        """What the regency keeps of the word."""
        return kept_word(self.ticket, word(self.id))


def kept_word(number: str, said: str) -> str:
    """What the regency keeps of a ticket's word."""
    return secret(number, said).hex()
