"""A resident's complaint or suggestion about a public service, made at a kiosk, and what he says to it later: what of it travels.

Ticket and word follow from the random id, as those of a report do (``tickets``). Both together give three things by ``opening``: the name
under which the village's document tells of the complaint, the key that opens what is told there, and the proof that whoever replies has
the word. From the document alone nobody comes to the ticket, the answer or the proof.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from kampung_contract import tickets
from kampung_contract.command import Moment
from kampung_contract.errors import InvalidEvent, InvalidRequest
from kampung_contract.service_request import Reference, parse_reference

PREFIX = "ADU"
"""It holds a letter that no ticket's digits have, so that it is known from them however it is typed."""
COMPLAINT, REPLY, SUGGESTION = "service-complaint", "complaint-reply", "service-suggestion"
About = Literal["service", "letter", "conduct", "facility", "fee"]
ABOUT: tuple[About, ...] = ("service", "letter", "conduct", "facility", "fee")
Known = Literal["nobody", "inspectorate", "office"]
"""Who may know who complains. ``nobody``: nothing about the person is sent. ``inspectorate``: the regency's inspectors only."""
Act = Literal["supply", "object", "accept", "withdraw"]
LEAST_TEXT, MOST_TEXT = 10, 2_000
MOST_REPLY, MOST_NAME = 1_000, 100
MOST_RUPIAH = 1_000_000_000
COST = 2**14
"""Of scrypt: some 40 ms and 16 MiB a try, since the document is in more hands than the records."""

Line = Annotated[str, Meta(max_length=MOST_NAME)]


class Complaint(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="service-complaint"):
    """``text`` says what happened, on ``day`` where he knows it. ``service``: an id of the catalogue; ``reference``: of his request.

    ``asked``: Rp that he was asked to pay; ``head``: it is about the village head, so that it goes past the village. ``name`` and
    ``contact`` are empty where nobody is to know him. ``at``: ms UTC of the kiosk's clock.
    """

    id: tickets.Id
    about: About
    at: Moment
    text: Annotated[str, Meta(max_length=MOST_TEXT)]
    known: Known = "nobody"
    service: Annotated[str, Meta(pattern="^[a-z0-9-]{0,63}$")] = ""
    reference: Reference | Literal[""] = ""
    day: date | None = None
    asked: Annotated[int, Meta(ge=0, le=MOST_RUPIAH)] = 0
    head: bool = False
    name: Line = ""
    contact: Line = ""

    @property
    def past(self) -> bool:
        """Whether the village is not to see it: money was asked for, or it is about the head."""
        return self.about == "fee" or self.head


class ComplaintReply(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="complaint-reply"):
    """What the writer of ``complaint`` (its name in the document) says: he supplies what was missing, objects to the answer, accepts it,
    or withdraws. ``id``: random, so that it counts once.
    """

    id: tickets.Id
    complaint: Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]
    proof: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    act: Act
    at: Moment
    text: Annotated[str, Meta(max_length=MOST_REPLY)] = ""


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="service-suggestion"):
    """How a service could be better. Nobody is named and no ticket is given: it is read, and not answered."""

    id: tickets.Id
    at: Moment
    text: Annotated[str, Meta(max_length=MOST_TEXT)]
    service: Annotated[str, Meta(pattern="^[a-z0-9-]{0,63}$")] = ""


Said = Complaint | ComplaintReply | Suggestion
TYPES: dict[str, type[Said]] = {COMPLAINT: Complaint, REPLY: ComplaintReply, SUGGESTION: Suggestion}

# Made ready at import, by one thread: msgspec 0.22 crashes when several convert to a struct for the first time at once.
_READY = [msgspec.json.Decoder(kind) for kind in TYPES.values()]


@dataclass(frozen=True, slots=True)
class Opening:
    """``name``: 24 hexadecimal digits; ``key``: 32 bytes of AES-256; ``proof``: 32 hexadecimal digits."""

    name: str
    key: bytes
    proof: str


def opening(ticket: str, word: str) -> Opening:
    """What ticket and word open; slow on purpose."""
    found = tickets.secret(ticket, word, cost=COST, length=60)
    return Opening(found[:12].hex(), found[12:44], found[44:].hex())


def event(said: Said) -> dict[str, Any]:
    """As it stands in a pack."""
    plain: dict[str, Any] = msgspec.to_builtins(said)
    return plain


def parse_event(body: dict[str, Any]) -> Said | None:
    """What stands in an event of a pack, None for an event of another type. Raises ``InvalidEvent``."""
    kind = TYPES.get(str(body.get("type")))
    if kind is None:
        return None
    try:
        return checked(msgspec.convert(body, kind))
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidEvent(f"not a {body.get('type')}: {error}") from None
    except InvalidRequest as error:
        raise InvalidEvent(error.message) from None


def checked(said: Said) -> Said:
    """As it is kept: clean lines, a reference as it is written, nobody's name where nobody is to be known.

    Raises ``InvalidRequest``, in words for the resident.
    """
    text = clean(said.text)
    if isinstance(said, ComplaintReply):
        if said.act in {"supply", "object"} and len(text) < LEAST_TEXT:
            raise InvalidRequest(f"tulis alasannya dengan paling sedikit {LEAST_TEXT} huruf, supaya kantor mengerti")
        return msgspec.structs.replace(said, text=text)
    if len(text) < LEAST_TEXT:
        raise InvalidRequest(f"tulis apa yang terjadi dengan paling sedikit {LEAST_TEXT} huruf, supaya kantor mengerti")
    if isinstance(said, Suggestion):
        return msgspec.structs.replace(said, text=text)
    name, contact = " ".join(clean(said.name).split()), " ".join(clean(said.contact).split())
    if said.known == "nobody" and (name or contact):
        raise InvalidRequest("pengaduan tanpa nama tidak boleh memuat nama atau nomor; kosongkan, atau pilih siapa yang boleh tahu")
    if said.known != "nobody" and not name:
        raise InvalidRequest("nama belum ditulis; tulis nama Anda, atau pilih mengadu tanpa nama")
    reference = parse_reference(said.reference) if said.reference else ""
    return msgspec.structs.replace(said, text=text, name=name, contact=contact, reference=reference)


def clean(text: str) -> str:
    """Without what steers a screen or a printer; lines stay lines, and there are not more than two ends of line in a row."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n")
    shown = [" ".join("".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in line).split()) for line in lines]
    kept = [line for n, line in enumerate(shown) if line or (n and shown[n - 1])]
    return "\n".join(kept).strip()
