"""Visits of verifiers: each is decided once when it comes, and taken once however often it is sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.placing import check_place
from kampung_contract.times import WIB
from kampung_contract.tree_code import parse_code, shown
from kampung_contract.villages import village as find_village
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.access.actor import Actor
from kampung_cloud.modules.trees.duplicates import find_alike
from kampung_cloud.modules.trees.instruments import instrument
from kampung_cloud.modules.trees.judging import Judgement, Seen, judge
from kampung_cloud.modules.trees.observing import UNITS, Measure, Observation, Person, Photo, Place, Tree
from kampung_cloud.modules.trees.photos import PhotoFolder, ReadPhoto, read_photo
from kampung_cloud.modules.trees.returning import taken_back
from kampung_cloud.modules.trees.schemas import VisitIn
from kampung_cloud.modules.trees.species import find_species, species
from kampung_cloud.modules.trees.thresholds import thresholds
from kampung_cloud.records import Records
from kampung_cloud.records.tree_models import TreeChangeRow, TreePhotoRow, TreeRow, TreeVisitRow

LONGEST_MS = 6 * 3_600_000
"""A visit to one tree takes less."""


class Visiting:
    """Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, photos: PhotoFolder) -> None:
        self._records, self._photos = records, photos

    def take(self, actor: Actor, given: VisitIn, now: int) -> tuple[TreeVisitRow, str]:
        """The visit as it is on record, and the tree's status after it.

        Raises ``NotFound`` for a tree that is not registered, ``InvalidRequest`` for what cannot be a visit, and ``Forbidden`` for one of
        another village.
        """
        if not given.began <= given.ended <= given.began + LONGEST_MS:
            raise InvalidRequest(f"ended = {given.ended}: expected a time after began = {given.began}, and at most six hours later")
        code = parse_code(given.tree)
        kind = find_species(given.species) if given.species.strip() else None
        measured = [instrument(m.kind, m.instrument).measure(m.value) for m in given.measures]
        if len({m.kind for m in measured}) < len(measured):
            raise InvalidRequest("measures: one kind is measured twice; give each once")
        photo = read_photo(given.photo.data) if given.photo is not None else None
        with self._records.session() as session:
            known, tree = session.get(TreeVisitRow, given.id), session.get(TreeRow, code)
            if known is not None:
                status = session.get_one(TreeRow, known.tree).status
                session.expunge(known)
                return known, status
            if tree is None:
                raise NotFound(f"no tree has the code {shown(code)}; one that was registered at a kiosk comes with its link: send it later")
            actor.require(tree.village)
            if given.place is not None and given.place.accuracy <= thresholds().accuracy:
                check_place(find_village(tree.village), given.place.latitude, given.place.longitude, "visit")
            if photo is not None:
                self._photos.keep(photo)
            said = given.photo.taken if given.photo is not None else None
            alike = find_alike(session, photo, thresholds()) if photo is not None else None
            row = _row(actor, given, code, kind.name if kind else " ".join(given.species.split()), photo, said, now)
            session.add(row)
            self._decide(session, tree, row, measured, photo, alike, now)
            session.flush()
            status = tree.status
            session.expunge(row)
        return row, status

    def _decide(  # noqa: PLR0917 - everything that is known of it
        self, session: Session, tree: TreeRow, row: TreeVisitRow, measured: list[Measure], photo: ReadPhoto | None,
        alike: tuple[str, str] | None, now: int,
    ) -> None:  # fmt: skip
        by = thresholds()
        earlier = list(session.scalars(select(TreeVisitRow).where(TreeVisitRow.tree == tree.code, TreeVisitRow.accepted)))
        seen_photo = None
        if photo is not None:
            seen_photo = Photo(row.taken, f"pohon {shown(alike[1])}" if alike else "", photo.quality < by.photo_quality)
        fresh = observation(row, seen_photo, tuple(measured))
        found = judge(tree_of(tree), [*(observation(v, Photo(v.taken)) for v in earlier if v.id != row.id), fresh], by)
        mine = next(s for s in found.seen if s.observation.id == row.id)
        row.accepted = mine.accepted
        row.reasons = [r.shown() for r in (mine.refusals or mine.notes)]
        if photo is not None and session.get(TreePhotoRow, photo.sha) is None:
            session.add(
                TreePhotoRow(
                    sha=photo.sha,
                    tree=tree.code,
                    hash=photo.hashes[0],
                    quality=photo.quality,
                    taken=row.taken,
                    counts=mine.accepted,
                    at=now,
                )
            )
        elif photo is not None:
            known = session.get_one(TreePhotoRow, photo.sha)
            known.counts = known.counts or mine.accepted
            taken_back(session, known, self._photos, photo, now)
        if mine.accepted:
            _settle(session, tree, found, row, now)

    def of(self, code: str) -> list[TreeVisitRow]:
        """A tree's visits, the newest first."""
        return self._rows(select(TreeVisitRow).where(TreeVisitRow.tree == parse_code(code)).order_by(TreeVisitRow.began.desc()))

    def by(self, account: str, most: int = 100) -> list[TreeVisitRow]:
        """A verifier's own, the newest first."""
        return self._rows(select(TreeVisitRow).where(TreeVisitRow.verifier == account).order_by(TreeVisitRow.received.desc()).limit(most))

    def _rows(self, query: Any) -> list[TreeVisitRow]:
        with self._records.session() as session:
            rows = list(session.scalars(query))
            session.expunge_all()
        return rows


def _row(  # noqa: PLR0917 - a row
    actor: Actor, given: VisitIn, code: str, kind: str, photo: ReadPhoto | None, said: int | None, now: int
) -> TreeVisitRow:
    place = given.place
    taken = None if photo is None else photo.taken if photo.taken is not None else said
    return TreeVisitRow(
        id=given.id, tree=code, verifier=actor.id, verifier_name=actor.name, began=given.began, ended=given.ended, received=now,
        scanned=given.scanned, latitude=place.latitude if place else None, longitude=place.longitude if place else None,
        accuracy=place.accuracy if place else None, species=kind[:31], alive=given.alive, damage=given.damage,
        measures=[m.model_dump() for m in given.measures], note=" ".join(given.note.split()), photo=photo.sha if photo else "", taken=taken,
        accepted=False, reasons=[],
    )  # fmt: skip


def _settle(session: Session, tree: TreeRow, found: Judgement, row: TreeVisitRow, now: int) -> None:
    """The tree as its accepted visits show it."""
    if found.status != tree.status:
        session.add(TreeChangeRow(tree=tree.code, village=tree.village, was=tree.status, now=found.status, visit=row.id, at=now))
    tree.status, tree.since, tree.changed = found.status, found.since, now
    if found.place is not None:
        tree.latitude, tree.longitude, tree.accuracy = found.place.latitude, found.place.longitude, found.place.accuracy
    if not tree.species and row.species in species():
        tree.species = row.species
    if found.growth is not None:
        growth = found.growth
        tree.growth = {"kind": growth.kind, "unit": UNITS[growth.kind], "grew": round(growth.grew, 3), "needed": round(growth.needed, 3)}
    newest = [s.observation for s in found.seen if s.accepted and s.observation.alive]
    for name, kind in (("height", "height"), ("dbh", "dbh")):
        last = next((m for o in reversed(newest) if (m := o.measured(kind)) is not None), None)  # type: ignore[arg-type]
        if last is not None:
            setattr(tree, name, last.value)


def tree_of(row: TreeRow) -> Tree:
    """As the rule sees it."""
    kind = species().get(row.species)
    place = None if row.latitude is None or row.longitude is None else Place(row.latitude, row.longitude, row.accuracy or 0.0)
    planted = datetime.combine(date.fromisoformat(row.planted), datetime.min.time(), WIB)
    planter = Person(row.planter_account, row.planter_phone, row.planter_name)
    return Tree(row.code, row.species, bool(kind and kind.fast), round(planted.timestamp() * 1000), planter, place, bool(row.replaced_by))


def observation(row: TreeVisitRow, photo: Photo | None, measured: tuple[Measure, ...] | None = None) -> Observation:
    """As the rule sees it."""
    place = None if row.latitude is None or row.longitude is None else Place(row.latitude, row.longitude, row.accuracy or 0.0)
    measures = measured or tuple(instrument(m["kind"], m["instrument"]).measure(m["value"]) for m in row.measures)
    return Observation(
        row.id, Person(account=row.verifier, name=row.verifier_name), row.began, row.ended, row.received, row.scanned, place, row.species,
        row.alive, row.damage, measures, photo,  # type: ignore[arg-type]
    )  # fmt: skip


__all__ = ["Seen", "Visiting", "observation", "tree_of"]
