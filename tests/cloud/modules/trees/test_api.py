"""Trees over HTTP: registration, visits decided once, duplicates, the map document, print, the kiosk's document, the gate's desk."""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from kampung_cloud.access import accounts
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.health import now_ms
from kampung_cloud.modules.trees import kiosks
from kampung_cloud.modules.trees.map_document import MAGIC, Maps
from kampung_cloud.modules.trees.standing import known_at
from kampung_cloud.records.models import EventRow
from kampung_cloud.records.tree_models import TreeChangeRow, TreeRow, TreeVisitRow
from kampung_contract.tree_code import new_code
from PIL import Image
from sqlalchemy import select

from tests.cloud.conftest import client

VILLAGE, LAT, LON = "35.10.24.2008", -8.1872, 114.2594
DAY_MS = 86_400_000
POLICY = Path(__file__).resolve().parents[4] / "cloud" / "sedekah-oksigen.toml"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """A cloud without a broker, with the example's policy as if its text had been read."""
    folder = tmp_path_factory.mktemp("trees")
    (folder / "p.toml").write_text(POLICY.read_text(encoding="utf-8").replace('mark = "V2"', 'mark = "V"'), encoding="utf-8")
    tables = {"data": "d", "broker": {"url": "mqtt://127.0.0.1:1"}, "api": {"port": 0}, "gate": {"policy": "p.toml"}}
    cloud = CloudApp(parse(tables, folder))
    cloud.start()
    yield cloud
    cloud.stop()


class People:
    """Clients by account, logged in with their cookies; ``""`` is nobody."""

    def __init__(self, app: CloudApp) -> None:
        self._app, self._known = app, {"": client(f"{app.url}/api/v1")}

    def as_(self, account: str, name: str, role: str) -> httpx.Client:
        """Made when first asked for."""
        if account not in self._known:
            wanted = accounts.Wanted(account, name, (role,), VILLAGE)
            accounts.add(self._app._records, wanted, "kata sandi panjang sekali", temporary=False, now=now_ms())
            made = client(f"{self._app.url}/api/v1", **{"sec-fetch-site": "same-origin"})
            made.post("/session", json={"account": account, "password": "kata sandi panjang sekali"}).raise_for_status()
            self._known[account] = made
        return self._known[account]

    def close(self) -> None:
        for known in self._known.values():
            known.close()

    @property
    def nobody(self) -> httpx.Client:
        return self._known[""]

    @property
    def verifier(self) -> httpx.Client:
        return self.as_("verif-satu", "Budi Santoso", "verifikator")

    @property
    def clerk(self) -> httpx.Client:
        return self.as_("petugas-satu", "Rina Petugas", "petugas")


@pytest.fixture(scope="module")
def people(app: CloudApp) -> Iterator[People]:
    known = People(app)
    yield known
    known.close()


def picture(seed: int, taken: str = "", side: int = 480) -> bytes:
    """A JPEG that is like no other seed's; with a camera's note of its time where that is asked."""
    noise = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((side * 4 // 3, side), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    if taken:
        exif[0x8769] = {0x9003: taken}
        exif[0x8825] = {1: "S", 2: (8.0, 11.0, 13.0), 3: "E", 4: (114.0, 15.0, 34.0)}
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80, exif=exif)
    return out.getvalue()


def photo(seed: int, taken: int | None) -> dict[str, Any]:
    """As the page sends it."""
    return {"data": base64.b64encode(picture(seed)).decode(), "taken": taken}


def tree(seed: int, **changes: Any) -> dict[str, Any]:
    """A registration of some weeks ago."""
    place = {"latitude": LAT + seed * 1e-4, "longitude": LON, "accuracy": 6}
    body = {
        "id": f"daftar-{seed:06}",
        "village": VILLAGE,
        "species": "mangga",
        "planted": "2026-01-05",
        "planter": f"Warga {seed}",
        "place": place,
    }
    return body | {"photo": photo(seed, now_ms())} | changes


def visit(seed: int, code: str, at: int, **changes: Any) -> dict[str, Any]:
    """A good visit at the tree of ``seed``."""
    place = {"latitude": LAT + seed * 1e-4, "longitude": LON, "accuracy": 6}
    body = {"id": f"kunjungan-{seed:06}-{at}", "tree": code, "began": at, "ended": at + 60_000, "place": place, "alive": True,
            "measures": [{"kind": "height", "value": 1.0, "instrument": "tape"}], "photo": photo(seed * 1000 + at % 997, at)}  # fmt: skip
    return body | changes


def planted(people: People, seed: int, **changes: Any) -> str:
    """Its code."""
    answer = people.nobody.post("/trees", json=tree(seed, **changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def age(app: CloudApp, code: str, days: int) -> None:
    """Let the accepted visits be so many days older."""
    with app._records.session() as session:
        for row in session.scalars(select(TreeVisitRow).where(TreeVisitRow.tree == code)):
            row.began, row.ended, row.received = (t - days * DAY_MS for t in (row.began, row.ended, row.received))
            row.taken = None if row.taken is None else row.taken - days * DAY_MS


def test_from_seedling_to_certificate(app: CloudApp, people: People) -> None:
    """Registered, seen, seen again half a year later and grown; the same visit sent twice is one; paper at the end."""
    code = planted(people, 1)
    assert people.nobody.post("/trees", json=tree(1)).json()["code"] == code
    assert people.nobody.get(f"/trees/{code}/certificate.pdf").status_code == 422
    first = visit(1, code, now_ms() - 600_000)
    answer = people.verifier.post("/trees/visits", json=first).json()
    assert (answer["accepted"], answer["status"], answer["reasons"][0]["code"]) == (True, "hidup", "one_visit")
    assert people.verifier.post("/trees/visits", json=first).json()["id"] == first["id"]
    age(app, code, 190)
    grown = visit(1, code, now_ms() - 300_000, measures=[{"kind": "height", "value": 1.6, "instrument": "tape"}])
    assert people.verifier.post("/trees/visits", json=grown).json()["status"] == "tumbuh"
    shown = people.nobody.get(f"/trees/{code.lower()}").json()
    assert (shown["status"], shown["planter"], shown["growth"]["kind"], shown["stock"]) == ("tumbuh", None, "height", None)
    assert [h["status"] for h in shown["history"]] == ["ditanam", "hidup", "tumbuh"]
    assert people.clerk.get(f"/trees/{code}").json()["planter"] == "Warga 1"
    assert people.nobody.get(f"/trees/{code}/certificate.pdf").content.startswith(b"%PDF")
    assert people.nobody.get(f"/trees/tags.pdf?codes={code}").content.startswith(b"%PDF")
    assert b"<svg" in people.nobody.get(f"/trees/{code}/tag.svg").content
    assert len(people.clerk.get(f"/trees/{code}/visits").json()) == 2
    with app._records.session() as session:
        changes = session.scalars(select(TreeChangeRow).where(TreeChangeRow.tree == code)).all()
        assert [c.now for c in changes] == ["ditanam", "hidup", "tumbuh"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"planted": "2099-01-01"}, "still to come"),
        ({"planted": "1999-01-01"}, "longer ago"),
        ({"species": "   "}, "species"),
        ({"place": {"latitude": LAT, "longitude": LON, "accuracy": 500}}, "hanya teliti sampai 500 m, paling jauh 50 m. Tunggu sebentar"),
        ({"place": {"latitude": -7.25, "longitude": 112.75, "accuracy": 5}}, "outside every village"),
        ({"plot": "tidak-ada"}, "no such plot"),
        ({"code": "K7QM2X9X"}, "one letter of it is wrong"),
        ({"photo": {"data": base64.b64encode(b"GIF89a" * 50).decode()}}, "no picture that can be read"),
        ({"photo": {"data": base64.b64encode(b"\xff\xd8" + b"0" * 210_000).decode()}}, "at most 204,800"),
        ({"photo": {"data": base64.b64encode(picture(9, side=120)).decode()}}, "240 at least"),
        ({"phone": "12"}, "telephone number"),
        ({"replaces": "K7QM2X9W"}, "no tree of this village"),
    ],
)
def test_what_cannot_be_registered(people: People, changes: dict[str, Any], words: str) -> None:
    """Each with the value and the remedy."""
    answer = people.nobody.post("/trees", json=tree(700, **changes))
    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]


def test_an_unknown_species_is_kept_as_it_is_said(people: People) -> None:
    """And has no kilograms."""
    code = planted(people, 2, species="Kayu  Ulin")
    shown = people.nobody.get(f"/trees/{code}").json()
    assert (shown["species"], shown["said"], shown["species_title"]["id"]) == ("", "Kayu Ulin", "Kayu Ulin")
    assert people.clerk.post(f"/trees/{code}/species?said=trembesi").json()["species"] == "trembesi"
    assert people.nobody.post(f"/trees/{code}/species?said=jati").status_code == 401


def test_the_planter_alone_gets_nowhere(app: CloudApp, people: People) -> None:
    """Not with an account of his name, and not without one."""
    code = planted(people, 3, planter="Budi  SANTOSO")
    for day in (400, 200, 1):
        answer = people.verifier.post("/trees/visits", json=visit(3, code, now_ms() - day * DAY_MS // 2)).json()
        assert "verifier_is_planter" in [r["code"] for r in answer["reasons"]]
        assert not answer["accepted"]
    assert people.nobody.post("/trees/visits", json=visit(3, code, now_ms())).status_code == 401
    assert people.clerk.post("/trees/visits", json=visit(3, code, now_ms())).status_code == 403
    assert people.nobody.get(f"/trees/{code}").json()["status"] == "ditanam"


def test_photos(app: CloudApp, people: People) -> None:
    """The same again, smaller, mirrored, of another tree: refused; without a time: a note only; no place in the file."""
    code, other = planted(people, 4), planted(people, 5)
    now = now_ms()

    def sent(number: int, data: bytes, taken: int | None, to: str = code) -> dict[str, Any]:
        given = {"data": base64.b64encode(data).decode(), "taken": taken}
        body = visit(4 if to == code else 5, to, now - number * 1000, photo=given)
        return dict(people.verifier.post("/trees/visits", json=body).json())

    answer = sent(1, picture(41), None)
    assert [r["code"] for r in answer["reasons"]] == ["photo_no_time"]
    assert people.verifier.get(f"/trees/photos/{answer['photo']}").status_code == 200
    assert people.nobody.get(f"/trees/photos/{answer['photo']}").status_code == 401
    assert sent(2, picture(41), now)["accepted"]
    small, mirrored = io.BytesIO(), io.BytesIO()
    Image.open(io.BytesIO(picture(41))).resize((400, 300)).save(small, "JPEG", quality=50)
    Image.open(io.BytesIO(picture(41))).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored, "JPEG")
    for number, data in enumerate((picture(41), small.getvalue(), mirrored.getvalue(), picture(5))):
        answer = sent(10 + number, data, now, other)
        assert [r["code"] for r in answer["reasons"]] == ["photo_duplicate"], number
    flat = io.BytesIO()
    Image.new("RGB", (480, 480), "#223322").save(flat, "JPEG")
    assert "photo_blank" in [r["code"] for r in sent(20, flat.getvalue(), now, other)["reasons"]]
    answer = sent(30, picture(42, taken="2026:01:06 08:00:00"), now)
    assert [r["code"] for r in answer["reasons"]] == ["photo_outside_visit"]
    kept = Image.open(io.BytesIO(people.clerk.get(f"/trees/photos/{answer['photo']}").content))
    assert dict(kept.getexif()) == {}


def test_penyulaman(people: People) -> None:
    """The replacement takes the dead one's place, the history stays; a stranger replaces nothing."""
    old = planted(people, 6)
    stranger = people.nobody.post("/trees", json=tree(61, replaces=old))
    assert "somebody else planted" in stranger.json()["error"]["message"]
    new = planted(people, 62, replaces=old, planter="Warga 6")
    assert people.nobody.get(f"/trees/{old}").json()["replaced_by"] == new
    answer = people.verifier.post("/trees/visits", json=visit(6, old, now_ms())).json()
    assert [r["code"] for r in answer["reasons"]] == ["replaced"]
    again = people.nobody.post("/trees", json=tree(63, replaces=old, planter="Warga 6"))
    assert "in its place already" in again.json()["error"]["message"]


def test_plots(people: People) -> None:
    """The village sets one aside; who has no land registers there, and not far from it."""
    plot = {"village": VILLAGE, "name": "Lapangan", "latitude": LAT + 0.002, "longitude": LON, "radius": 40}
    assert people.nobody.put("/trees/plots/lapangan", json=plot).status_code == 401
    assert people.clerk.put("/trees/plots/lapangan", json=plot).status_code == 200
    assert planted(people, 7, plot="lapangan", place=None)
    far = people.nobody.post("/trees", json=tree(71, plot="lapangan", place={"latitude": LAT, "longitude": LON, "accuracy": 5}))
    assert "m from the plot Lapangan" in far.json()["error"]["message"]


def unpacked(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What a page reads out of the map document."""
    assert data[:4] == MAGIC
    size = int.from_bytes(data[4:8], "little")
    head = json.loads(data[8 : 8 + size])
    n = head["n"]
    columns = [np.frombuffer(data, np.uint8, n, 8 + size + i * n).astype(np.uint16) for i in range(8)]
    joined = [
        np.cumsum(low | (high << 8), dtype=np.uint16)
        for low, high in ((columns[0], columns[1]), (columns[2], columns[3]), (columns[6], columns[7]))
    ]
    return head, {"x": joined[0], "y": joined[1], "species": columns[4], "status": columns[5], "village": joined[2]}


def test_map_document(app: CloudApp, people: People) -> None:
    """Every tree that has a place, two metres from where it stands; unchanged it is not sent again."""
    code = planted(people, 8, species="durian")
    answer = people.nobody.get("/trees/map")
    head, columns = unpacked(answer.content)
    with app._records.session() as session:
        places = session.execute(select(TreeRow.latitude, TreeRow.longitude).where(TreeRow.latitude.is_not(None))).all()
    assert head["n"] == len(places)
    lat, lon = head["south"] + columns["y"] * head["step"], head["west"] + columns["x"] * head["step"]
    for latitude, longitude in places:
        assert np.hypot(lat - latitude, lon - longitude).min() < head["step"]
    assert {head["villages"][v] for v in columns["village"]} == {VILLAGE}
    assert people.nobody.get("/trees/map", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert people.nobody.get("/trees/near", params={"latitude": LAT + 8e-4, "longitude": LON}).json()["code"] == code
    assert people.nobody.get("/trees/near", params={"latitude": -8.5, "longitude": LON}).json() is None
    assert Maps().document(app._records).etag == answer.headers["etag"].strip('"')
    assert len(zlib.compress(answer.content)) < len(answer.content)


def test_standing(app: CloudApp, people: People) -> None:
    """Figures with n and days; survival only of trees that were seen; at an earlier time, as it was known then."""
    planted(people, 80)
    rows = people.nobody.get("/trees/standing").json()
    assert rows[0]["key"] == VILLAGE
    assert rows[-1]["planted"] == sum(r["planted"] for r in rows[:-1])
    assert all(r["planted"] == sum(r[s] for s in ("ditanam", "hidup", "tumbuh", "mati", "diganti")) for r in rows)
    assert {r["key"] for r in people.nobody.get("/trees/standing?by=place").json()} >= {"sendiri", ""}
    assert known_at(app._records, 0, [VILLAGE]) == {}
    assert sum(known_at(app._records, now_ms(), [VILLAGE])[VILLAGE].values()) == rows[0]["planted"]
    kinds = people.nobody.get(f"/trees/standing?by=species&village={VILLAGE}").json()
    assert "mangga" in {r["key"] for r in kinds}
    listed = people.verifier.get(f"/trees/to-visit?village={VILLAGE}").json()
    assert {"code", "visited", "latitude"} <= set(listed[0])
    assert people.verifier.get("/trees/to-visit?village=35.10.01.2001").status_code == 403


def test_registered_at_a_kiosk(app: CloudApp) -> None:
    """An event counts once; one that cannot be taken is kept with its reason; the village's document holds codes and no names."""
    code = new_code()
    body = {
        "type": "tree-planting",
        "id": "a" * 32,
        "code": code,
        "species": "sengon",
        "planted": "2026-02-01",
        "by": "Bu Kiosk",
        "at": now_ms(),
    }
    with app._records.session() as session:
        for seq, each in enumerate((body, {**body, "planted": "2099-02-01"}, {**body, "code": "K7QM2X9X"})):
            row = EventRow(node="kiosk-1", epoch="aabbccdd", seq=seq, position=0, village=VILLAGE, type="tree-planting", body=each,
                           received=now_ms())  # fmt: skip
            session.add(row)
    services = app._services
    assert kiosks.take(services, now_ms()) == 3
    assert kiosks.take(services, now_ms()) == 0
    kiosks.publish(services, now_ms())
    found = services.contents.get(VILLAGE, "trees")
    assert found is not None
    document = found.document
    assert document["statuses"][document["codes"].index(code)] == "d"
    assert len(document["statuses"]) == len(document["codes"])
    assert "Bu Kiosk" not in json.dumps(document)
    assert document["policy"]["binding"]
    kiosks.publish(services, now_ms())
    assert services.contents.get(VILLAGE, "trees") == found


def test_the_gates_desk(app: CloudApp, people: People) -> None:
    """A letter for a pledge, the pledge kept by a tree, the tree used up; a rehearsal leaves nothing behind."""
    ask = {"village": VILLAGE, "service": "surat-keterangan-usaha", "name": "Warga 90"}
    assert people.nobody.post("/gate/letters", json=ask).status_code == 401
    assert people.clerk.post("/gate/letters", json=ask).json()["outcome"] == "refused"
    pledged = people.clerk.post("/gate/letters", json=ask | {"pledges": True}).json()
    assert (pledged["outcome"], len(pledged["letters"])) == ("pledge", 1)
    code = planted(people, 90)
    pledge = pledged["letters"][0]["code"]
    assert people.clerk.post(f"/gate/letters/{pledge}/tree", json={"tree": code}).json()["tree"] == code
    used = people.clerk.post("/gate/letters", json=ask | {"trees": [code]}).json()
    assert (used["allowed"], "dipakai" in used["reason"]["id"]) == (False, True)
    fresh = planted(people, 91, planter="Warga 90")
    assert people.clerk.post("/gate/letters", json=ask | {"trees": [fresh]}).json()["outcome"] == "proof"
    assert people.clerk.post("/gate/letters", json=ask | {"service": "surat-keterangan-kematian"}).json()["outcome"] == "a_right"
    before = len(people.clerk.get(f"/gate/letters?village={VILLAGE}").json())
    rehearsal = {"service": "surat-keterangan-usaha", "trees": [{"status": "hidup"}]}
    assert people.clerk.post("/gate/rehearsal", json=rehearsal).json()["outcome"] == "proof"
    bad = POLICY.read_text(encoding="utf-8").replace("surat-keterangan-usaha", "surat-permohonan-kartu-keluarga")
    refused = people.clerk.post("/gate/rehearsal", json=rehearsal | {"policy": bad})
    assert "which no policy can touch" in refused.json()["error"]["message"]
    assert len(people.clerk.get(f"/gate/letters?village={VILLAGE}").json()) == before
    gate = people.nobody.get("/gate").json()
    assert (gate["in_force"], len(gate["services"])) == (True, 42)
    kiosks.publish(app._services, now_ms())
    document = app._services.contents.get(VILLAGE, "trees").document  # type: ignore[union-attr]
    assert {"code": pledge, "due": pledged["due"], "letter": "Keterangan Usaha", "kept": True} in document["pledges"]
    assert "Warga 90" not in json.dumps(document)
