"""Trees that are over their time: photos first, later who planted. Codes, places, visits, measures and what follows of them stay.

A photo's hash stays, too, so that the same picture still proves no second tree; no picture can be made of 256 bits.
"""

from __future__ import annotations

from collections.abc import Sequence

from kampung_contract.errors import InvalidRequest
from kampung_contract.tree_code import parse_code, shown
from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from kampung_cloud.modules.trees.photos import path_of
from kampung_cloud.records.tree_models import TreePhotoRow, TreePledgeRow, TreeRow, TreeVisitRow
from kampung_cloud.retention.discarding import discard
from kampung_cloud.retention.kind import Item, Pile

SETTLED = ("tumbuh", "mati", "diganti")


class TreePhotos:
    """Photos of trees that a verifier has looked at, with what he noted beside them."""

    name = "foto-pohon"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        counted = select(func.count(), func.min(TreePhotoRow.at)).join(TreeRow, TreeRow.code == TreePhotoRow.tree)
        count, oldest = session.execute(counted.where(*_pictured(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        chosen = select(TreePhotoRow).join(TreeRow, TreeRow.code == TreePhotoRow.tree).where(*_pictured(village, before))
        rows = session.scalars(chosen.order_by(TreePhotoRow.at, TreePhotoRow.sha).limit(limit))
        return [Item(row.sha, f"foto pohon {shown(row.tree)}", row.at) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by its name, as lists have it."""
        chosen = select(TreePhotoRow.sha).join(TreeRow, TreeRow.code == TreePhotoRow.tree).where(TreeRow.village == village)
        return session.scalar(chosen.where(TreePhotoRow.sha == said.lower()))

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says; the file goes once the caller's transaction is through."""
        chosen = select(TreePhotoRow).join(TreeRow, TreeRow.code == TreePhotoRow.tree).where(*_pictured(village, before))
        row = session.scalar(chosen.where(TreePhotoRow.sha == subject))
        if row is None:
            return False, None
        row.kept = False
        session.execute(update(TreeVisitRow).where(TreeVisitRow.photo == row.sha).values(note=""))
        discard(session, village, path_of(row.sha), certificate)
        return True, None


class Planters:
    """Who planted trees that have grown, died or were replaced, and whose pledges they kept. Who wants to be named stays named."""

    name = "penanam-pohon"

    def pile(self, session: Session, village: str, before: int) -> Pile:
        """As ``Kind`` says."""
        count, oldest = session.execute(select(func.count(), func.min(TreeRow.since)).where(*_planted(village, before))).one()
        return Pile(int(count), oldest)

    def over(self, session: Session, village: str, before: int, limit: int) -> Sequence[Item]:
        """As ``Kind`` says."""
        rows = session.scalars(select(TreeRow).where(*_planted(village, before)).order_by(TreeRow.since, TreeRow.code).limit(limit))
        return [Item(row.code, f"pohon {row.status}", row.since) for row in rows]

    def named(self, session: Session, village: str, said: str) -> str | None:
        """As ``Kind`` says: by the tree's code."""
        try:
            row = session.get(TreeRow, parse_code(said))
        except InvalidRequest:
            return None
        return row.code if row is not None and row.village == village else None

    def destroy(self, session: Session, village: str, before: int, subject: str, certificate: str) -> tuple[bool, int | None]:
        """As ``Kind`` says."""
        del certificate
        row = session.scalar(select(TreeRow).where(*_planted(village, before), TreeRow.code == subject))
        if row is None:
            return False, None
        row.planter_account = row.planter_phone = ""
        if not row.public:
            row.planter_name = ""
        session.execute(update(TreeVisitRow).where(TreeVisitRow.tree == subject, TreeVisitRow.note != "").values(note=""))
        session.execute(update(TreePledgeRow).where(TreePledgeRow.tree == subject).values(person=""))
        return True, None


def _pictured(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    return TreeRow.village == village, TreeRow.status != "ditanam", TreePhotoRow.kept.is_(True), TreePhotoRow.at < before


def _planted(village: str, before: int) -> tuple[ColumnElement[bool], ...]:
    noted = exists().where(TreeVisitRow.tree == TreeRow.code, TreeVisitRow.note != "")
    pledged = exists().where(TreePledgeRow.tree == TreeRow.code, TreePledgeRow.person != "")
    named = or_(TreeRow.planter_account != "", TreeRow.planter_phone != "", (TreeRow.planter_name != "") & ~TreeRow.public)
    return TreeRow.village == village, TreeRow.status.in_(SETTLED), TreeRow.since < before, or_(named, noted, pledged)
