"""What residents ask for about their data, with the law's clock."""

from __future__ import annotations

from dataclasses import dataclass

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from sqlalchemy import select

from kampung_cloud.records import Records
from kampung_cloud.records.resident_models import DataRequestRow
from kampung_cloud.residents.law import right
from kampung_cloud.residents.sealed import Sealed
from kampung_cloud.sealing import Keyring

HOUR_MS = 3_600_000
LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Request:
    """Times in ms UTC; ``state``: open, done, refused."""

    id: int
    resident: int
    village: str
    kind: str
    text: str
    answer: str | None
    state: str
    received: int
    due: int
    closed: int | None
    by: str
    closed_by: str | None


def receive(records: Records, ring: Keyring, village: str, resident: int, kind: str, text: str, by: str, now: int) -> Request:  # noqa: PLR0917
    """Put on record what a resident asks for. Raises ``InvalidRequest``."""
    due = now + right(kind).hours * HOUR_MS
    words = _words(text)
    with records.session() as session:
        row = DataRequestRow(
            resident=resident, village=village, kind=kind, text_sealed=b"", answer_sealed=None, state="open",
            received=now, due=due, by=by, closed=None, closed_by=None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        row.text_sealed = Sealed(ring).seal("asked", row.id, words) or b""
    return _request(ring, row)


def find(records: Records, ring: Keyring, number: int) -> Request:
    """Raises ``NotFound``."""
    with records.session() as session:
        row = session.get(DataRequestRow, number)
    if row is None:
        raise NotFound(f"request {number} is not here")
    return _request(ring, row)


def close(records: Records, ring: Keyring, number: int, answer: str, by: str, now: int, *, granted: bool) -> Request:  # noqa: PLR0917
    """Answer one; a refusal says why. Raises ``NotFound``, ``InvalidRequest``, and ``conflict`` where it is closed already."""
    with records.session() as session:
        row = session.get(DataRequestRow, number, with_for_update=True)
        if row is None:
            raise NotFound(f"request {number} is not here")
        if row.state != "open":
            raise KampungError(f"request {number} was closed by {row.closed_by}", code="conflict")
        row.answer_sealed = Sealed(ring).seal("answered", row.id, _words(answer))
        row.state, row.closed, row.closed_by = "done" if granted else "refused", now, by
    return _request(ring, row)


def listed(records: Records, ring: Keyring, village: str | None, *, everything: bool) -> list[Request]:
    """Open ones by what time is left; with ``everything`` those that are closed, too."""
    query = select(DataRequestRow).order_by(DataRequestRow.state != "open", DataRequestRow.due).limit(500)
    if village is not None:
        query = query.where(DataRequestRow.village == village)
    if not everything:
        query = query.where(DataRequestRow.state == "open")
    with records.session() as session:
        return [_request(ring, row) for row in session.scalars(query)]


def _words(text: str) -> str:
    found = text.strip()
    if not 1 <= len(found) <= LONGEST:
        raise InvalidRequest(f"text of {len(found)} characters: expected 1 to {LONGEST}")
    return found


def _request(ring: Keyring, row: DataRequestRow) -> Request:
    sealed = Sealed(ring)
    answer = None if row.answer_sealed is None else sealed.open("answered", row.id, row.answer_sealed)
    text = sealed.open("asked", row.id, row.text_sealed) if row.text_sealed else ""  # destroyed once it was over its time
    return Request(
        row.id, row.resident, row.village, row.kind, text, answer, row.state, row.received, row.due, row.closed, row.by, row.closed_by
    )
