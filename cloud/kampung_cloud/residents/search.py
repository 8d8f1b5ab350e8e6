"""Finding residents: by NIK or card number through their hashes, by name through folded words.

Every word that is typed begins a word of the name. The rarest begins the search, so that it looks through few; the others are looked up for
each candidate. With at most ``LOOKED`` candidates a search takes as long for 1.8 million residents as for a village.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kampung_contract.errors import InvalidRequest
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from kampung_cloud.records.resident_models import ResidentRow, ResidentTokenRow
from kampung_cloud.residents import names, nik
from kampung_cloud.residents.registry import Registry

SHOWN = 20
LOOKED = 200
COUNTED = 1_000
WORDS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """``text`` is a name or its beginnings, a NIK or the number of a family's card. ``village`` None: the whole regency."""

    text: str
    village: str | None
    born: date | None = None
    everybody: bool = False
    """Also who died or moved away."""


@dataclass(frozen=True, slots=True)
class Found:
    """``more``: there are others, so another word or a birth date would help."""

    rows: tuple[ResidentRow, ...]
    more: bool


def search(registry: Registry, wanted: Wanted) -> Found:
    """Residents that fit, those whose words are the words that were typed first. Raises ``InvalidRequest`` for less than two letters."""
    digits = nik.clean(wanted.text)
    if len(digits) == 16:
        numbers = registry.by_nik(digits, wanted.village) or registry.by_kk(digits, wanted.village)
        with registry.records.session() as session:
            rows = session.scalars(select(ResidentRow).where(ResidentRow.id.in_(numbers)).order_by(ResidentRow.id)).all()
        return Found(tuple(rows[:SHOWN]), len(rows) > SHOWN)
    tokens = names.tokens(wanted.text)[:WORDS]
    if not tokens or sum(sign.isalpha() for sign in wanted.text) < 2:  # of what is typed: Dj is one letter once it is folded
        raise InvalidRequest(f"q = {wanted.text[:40]!r}: expected two letters of a name or more, or the 16 digits of a NIK or KK")
    with registry.records.session() as session:
        rarest, *rest = sorted(tokens, key=lambda token: _count(session, token, wanted.village)) if len(tokens) > 1 else tokens
        first = aliased(ResidentTokenRow)
        query = (
            select(ResidentRow.id, ResidentRow.name)
            .join(first, first.resident == ResidentRow.id)
            .where(_begins(first, rarest, wanted.village))
        )
        query = _only(query, wanted)
        for token in rest:
            other = aliased(ResidentTokenRow)
            query = query.where(
                select(other.token).where(other.resident == first.resident, *_between(other, token)).correlate(first).exists()
            )
        some = session.execute(query.limit(LOOKED)).all()
        ranked = sorted(some, key=lambda one: (_apart(one.name, tokens), one.name.casefold(), one.id))
        shown = [one.id for one in ranked[:SHOWN]]
        by_id = {row.id: row for row in session.scalars(select(ResidentRow).where(ResidentRow.id.in_(shown)))}
    return Found(tuple(by_id[number] for number in shown if number in by_id), len(ranked) > SHOWN)


def _only(query: Select[int, str], wanted: Wanted) -> Select[int, str]:
    if wanted.born is not None:
        query = query.where(ResidentRow.born == wanted.born.isoformat())
    return query if wanted.everybody else query.where(ResidentRow.state == "tinggal")


def _begins(table: type[ResidentTokenRow], token: str, village: str | None) -> ColumnElement[bool]:
    parts = list(_between(table, token))
    return and_(*parts) if village is None else and_(table.village == village, *parts)


def _between(table: type[ResidentTokenRow], token: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Words that begin so, as a range that an index can walk in any collation: folded words are of a to y alone."""
    return table.token >= token, table.token < token[:-1] + chr(ord(token[-1]) + 1)


def _count(session: Session, token: str, village: str | None) -> int:
    some = select(ResidentTokenRow.token).where(_begins(ResidentTokenRow, token, village)).limit(COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _apart(name: str, typed: list[str]) -> int:
    return len(set(typed) ^ set(names.tokens(name)))
