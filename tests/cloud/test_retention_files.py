"""Photos on the disk go with what is destroyed, however often somebody is killed; farmers' and planters' names, and what kiosks sent."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.access.actor import Actor
from kampung_cloud.modules import ageing
from kampung_cloud.modules.farming.models import FarmAdviceRow, FarmBookRow, FarmFieldRow, FarmKeyRow, FarmReportRow
from kampung_cloud.modules.farming.photos import Photo, Photos
from kampung_cloud.modules.trees.photos import PhotoFolder, ReadPhoto, read_photo
from kampung_cloud.modules.trees.schemas import PhotoIn, VisitIn
from kampung_cloud.modules.trees.visiting import Visiting
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.models import EventRow
from kampung_cloud.records.retention_models import DestructionRow
from kampung_cloud.records.tree_models import TreePhotoRow, TreePledgeRow, TreeRow, TreeVisitRow
from kampung_cloud.retention import certificate, discarding
from kampung_cloud.retention.book import Retention
from kampung_cloud.retention.discarding import clear_drafts, discard, left, remove, wanted_again
from kampung_cloud.retention.times import DAY_MS, RetentionConfig, keeps, times
from kampung_contract.complaint import COMPLAINT
from kampung_contract.tree_code import new_code
from PIL import Image
from sqlalchemy import delete, select

from tests.cloud.conftest import VILLAGE

SITI = Actor("siti", "Siti Contoh", frozenset({"petugas"}), VILLAGE)
KADES = Actor("kades", "Contoh Kades", frozenset({"kades"}), VILLAGE)
NOW = 1_800_000_000_000
LONG_AGO = NOW - 2000 * DAY_MS
TIMES = times(RetentionConfig())
SHA = "ab" + "c" * 62


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def records(folder: Path) -> Iterator[Records]:
    records = open_records("sqlite:records.db", folder)
    yield records
    records.close()


def fill(records: Records, *rows: object) -> None:
    with records.session() as session:
        session.add_all(rows)


def agree(records: Records, *kinds: str) -> DestructionRow:
    """As the head of the village does, whose process is killed before a file is gone."""
    book = Retention(records, ageing(), TIMES)
    return book.agree(book.propose(VILLAGE, kinds, "akhir tahun", SITI, NOW).id, KADES, NOW)


def field(name: str, ended: int | None) -> FarmFieldRow:
    return FarmFieldRow(
        id=name, village=VILLAGE, name="Sawah Pak Contoh", crop="rice", texture="loam", area=2500.0, latitude=-8.12345, longitude=114.23456,
        altitude=50.0, planted=None, target=6, direct=False, sensors=[], tell=["contoh"], at=LONG_AGO, ended=ended,
    )  # fmt: skip


def said(name: str, kind: str, body: dict[str, Any]) -> FarmReportRow:
    return FarmReportRow(field=name, day="2021-07-01", kind=kind, body=body, by="Pak Contoh", at=LONG_AGO)


def test_photos_of_leaves_go_off_the_disk_and_readings_stay(records: Records, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the first file, and again between file and record: whoever comes next finishes. The draft beside goes, too."""
    photos = Photos(folder)
    name, other = (photos.keep("lahan-1", Photo(b"\xff\xd8 daun", 64, 64)) for _ in range(2))
    file = folder / "farm-photos" / "lahan-1" / f"{name}.jpg"
    file.with_suffix(".new").write_bytes(b"half")
    fill(records, field("lahan-1", None), said("lahan-1", "leaves", {"readings": [3, 4], "photo": name}))
    fill(records, said("lahan-1", "watering", {"mm": 10.0}))
    row = agree(records, "foto-daun")
    assert (row.body["files"], file.exists(), left(records, VILLAGE)) == (1, True, 1)
    assert certificate.pdf(*Retention(records, ageing(), TIMES).one(row.id), keeps()).startswith(b"%PDF")
    unlink = discarding._unlink

    def killed(data: Path, path: str) -> None:
        unlink(data, path)
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(discarding, "_unlink", killed)
        remove(records, folder)
    assert (file.exists(), left(records, VILLAGE)) == (False, 1)
    assert (remove(records, folder), left(records, VILLAGE)) == (0, 0)
    assert [f.name for f in file.parent.iterdir()] == [f"{other}.jpg"]
    with records.session() as session:
        assert session.scalars(select(FarmReportRow.body).where(FarmReportRow.kind == "leaves")).all() == [{"readings": [3, 4]}]


def test_a_file_that_cannot_go_is_counted_and_tried_again(records: Records, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing outside the folders of photos is touched, whatever a row says; what came anew stays. It stands in no other's way."""
    monkeypatch.setattr(discarding, "AT_ONCE", 1)
    stuck, kept, beside = folder / "tree-photos/aa/aa.jpg", folder / "tree-photos/bb/bb.jpg", folder / "records.db"
    stuck.mkdir(parents=True)  # a folder cannot be unlinked
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"jpeg")
    with records.session() as session:
        for path in ("tree-photos/aa/aa.jpg", "tree-photos/bb/bb.jpg", "tree-photos/../records.db", "records.db"):
            discard(session, VILLAGE, path, "001")
        wanted_again(session, "tree-photos/bb/bb.jpg")
    assert (remove(records, folder), left(records, VILLAGE)) == (1, 1)
    assert kept.exists() and beside.exists()
    stuck.rmdir()
    stuck.write_bytes(b"jpeg")
    assert (remove(records, folder), stuck.exists(), left(records, VILLAGE)) == (0, False, 0)


def test_what_a_killed_process_left_behind_goes_after_a_day(tmp_path: Path) -> None:
    """Half a photo, half an import, half a backup; what is under way stays."""
    made = [
        ".import-old/readings",
        ".backup-old/tree-photos/aa/x.jpg",
        "farm-photos/lahan-1/x.new",
        "tree-photos/aa/y.part",
        "farm-photos/lahan-1/x.jpg",
    ]
    for name in made:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    now = tmp_path.stat().st_mtime
    assert clear_drafts(tmp_path, now) == 0
    for name in ("farm-photos/lahan-1/x.jpg", "farm-photos/lahan-1/x.new", "tree-photos/aa/y.part", ".import-old", ".backup-old"):
        os.utime(tmp_path / name, (now - 90_000, now - 90_000))
    assert clear_drafts(tmp_path, now) == 4
    assert [str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*") if f.is_file()] == ["farm-photos/lahan-1/x.jpg"]


def test_a_field_that_was_given_up_names_nobody_any_more(records: Records, folder: Path) -> None:
    """Its crop, area, harvest and rupiah stay, and one in use stays as it is."""
    photo = Photos(folder).keep("lahan-2", Photo(b"\xff\xd8 daun", 64, 64))
    before = {"name": "Sawah Pak Contoh", "tell": ["contoh"]}
    fill(
        records, field("lahan-2", LONG_AGO), field("lahan-3", None), said("lahan-2", "leaves", {"readings": [3], "photo": photo}),
        said("lahan-2", "changed", {"before": before, "helped": "Siti Contoh", "village": VILLAGE, "event": "kiosk-1/e/1/0"}),
        FarmKeyRow(field="lahan-2", digest="0" * 64, by="Pak Contoh", at=LONG_AGO),
        FarmBookRow(field="lahan-2", season="2021", day="2021-07-01", kind="sale", what="Dijual ke Bu Contoh", amount=2.0, unit="ton",
                    cost=0, income=9_000_000, by="Pak Contoh", at=LONG_AGO),
        FarmAdviceRow(field="lahan-2", day="2021-07-01", village=VILLAGE, colour="green", water={"mm": 3.0}, at=LONG_AGO,
                      actions=[{"kind": "water", "sentence": "Sawah Pak Contoh: airi"}],
                      answers={"water": {"answer": "sudah", "by": "Pak Contoh", "at": 1}}),
    )  # fmt: skip
    agree(records, "lahan-petani")
    remove(records, folder)
    with records.session() as session:
        gone, line = session.get_one(FarmFieldRow, "lahan-2"), session.scalars(select(FarmBookRow)).one()
        assert (gone.name, gone.tell, gone.latitude, gone.longitude, gone.crop, gone.area) == ("", [], -8.12, 114.23, "rice", 2500.0)
        assert (line.what, line.by, line.amount, line.income) == ("", "", 2.0, 9_000_000)
        reports = session.scalars(select(FarmReportRow).where(FarmReportRow.field == "lahan-2").order_by(FarmReportRow.kind)).all()
        assert [(r.by, r.body) for r in reports] == [("", {"event": "kiosk-1/e/1/0", "village": VILLAGE}), ("", {"readings": [3]})]
        advice = session.scalars(select(FarmAdviceRow)).one()
        assert (advice.actions, advice.answers, advice.water) == ([], {"water": {"answer": "sudah", "at": 1}}, {"mm": 3.0})
        assert session.scalars(select(FarmKeyRow)).all() == []
        assert session.get_one(FarmFieldRow, "lahan-3").name == "Sawah Pak Contoh"
    assert not (folder / "farm-photos" / "lahan-2" / f"{photo}.jpg").exists()


def planted(code: str, status: str, *, public: bool = False) -> TreeRow:
    return TreeRow(
        code=code, village=VILLAGE, species="mangga", said="mangga", latitude=-8.1, longitude=114.2, accuracy=5.0, plot="",
        planter_name="Bu Contoh", planter_account="", planter_phone="f" * 64, public=public, planted="2021-01-01", height=2.0, dbh=None,
        status=status, since=LONG_AGO, growth={}, replaces="", replaced_by="", source="phone", event=code, at=LONG_AGO, changed=LONG_AGO,
    )  # fmt: skip


def test_who_planted_is_forgotten_and_the_tree_is_not(records: Records, folder: Path) -> None:
    """Not of one that still waits for a verifier, and not the name of who wants to be named; a photo's hash still knows it again."""
    PhotoFolder(folder).keep(ReadPhoto(SHA, b"jpeg", None, (b"\0" * 32,), 90))
    visit = TreeVisitRow(
        id="v1", tree="AAAAAAA2",
        verifier="budi", verifier_name="Budi Contoh", began=LONG_AGO, ended=LONG_AGO, received=LONG_AGO,
        scanned=True, species="mangga", alive=True, damage="none", measures=[], note="di halaman Bu Contoh", photo=SHA, accepted=True,
        reasons=[],
    )  # fmt: skip
    pledge = TreePledgeRow(
        code="PPPPPPP2", village=VILLAGE, service="surat", person="e" * 64, decree="", due="", tree="AAAAAAA2", by="siti", at=1, changed=1
    )
    photo = TreePhotoRow(sha=SHA, tree="AAAAAAA2", hash=b"\0" * 32, quality=90, taken=None, counts=True, at=LONG_AGO)
    fill(
        records,
        planted("AAAAAAA2", "tumbuh"),
        planted("AAAAAAA3", "mati", public=True),
        planted("AAAAAAA4", "ditanam"),
        visit,
        pledge,
        photo,
    )
    assert PhotoFolder(folder).file(SHA).exists()
    agree(records, "foto-pohon", "penanam-pohon")
    assert remove(records, folder) == 0 and not PhotoFolder(folder).file(SHA).exists()
    with records.session() as session:
        trees = session.scalars(select(TreeRow).order_by(TreeRow.code)).all()
        assert [(t.planter_name, bool(t.planter_phone)) for t in trees] == [("", False), ("Bu Contoh", False), ("Bu Contoh", True)]
        seen, kept = session.get_one(TreeVisitRow, "v1"), session.get_one(TreePhotoRow, SHA)
        assert (seen.note, seen.accepted, kept.kept, kept.hash, kept.counts) == ("", True, False, b"\0" * 32, True)
        assert session.get_one(TreePledgeRow, "PPPPPPP2").person == ""
    standing = Retention(records, ageing(), TIMES).standing(VILLAGE, NOW)
    assert {standing[k].pile.count for k in ("foto-pohon", "penanam-pohon")} == {0}


class Removed(PhotoFolder):
    """While a photo is written somebody removes what is to go, the first time; he does not wait."""

    def __init__(self, records: Records, data: Path) -> None:
        super().__init__(data)
        self._records, self._into, self._due = records, data, True

    def keep(self, photo: ReadPhoto) -> None:
        super().keep(photo)
        if self._due:
            self._due = False
            assert remove(self._records, self._into) == 0


@pytest.mark.parametrize("pending", [True, False])
def test_a_photo_that_is_sent_again_while_its_file_is_removed_stays(tmp_path: Path, pending: bool) -> None:
    """Of a tree that a verifier goes to again; removed before, or just as it comes."""
    code, out = new_code(), io.BytesIO()
    Image.effect_noise((320, 320), 60).convert("RGB").save(out, "JPEG")
    photo, records = read_photo(out.getvalue()), open_records("sqlite:records.db", tmp_path)
    fill(records, planted(code, "tumbuh"))
    fill(records, TreePhotoRow(sha=photo.sha, tree=code, hash=b"", quality=0, taken=None, counts=False, at=LONG_AGO))
    PhotoFolder(tmp_path).keep(photo)
    agree(records, "foto-pohon")
    assert pending or remove(records, tmp_path) == 0
    visit = VisitIn(
        id="0" * 16, tree=code, began=NOW - 60_000, ended=NOW, scanned=True, place=None, species="", alive=True, damage="none",
        photo=PhotoIn(data=base64.b64encode(out.getvalue()), taken=NOW - 60_000),
    )  # fmt: skip
    Visiting(records, Removed(records, tmp_path)).take(Actor("budi", "Budi Contoh", frozenset({"verifikator"}), VILLAGE), visit, NOW)
    assert remove(records, tmp_path) == 0
    with records.session() as session:
        assert session.get_one(TreePhotoRow, photo.sha).kept
    assert PhotoFolder(tmp_path).file(photo.sha).read_bytes() == photo.jpeg
    records.close()


BODIES = {
    "tree-planting": {"type": "tree-planting", "by": "Bu Contoh", "phone": "0812-0000-0001"},
    COMPLAINT: {"type": COMPLAINT, "taken": "refused", "why": "Bu Contoh", "sealed": "c2VhbGVk"},
    "service-request": {"type": "service-request", "taken": "SK-1"},
    "reply": {"type": "reply", "by": "siti"},
}


@given(st.lists(st.tuples(st.sampled_from(sorted(BODIES)), st.integers(170, 190), st.integers(0, 23)), max_size=8))
@settings(max_examples=12, deadline=None)
def test_what_kiosks_sent_keeps_only_what_became_of_it(records: Records, sent: list[tuple[str, int, int]]) -> None:
    """By whole days of WIB, whatever the hour; others' events and what a book has emptied stay as they are."""
    with records.session() as session:
        session.execute(delete(EventRow))
    rows = [
        EventRow(
            node="kiosk-1",
            epoch="e",
            seq=n,
            position=0,
            village=VILLAGE,
            received=NOW - days * DAY_MS + hour * 3_600_000,
            type=kind,
            body=BODIES[kind],
        )
        for n, (kind, days, hour) in enumerate(sent)
    ]
    fill(records, *rows)
    limit = NOW - 180 * DAY_MS
    start = limit - (limit + 7 * 3_600_000) % DAY_MS
    gone = {n for n, r in enumerate(rows) if r.received < start and r.type in {"tree-planting", COMPLAINT}}
    if gone:
        number = agree(records, "kiriman-kios").number
    with records.session() as session:
        for row in session.scalars(select(EventRow)):
            was = BODIES[row.type]
            left_ = {"type": row.type, "taken": was.get("taken", "destroyed"), "certificate": number} if row.seq in gone else was
            assert row.body == left_
    assert Retention(records, ageing(), TIMES).standing(VILLAGE, NOW)["kiriman-kios"].pile.count == 0


def test_every_kind_asks_what_any_database_answers(records_url: str, tmp_path: Path) -> None:
    """Over rows of its own, there and gone; names that people may type are looked for and not found."""
    records = open_records(records_url, tmp_path)
    fill(
        records, field("lahan-9", LONG_AGO), said("lahan-9", "leaves", {"readings": [3], "photo": "0123456789abcdef"}),
        planted("AAAAAAA9", "mati"),
        TreePhotoRow(sha=SHA, tree="AAAAAAA9", hash=b"", quality=90, taken=None, counts=True, at=LONG_AGO),
        EventRow(node="k", epoch="e", seq=1, position=0, village=VILLAGE, received=LONG_AGO, type=COMPLAINT, body=BODIES[COMPLAINT]),
    )  # fmt: skip
    book = Retention(records, ageing(), TIMES)
    counts = {name: each.pile.count for name, each in book.standing(VILLAGE, NOW).items()}
    found = {name for name, count in counts.items() if count}
    assert found == {"foto-daun", "lahan-petani", "foto-pohon", "penanam-pohon", "kiriman-kios"}
    with records.session() as session:
        for kind in ageing():
            for name in ("1", "999999999", "0123456789abcdef", "AAAA-AAA2", "%", "tree-planting 2026-02-30", "\u2461", ""):
                assert kind.named(session, VILLAGE, name) is None or kind.name == "foto-daun"
    assert book.agree(book.propose(VILLAGE, list(TIMES), "akhir tahun", SITI, NOW).id, KADES, NOW).body["files"] == 2
    assert not any(each.pile.count for each in book.standing(VILLAGE, NOW).values())
    records.close()
