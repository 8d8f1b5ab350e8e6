"""``/api/v1/letters/certify`` and ``/letters/{id}/certified``: BSrE's signature on letters that are issued."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from kampung_contract.errors import InvalidRequest, NotFound
from pydantic import BaseModel, ConfigDict, SecretStr

from kampung_cloud.access.actor import Actor
from kampung_cloud.access.asking import needs
from kampung_cloud.api.errors import Error
from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.health import now_ms
from kampung_cloud.modules.services.certified.answer import STOPS, Why
from kampung_cloud.modules.services.certified.signing import AT_ONCE, words
from kampung_cloud.modules.services.models import LetterRow
from kampung_cloud.modules.services.office import Office, office
from kampung_cloud.residents import access_log

router = APIRouter()

CLOSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "This needs an account"},
    403: {"model": Error, "description": "Not with this role, or not in this village"},
    404: {"model": Error, "description": "There is no such letter, or it is not signed so"},
}
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "The file as it came back"}}


class CertifyIn(BaseModel):
    """``nik`` and ``passphrase`` are the official's own, for this question alone: they are not kept, not logged and not repeated."""

    model_config = ConfigDict(extra="forbid")

    letters: list[str] = []  # what is wrong with it is said below: an answer about a field that lacks would repeat the others
    nik: SecretStr = SecretStr("")
    passphrase: SecretStr = SecretStr("")


Outcome = Literal["signed", "busy"] | Why


class CertifiedOut(BaseModel):
    """What became of one letter; ``remedy`` where something is to be done, ``stops`` where the next letter would fail in the same way."""

    letter: str
    number: str
    outcome: Outcome
    text: str
    remedy: str
    stops: bool


@router.post("/letters/certify", response_model=list[CertifiedOut], responses=CLOSED)
def certify(services: ServicesDep, actor: Annotated[Actor, Depends(needs("kades"))], given: CertifyIn) -> list[dict[str, Any]]:
    """Send letters to BSrE, one after another. What fails for all, such as a wrong passphrase, ends it: the others are not sent."""
    desk = office(services)
    if not 1 <= len(given.letters) <= AT_ONCE:
        raise InvalidRequest(f"{len(given.letters)} surat; sebut 1 sampai {AT_ONCE} sekaligus")
    lines = [_line(desk, each, actor, "kades") for each in dict.fromkeys(given.letters)]
    revoked = [x.number for x in lines if x.revoked is not None]
    if revoked:
        raise InvalidRequest(f"surat {', '.join(revoked)} sudah dicabut; tidak ditandatangani lagi")
    gone = [x.number for x in lines if x.page is None]
    if gone:
        raise InvalidRequest(f"surat {', '.join(gone)}: isinya sudah dimusnahkan; tidak ada yang dapat ditandatangani")

    def leaving(line: LetterRow) -> None:
        _on_record(services, desk, line, actor, "bsre", f"surat {line.number} dikirim ke BSrE untuk ditandatangani")

    done = desk.certified.ask(lines, given.nik.get_secret_value(), given.passphrase.get_secret_value(), actor.id, now_ms, leaving)
    return [_told(x, done[x.id]) for x in lines]


@router.get("/letters/{letter_id}/certified", responses=PDF | CLOSED, response_class=Response)
def certified(services: ServicesDep, actor: Annotated[Actor, Depends(needs("petugas", "kades"))], letter_id: str) -> Response:
    """The letter with BSrE's signature, as it is kept."""
    desk = office(services)
    line = _line(desk, letter_id, actor, "petugas", "kades")
    made = desk.certified.pdf(line.id)
    _on_record(services, desk, line, actor, "print", "surat tersertifikasi")
    headers = {"Content-Disposition": f'inline; filename="surat-{line.request}-bsre.pdf"', "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


def _on_record(services: Services, desk: Office, line: LetterRow, actor: Actor, what: str, detail: str) -> None:  # noqa: PLR0917
    person = desk.book.get(line.request).row.person or ""
    resident = int(person) if person.isdigit() else None
    reading = access_log.Reading(line.village, "permohonan", what, (resident,), f"permohonan {line.request}, {detail}")
    access_log.note(services.records, actor, [reading], now_ms())


def _told(line: LetterRow, outcome: str) -> dict[str, Any]:
    said, remedy = words(outcome)
    return {"letter": line.id, "number": line.number, "outcome": outcome, "text": said, "remedy": remedy, "stops": outcome in STOPS}


def _line(desk: Office, letter: str, actor: Actor, *roles: Literal["petugas", "kades"]) -> LetterRow:
    line = desk.issued(letter)
    if line is None:
        raise NotFound(f"no letter {letter[:40]!r}; the register lists them")
    actor.require(line.village, *roles)
    return line
