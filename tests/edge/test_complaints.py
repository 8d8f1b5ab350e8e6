"""Complaints at the kiosk: a ticket at once, link or no link; what the office says, only for whoever has ticket and word."""

from __future__ import annotations

import base64
import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kampung_contract.complaint import Complaint, ComplaintReply, Suggestion, opening, parse_event
from kampung_contract.errors import InvalidRequest, KampungError, NotFound, StorageUnavailable
from kampung_contract.villages import village
from kampung_edge.complaints import desk as module
from kampung_edge.complaints.desk import Complaints
from kampung_edge.complaints.slip import slip
from kampung_edge.printing.jobs import FORGOTTEN_SOON, LIFE_MS, Jobs

TEXT = "Petugas meminta uang untuk surat yang gratis."


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


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are tried out at once here."""
    monkeypatch.setattr("kampung_contract.complaint.COST", 2)


@pytest.fixture
def spool() -> Spool:
    return Spool()


def desk(folder: Path, spool: Spool) -> Complaints:
    return Complaints(folder / "complaints.json", spool.store, spool.waits)


def body(n: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": f"{(n + 1) * 2**100:032x}", "about": "service", "text": TEXT, **more}


def told(taken: dict[str, Any], **said: Any) -> dict[str, Any]:
    """The village's document with one complaint, sealed as the regency seals it."""
    opened = opening(taken["ticket"], taken["word"])
    plain = json.dumps({"note": "", "may": [], "due": None, "office": "village"} | said).encode()
    sealed = b"n" * 12 + AESGCM(opened.key).encrypt(b"n" * 12, plain, opened.name.encode())
    return {"complaints": [{"complaint": opened.name, "state": "answered", "since": 1, "told": base64.b64encode(sealed).decode()}]}


def test_a_complaint_and_what_stays_of_it(tmp_path: Path, spool: Spool) -> None:
    """A touch that came twice is one complaint; nothing on the disk says what, who, ticket or word; a restart knows that it waits."""
    first = desk(tmp_path, spool)
    taken = first.take(body(about="fee", known="office", name=" Contoh  Warga ", contact="0812-0000-0001"))
    assert first.take(body(about="fee", known="office", name="Contoh Warga", contact="0812-0000-0001")) == taken
    assert (len(spool.events), taken["sent"], taken["past"]) == (1, False, True)
    said = parse_event(spool.events[0])
    assert isinstance(said, Complaint) and (said.name, said.text) == ("Contoh Warga", TEXT)
    kept = (tmp_path / "complaints.json").read_text()
    assert json.loads(kept)[0]["at"] % 86_400_000 == 0  # of the time only the day
    assert not any(secret in kept for secret in (taken["word"], taken["ticket"], "Contoh", "0812", TEXT))
    again = desk(tmp_path, spool)
    assert again.follow(None, taken["ticket"], taken["word"]) == {"ticket": taken["ticket"], "sent": False, "told": None}
    with pytest.raises(NotFound, match="baru saja"):
        again.made(taken["ticket"])


def test_an_answer_is_read_with_both_and_replied_to(tmp_path: Path, spool: Spool) -> None:
    here = desk(tmp_path, spool)
    taken = here.take(body())
    document = told(taken, note="Sudah kami perbaiki.", may=["object", "accept"])
    assert "perbaiki" not in json.dumps(document)
    found = here.follow(document, taken["ticket"].lower(), taken["word"].replace("-", " "))
    assert (found["told"]["note"], found["told"]["state"]) == ("Sudah kami perbaiki.", "answered")
    with pytest.raises(InvalidRequest, match="tidak dapat dilakukan"):
        here.reply(document, {"ticket": taken["ticket"], "word": taken["word"], "act": "supply", "text": TEXT})
    with pytest.raises(InvalidRequest, match="alasannya"):
        here.reply(document, {"ticket": taken["ticket"], "word": taken["word"], "act": "object"})
    for _ in range(2):
        here.reply(document, {"ticket": taken["ticket"], "word": taken["word"], "act": "object", "text": TEXT, "id": "f" * 32})
    replies = [said for event in spool.events if isinstance(said := parse_event(event), ComplaintReply)]
    assert [(r.act, r.complaint) for r in replies] == [("object", opening(taken["ticket"], taken["word"]).name)]
    with pytest.raises(NotFound, match="belum dibaca"):
        here.reply(None, {"ticket": taken["ticket"], "word": taken["word"], "act": "withdraw"})
    broken = {"complaints": [document["complaints"][0] | {"told": "AAAA"}]}
    assert here.follow(broken, taken["ticket"], taken["word"])["told"]["note"] == ""


def test_words_are_not_tried_out(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five wrong ones lock a ticket for a while, forty a kiosk; the time of day, which may be wrong, changes nothing of that."""
    now, at = 1_800_000_000_000, 0.0
    monkeypatch.setattr(module, "wall_ms", lambda: now)
    here = Complaints(tmp_path / "complaints.json", spool.store, spool.waits, lambda: at)
    tickets = [f"ADU-0000-00{n:02X}" for n in range(40)]
    for _ in range(module.TICKET.most):
        with pytest.raises(NotFound, match="tidak cocok"):
            here.follow(None, tickets[0], "wrong")
    with pytest.raises(KampungError, match="15 menit") as locked:
        here.follow(None, tickets[0], "right")
    assert locked.value.code == "too_many"
    for other in tickets[1 : 1 + module.KIOSK.most - module.TICKET.most]:
        with pytest.raises(NotFound):
            here.follow(None, other, "wrong")
    with pytest.raises(KampungError, match="60 menit"):
        here.follow(None, tickets[39], "right")
    now -= 86_400_000
    with pytest.raises(KampungError, match="60 menit"):
        here.follow(None, tickets[39], "right")
    at += 3600
    with pytest.raises(NotFound):
        here.follow(None, tickets[39], "right")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"text": "a" * 100_000}, r"100\.000 huruf; paling banyak 2\.000"),
        ({"text": "\x1b[2J\x00"}, "paling sedikit"),
        ({"text": 7}, "text"),
        ({"id": "1"}, "id"),
        ({"name": "Contoh"}, "tanpa nama"),
        ({"reference": "K7M3-9QXA"}, "tanda terima|huruf yang salah"),
    ],
)
def test_what_is_not_taken(tmp_path: Path, spool: Spool, wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        desk(tmp_path, spool).take(body(**wrong))
    assert spool.events == []


def test_a_kiosk_takes_so_many(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a disk that takes nothing gives no ticket."""
    monkeypatch.setattr(module, "MOST_HOUR", 2)
    here = desk(tmp_path, spool)
    spool.full = True
    with pytest.raises(StorageUnavailable):
        here.take(body())
    spool.full = False
    here.take(body())
    assert here.suggest({"id": "e" * 32, "text": "Sediakan kursi di ruang tunggu."}) == {"sent": False}
    assert isinstance(parse_event(spool.events[-1]), Suggestion)
    with pytest.raises(KampungError, match="sejam"):
        here.take(body(3))


def test_one_looks_while_another_writes(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of what was sent is not changed under whoever looks through it."""
    monkeypatch.setattr(module, "MOST_HOUR", 1_000)
    here = desk(tmp_path, spool)
    over, failed = threading.Event(), list[BaseException]()

    def look() -> None:
        try:
            while not over.is_set():
                with pytest.raises(KampungError):  # there is none such, and soon it was asked for too often
                    here.follow(None, "ADU-0000-0000", "buka-timo-sagu")
                here._is_sent("f" * 32)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=look)
    was = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        thread.start()
        for n in range(100):
            here.suggest({"id": f"{n:032x}", "text": "Sediakan kursi di ruang tunggu."})
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(was)
    assert failed == []


def test_a_ticket_on_paper_is_forgotten_soon(tmp_path: Path, spool: Spool) -> None:
    """Number and word, not what it is about; of the slip nothing stays when nobody can stand there any more."""
    here = desk(tmp_path, spool)
    taken = here.take(body(about="fee"))
    about, paper = slip(here.made(taken["ticket"]), village("35.10.24.2008"))
    assert about.startswith(FORGOTTEN_SOON)
    assert (paper.big, paper.rows[0].value) == (taken["ticket"], taken["word"])
    assert "uang" not in repr(paper) and "Petugas" not in repr(paper)
    now = [1_000]
    jobs = Jobs(tmp_path / "printing.sqlite", lambda: now[0])
    job = jobs.add(about, paper)
    jobs.begin(job.id)
    jobs.end(job.id, clean=True)
    now[0] += LIFE_MS + 1
    assert jobs.next() is None
    with pytest.raises(NotFound):
        jobs.job(job.id)
    jobs.close()
