"""The register of trees: what planters and kiosks say of them. Nobody's word here makes a tree *hidup* or *tumbuh*."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.placing import check_place
from kampung_contract.tree_code import new_code, parse_code, shown
from kampung_contract.villages import village as find_village
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.modules.trees.duplicates import find_alike
from kampung_cloud.modules.trees.observing import Person, Place
from kampung_cloud.modules.trees.photos import PhotoFolder, ReadPhoto
from kampung_cloud.modules.trees.reasons import Reason
from kampung_cloud.modules.trees.returning import taken_back
from kampung_cloud.modules.trees.species import find_species
from kampung_cloud.modules.trees.thresholds import thresholds
from kampung_cloud.records import Records
from kampung_cloud.records.tree_models import TreeChangeRow, TreePhotoRow, TreePlotRow, TreeRow

OLDEST = timedelta(days=20 * 365)
"""A tree that was planted longer ago is nobody's Sedekah Oksigen."""


class Conflict(KampungError):
    """A code that another tree has."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class Planting:
    """A registration. ``event`` names it for ever; ``code`` is empty where we give one; ``source``: phone, kiosk or desk."""

    event: str
    code: str
    village: str
    species: str
    planted: date
    planter: Person
    source: str
    public: bool = False
    height: float | None = None
    place: Place | None = None
    plot: str = ""
    replaces: str = ""


class Register:
    """Everything raises ``StorageUnavailable``."""

    def __init__(self, records: Records, photos: PhotoFolder) -> None:
        self._records, self._photos = records, photos

    def put(self, given: Planting, photo: ReadPhoto | None, taken: int | None, now: int, today: date) -> TreeRow:
        """Register a tree; the same event again gives the tree of the first time.

        Raises ``InvalidRequest`` for what does not fit, ``UnknownVillage``, ``Conflict`` for a code that is taken.
        """
        place = find_village(given.village)
        kind = find_species(given.species)
        if given.planted > today:
            raise InvalidRequest(f"planted = {given.planted}: that day is still to come; register the tree when it stands")
        if today - given.planted > OLDEST:
            raise InvalidRequest(f"planted = {given.planted}: longer ago than {OLDEST.days // 365} years; check the year")
        if given.place is not None:
            if given.place.accuracy > thresholds().accuracy:
                values = {"value": f"{given.place.accuracy:.0f}", "limit": f"{thresholds().accuracy:.0f}"}
                raise InvalidRequest(Reason("accuracy", values).text())
            check_place(place, given.place.latitude, given.place.longitude, "tree")
        if photo is not None:
            self._photos.keep(photo)
        with self._records.session() as session:
            known = session.scalar(select(TreeRow).where(TreeRow.event == given.event))
            if known is not None:
                session.expunge(known)
                return known
            code = self._code(session, given.code)
            where = self._where(session, given)
            before = self._replaced(session, given, code, now)
            row = TreeRow(
                code=code, village=place.code, species=kind.name if kind else "", said=" ".join(given.species.split())[:80],
                latitude=where.latitude if where else None, longitude=where.longitude if where else None,
                accuracy=where.accuracy if where else None, plot=given.plot, planter_name=" ".join(given.planter.name.split()),
                planter_account=given.planter.account, planter_phone=given.planter.phone, public=given.public,
                planted=given.planted.isoformat(), height=given.height, dbh=None, status="ditanam", since=now, growth={}, replaces=before,
                replaced_by="", source=given.source, event=given.event, at=now, changed=now,
            )  # fmt: skip
            session.add(row)
            session.add(TreeChangeRow(tree=code, village=place.code, was="", now="ditanam", visit="", at=now))
            if photo is not None:
                self._photo(session, row, photo, taken, now)
            session.flush()
            session.expunge(row)
        return row

    def _code(self, session: Session, wanted: str) -> str:
        if wanted:
            code = parse_code(wanted)
            if session.get(TreeRow, code) is not None:
                raise Conflict(f"code {shown(code)} is another tree's; give this one a new code")
            return code
        while session.get(TreeRow, code := new_code()) is not None:
            pass
        return code

    def _where(self, session: Session, given: Planting) -> Place | None:
        if not given.plot:
            return given.place
        plot = session.get(TreePlotRow, given.plot)
        if plot is None or plot.village != given.village:
            raise InvalidRequest(f"plot = {given.plot[:40]!r}: the village has no such plot; GET /api/v1/trees/plots lists them")
        middle = Place(plot.latitude, plot.longitude, min(plot.radius, thresholds().accuracy))
        if given.place is None:
            return None  # a verifier's visit brings it: two trees of one plot are told apart by place
        apart = middle.away(given.place)
        if apart > plot.radius + given.place.accuracy:
            raise InvalidRequest(f"the tree is {apart:.0f} m from the plot {plot.name}, which reaches {plot.radius:.0f} m; choose no plot")
        return given.place

    def _replaced(self, session: Session, given: Planting, code: str, now: int) -> str:
        """Penyulaman: the old tree keeps its history and is visited no more."""
        if not given.replaces:
            return ""
        old = session.get(TreeRow, parse_code(given.replaces))
        if old is None or old.village != given.village:
            raise InvalidRequest(f"replaces = {given.replaces[:12]!r}: no tree of this village has that code")
        planter = Person(old.planter_account, old.planter_phone, old.planter_name)
        if given.source != "desk" and not planter.may_be(given.planter):
            raise InvalidRequest(f"replaces = {shown(old.code)}: somebody else planted that tree; he, or the village office, replaces it")
        if old.status == "diganti":
            raise InvalidRequest(f"replaces = {shown(old.code)}: {shown(old.replaced_by)} stands in its place already; name that one")
        if old.status == "tumbuh":
            raise InvalidRequest(f"replaces = {shown(old.code)}: it has grown; a verifier must see that it is dead first")
        session.add(TreeChangeRow(tree=old.code, village=old.village, was=old.status, now="diganti", visit="", at=now))
        old.status, old.since, old.replaced_by, old.changed = "diganti", now, code, now
        return old.code

    def _photo(self, session: Session, row: TreeRow, photo: ReadPhoto, taken: int | None, now: int) -> None:
        if taken is not None and taken > now + thresholds().clock_minutes * 60_000:
            raise InvalidRequest(f"photo.taken = {taken}: that time is still to come; set the phone's clock right")
        alike = find_alike(session, photo, thresholds())
        if alike is not None:
            raise InvalidRequest(Reason("photo_duplicate", {"value": f"pohon {shown(alike[1])}"}).text())
        known = session.get(TreePhotoRow, photo.sha)
        if known is None:
            session.add(
                TreePhotoRow(
                    sha=photo.sha, tree=row.code, hash=photo.hashes[0], quality=photo.quality, taken=taken, counts=taken is not None, at=now
                )
            )
        else:
            taken_back(session, known, self._photos, photo, now)

    def get(self, code: str) -> TreeRow:
        """Raises ``NotFound``, and ``InvalidRequest`` for what is no code."""
        with self._records.session() as session:
            row = session.get(TreeRow, parse_code(code))
            if row is None:
                raise NotFound(f"no tree has the code {shown(parse_code(code))}; one that was registered at a kiosk comes with its link")
            session.expunge(row)
        return row

    def history(self, code: str) -> list[TreeChangeRow]:
        """Its changes of status, the oldest first."""
        with self._records.session() as session:
            rows = list(session.scalars(select(TreeChangeRow).where(TreeChangeRow.tree == code).order_by(TreeChangeRow.id)))
            session.expunge_all()
        return rows

    def correct_species(self, code: str, said: str, now: int) -> TreeRow:
        """Put a wrong name right, by the village office. Raises ``NotFound``, ``InvalidRequest``."""
        kind = find_species(said)
        with self._records.session() as session:
            row = session.get(TreeRow, parse_code(code))
            if row is None:
                raise NotFound(f"no tree has the code {shown(parse_code(code))}")
            row.species, row.said, row.changed = kind.name if kind else "", " ".join(said.split())[:80], now
            session.flush()
            session.expunge(row)
        return row
