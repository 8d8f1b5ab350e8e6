"""Trees registered at the kiosk, and codes checked there: on the disk before there is a code, with the link or without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kampung_contract.errors import InvalidRequest, KampungError, NotFound, StorageUnavailable
from kampung_contract.planting import parse_event
from kampung_contract.tree_code import new_code, parse_code
from kampung_edge import plantings as module
from kampung_edge.plantings import MOST_HOUR, Plantings

TREE, PLEDGE = new_code(), new_code()
DOCUMENT = {
    "address": "https://kabupaten.example", "codes": [TREE], "statuses": "t", "plots": [{"id": "lapangan", "name": "Lapangan"}],
    "pledges": [{"code": PLEDGE, "due": "2027-02-28", "letter": "Keterangan Usaha", "kept": False}],
}  # fmt: skip


class Spool:
    """What was stored, and what waits."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.waiting, self.full = True, False

    def store(self, event: dict[str, Any]) -> tuple[str, int]:
        if self.full:
            raise StorageUnavailable("nothing can be saved now")
        self.events.append(event)
        return "aabb", len(self.events)

    def waits(self, _epoch: str, _seq: int) -> bool:
        return self.waiting


def body(n: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": f"{n:032x}", "species": "mangga", "planted": "2026-01-05", "by": "Bu Contoh", **more}


@pytest.fixture
def spool() -> Spool:
    return Spool()


def desk(folder: Path, spool: Spool) -> Plantings:
    return Plantings(folder / "plantings.json", spool.store, spool.waits)


def test_a_tree_and_its_code(tmp_path: Path, spool: Spool) -> None:
    """The same again is the same tree; a restart knows its code and no name; it is sent when the spool says so."""
    here = desk(tmp_path, spool)
    told = here.plant(DOCUMENT, body(plot="lapangan", height=1.2))
    assert parse_code(told["code"]) == told["code"]
    assert told["qr"].startswith("data:image/svg+xml")
    assert here.plant(DOCUMENT, body())["code"] == told["code"]
    said = parse_event(spool.events[0])
    assert said is not None
    assert (said.by, said.plot, said.height, len(spool.events)) == ("Bu Contoh", "lapangan", 1.2, 1)
    again = desk(tmp_path, spool)
    assert again.look({}, told["code"].lower()) == {"kind": "tree", "code": told["code"], "status": "ditanam", "sent": False}
    spool.waiting = False
    assert again.look({}, told["code"])["sent"]
    assert "Bu Contoh" not in (tmp_path / "plantings.json").read_text()


@pytest.mark.parametrize(
    ("more", "words"),
    [({"planted": "2099-01-01"}, "still to come"), ({"planted": "kemarin"}, "planted"), ({"plot": "x"}, "no such plot"),
     ({"species": ""}, "species"), ({"by": "  "}, "by ="), ({"height": 99}, "height"), ({"id": 7}, "id")],
)  # fmt: skip
def test_what_cannot_be(tmp_path: Path, spool: Spool, more: dict[str, Any], words: str) -> None:
    """Nothing is stored."""
    with pytest.raises(InvalidRequest, match=words):
        desk(tmp_path, spool).plant(DOCUMENT, body(**more))
    assert spool.events == []


def test_codes_are_checked_by_what_was_last_heard(tmp_path: Path, spool: Spool) -> None:
    """A tree's status, a pledge's last day; a wrong letter and a stranger are told apart."""
    here = desk(tmp_path, spool)
    assert here.look(DOCUMENT, TREE)["status"] == "tumbuh"
    pledge = here.look(DOCUMENT, f"{PLEDGE[:4]}-{PLEDGE[4:]}")
    assert (pledge["kind"], pledge["due"], pledge["kept"]) == ("pledge", "2027-02-28", False)
    with pytest.raises(InvalidRequest, match="one letter of it is wrong"):
        here.look(DOCUMENT, TREE[:-1] + ("A" if TREE[-1] != "A" else "B"))
    with pytest.raises(NotFound, match="another village"):
        here.look(DOCUMENT, new_code())


def test_a_full_disk_and_a_game(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """No code without the disk; no more than a class in an hour."""
    here = desk(tmp_path, spool)
    spool.full = True
    with pytest.raises(StorageUnavailable):
        here.plant(DOCUMENT, body())
    spool.full = False
    monkeypatch.setattr(module, "wall_ms", lambda: 1_796_000_000_000)
    for n in range(MOST_HOUR):
        here.plant(DOCUMENT, body(n))
    with pytest.raises(KampungError, match="trees an hour"):
        here.plant(DOCUMENT, body(999))
