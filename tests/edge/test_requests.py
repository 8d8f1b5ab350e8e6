"""Requests for services at the kiosk: checked as the office checks, on the disk before there is a reference, with the link or without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kampung_contract.errors import InvalidRequest, KampungError, NotFound, StorageUnavailable
from kampung_contract.service_request import new_reference, parse_event
from kampung_edge import requests as module
from kampung_edge.requests import InvalidAnswers, Requests

FIELDS = [
    {"id": "usaha", "kind": "text", "question": "Apa usaha Anda?", "required": True},
    {"id": "tahun", "kind": "number", "question": "Sejak kapan?", "required": False, "least": 1945},
]
OFFERED = {"services": [{"id": "keterangan-usaha", "title": "Surat keterangan usaha", "identity": True, "fields": FIELDS}]}
BODY = {"service": "keterangan-usaha", "answers": {"usaha": " Warung  kopi ", "tahun": "2.019"}, "name": "Contoh  Warga"}


class Spool:
    """What was stored, and what waits."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.waiting = True
        self.full = False

    def store(self, event: dict[str, Any]) -> tuple[str, int]:
        if self.full:
            raise StorageUnavailable("nothing can be saved now")
        self.events.append(event)
        return "aabb", len(self.events)

    def waits(self, _epoch: str, _seq: int) -> bool:
        return self.waiting


@pytest.fixture
def spool() -> Spool:
    return Spool()


def desk(folder: Path, spool: Spool) -> Requests:
    return Requests(folder / "requests.json", spool.store, spool.waits)


def told(reference: str, state: str, **more: Any) -> dict[str, Any]:
    return {"requests": [{"reference": reference, "service": "keterangan-usaha", "state": state, **more}]}


def test_a_request_and_its_reference(tmp_path: Path, spool: Spool) -> None:
    """A restart remembers the reference and nothing that was said; then what the regency says stands beside it."""
    answer = desk(tmp_path, spool).take(OFFERED, BODY)
    ref = answer["reference"]
    assert answer == {"reference": ref, "service": "keterangan-usaha", "sent": False}
    said = parse_event(spool.events[0])
    assert said is not None
    assert (said.answers, said.name, said.proof) == ({"usaha": "Warung kopi", "tahun": 2019}, "Contoh Warga", "none")
    assert "Contoh" not in (tmp_path / "requests.json").read_text()
    again = desk(tmp_path, spool)
    assert again.stands(None, ref.lower().replace("-", ""))["sent"] is False
    spool.waiting = False
    found = again.stands(told(ref, "ready", number="500/001"), ref)
    assert (found["sent"], found["status"]["number"]) == (True, "500/001")


def test_what_does_not_fit_is_said_by_question_and_nothing_is_stored(tmp_path: Path, spool: Spool) -> None:
    here = desk(tmp_path, spool)
    with pytest.raises(InvalidAnswers) as caught:
        here.take(OFFERED, BODY | {"answers": {"tahun": "1900"}})
    assert caught.value.fields == {"usaha": "belum dijawab", "tahun": "1900 terlalu kecil; paling sedikit 1945"}
    with pytest.raises(InvalidAnswers, match="pemohon: tulis nama Anda"):
        here.take(OFFERED, BODY | {"name": " "})
    with pytest.raises(NotFound, match="belum pernah diterima kios ini"):
        here.take(None, BODY)
    with pytest.raises(NotFound, match="'sihir' tidak ditawarkan"):
        here.take(OFFERED, BODY | {"service": "sihir"})
    with pytest.raises(InvalidRequest, match="an object, by question"):
        here.take(OFFERED, BODY | {"answers": [1]})
    assert spool.events == []


def test_one_missing_thing_is_completed_here(tmp_path: Path, spool: Spool) -> None:
    here = desk(tmp_path, spool)
    ref = new_reference()
    with pytest.raises(NotFound, match="tidak sedang menunggu kelengkapan"):
        here.complete(OFFERED, told(ref, "checking"), ref, {"answers": {"usaha": "Warung teh"}})
    back = told(ref, "returned", note="Nama usaha kurang")
    with pytest.raises(InvalidAnswers, match="usaha: belum dijawab"):
        here.complete(OFFERED, back, ref, {"answers": {"usaha": ""}})
    assert here.complete(OFFERED, back, ref, {"answers": {"usaha": "Warung teh"}})["reference"] == ref
    said = parse_event(spool.events[0])
    assert said is not None
    assert said.resubmits
    assert said.answers == {"usaha": "Warung teh"}


def test_a_reference_that_nobody_knows_is_told(tmp_path: Path, spool: Spool) -> None:
    here = desk(tmp_path, spool)
    with pytest.raises(NotFound, match="tidak dikenal di kios ini"):
        here.stands(told(new_reference(), "ready"), new_reference())
    with pytest.raises(InvalidRequest, match="delapan huruf"):
        here.stands(None, "apa")


def test_no_reference_for_what_the_disk_does_not_take(tmp_path: Path, spool: Spool) -> None:
    here = desk(tmp_path, spool)
    spool.full = True
    with pytest.raises(StorageUnavailable):
        here.take(OFFERED, BODY)
    spool.full = False
    assert here.take(OFFERED, BODY)["reference"]


def test_a_kiosk_takes_so_many_an_hour(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    here = desk(tmp_path, spool)
    clock = 1_700_000_000_000
    monkeypatch.setattr(module, "wall_ms", lambda: clock)
    for _ in range(module.MOST_HOUR):
        here.take(OFFERED, BODY)
    with pytest.raises(KampungError, match="coba lagi 61 menit lagi"):
        here.take(OFFERED, BODY)
    clock += module.HOUR_MS + 1
    assert here.take(OFFERED, BODY)


def test_a_file_that_cannot_be_read_costs_the_page_its_memory_and_nothing_else(tmp_path: Path, spool: Spool) -> None:
    (tmp_path / "requests.json").write_bytes(b"{")
    assert desk(tmp_path, spool).take(OFFERED, BODY)["reference"]
