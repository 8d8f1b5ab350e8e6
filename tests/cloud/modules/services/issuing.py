"""A program that issues letters until none of its share is left, to be killed at any moment; and a rush of many of them.

``python -m tests.cloud.modules.services.issuing issue URL FOLDER SHARE SHARES`` signs with the village's key; setting the page is left out.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from kampung_cloud.calendar import national
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.modules.services.models import LetterRow, ServiceRequestRow
from kampung_cloud.modules.services.requests.book import Asked, Book, Conflict, Request, day_of
from kampung_cloud.modules.services.settings import Settings
from kampung_cloud.modules.services.signing import Claim, SigningKeys, encode
from kampung_cloud.records import Records, open_records
from kampung_cloud.sealing import Keyring
from kampung_contract.errors import StorageUnavailable
from kampung_contract.service_request import new_reference
from sqlalchemy import func, select

VILLAGE = "35.10.24.2008"
NOW = int(datetime(2026, 11, 30, 9, 0, tzinfo=timezone(timedelta(hours=7))).timestamp() * 1000)
ANSWERS = {"usaha": "Warung kopi", "alamat_usaha": "Dusun Krajan", "keperluan": "Pinjaman modal"}
WARGA = {"nama": "Contoh Warga"}
SEEN = 20
"""Letters that one issuer signs at once."""
ROOT = Path(__file__).resolve().parents[4]


def book_of(url: str, folder: Path) -> tuple[Book, Records]:
    """Over shared records and keys."""
    records = open_records(url, folder)
    return Book(records, Catalogue(), national(), Keyring.open_at(folder, 1), Settings()), records


def ready(book: Book, reference: str | None = None, at: int = NOW) -> str:
    """A request that waits for a signature."""
    ref = book.take_in(Asked(VILLAGE, "keterangan-usaha", ANSWERS, WARGA, reference=reference, at=at), NOW)
    for act in ("take", "approve"):
        with contextlib.suppress(Conflict):  # it had come before
            book.act(ref, act, "petugas", "siti", NOW)
    return ref


def issue(url: str, folder: Path, share: int, shares: int) -> int:
    """Sign what waits, this share of it first; how many were signed. What another signed meanwhile is left alone."""
    book, records = book_of(url, folder)
    keys = SigningKeys(folder / "keys" / "letters")

    def coded(_: object, request: Request, letter: LetterRow) -> None:
        key, kid = keys.signing(VILLAGE, letter.at)
        claim = Claim(letter.id, VILLAGE, letter.number, request.service.id, day_of(NOW), None, WARGA["nama"], bytes(16))
        letter.code = encode(claim, key, kid)

    signed = 0
    while True:
        with records.session() as session:
            waits = select(ServiceRequestRow.id).where(ServiceRequestRow.state == "waiting_signature").order_by(ServiceRequestRow.id)
            waiting = list(session.scalars(waits.limit(SEEN * shares)))
        if not waiting:
            return signed
        lot = sorted(waiting, key=lambda r: (sum(r.encode()) % shares != share, r))[:SEEN]
        try:
            done = book.sign([(ref, "kades") for ref in lot], f"issuer-{share}", NOW, coded)
            signed += sum(isinstance(one, Request) for one in done)
        except StorageUnavailable:
            done = []
        if not any(isinstance(one, Request) for one in done):
            time.sleep(random.random() * 0.05)  # others were sooner, or the database is busy


def kiosk(url: str, folder: Path, count: int) -> None:
    """A kiosk whose line comes back: requests of this morning under references of its own, each told twice."""
    book, _ = book_of(url, folder)
    for _ in range(count):
        ref = new_reference()
        for _ in range(2):
            while True:  # a database that is busy is asked again, as the cloud does with what it has received
                try:
                    ready(book, ref, NOW - 3_600_000)
                    break
                except StorageUnavailable:
                    time.sleep(random.random() * 0.1)


def rush(url: str, folder: Path, letters: int, issuers: int, kills: int, seed: int = 1) -> dict[str, float]:
    """All letters by so many issuers beside one another, with kills -9 and two kiosks that come back. Raises ``AssertionError``."""
    chance = random.Random(seed)
    book, records = book_of(url, folder)
    SigningKeys(folder / "keys" / "letters").signing(VILLAGE, 1)
    late = max(1, letters // 20)
    for _ in range(letters - 2 * late):
        ready(book)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT), *sys.path]))
    program = [sys.executable, "-m", "tests.cloud.modules.services.issuing"]

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*program, *arguments], cwd=ROOT, env=environment)

    began = time.monotonic()
    running = {n: start("issue", url, str(folder), str(n), str(issuers)) for n in range(issuers)}
    kiosks = [start("kiosk", url, str(folder), str(late)) for _ in range(2)]
    killed = 0
    while running or kiosks:
        time.sleep(0.05)
        done = _count(records)
        kiosks = [k for k in kiosks if k.poll() is None]
        if killed < kills and running and done > letters * (killed + 1) / (kills + 2):
            victim = chance.choice(sorted(running))
            running[victim].send_signal(signal.SIGKILL)
            running[victim].wait()
            running[victim] = start("issue", url, str(folder), str(victim), str(issuers))
            killed += 1
        for n, process in list(running.items()):
            if process.poll() is not None:
                assert process.returncode == 0, process.returncode
                del running[n]
        if not running and (kiosks or done < letters):
            running = {0: start("issue", url, str(folder), "0", "1")}
    seconds = time.monotonic() - began
    judged = judge(records, letters)
    records.close()
    return {**judged, "kills": killed, "seconds": seconds}


def _count(records: Records) -> int:
    with records.session() as session:
        return session.scalar(select(func.count()).select_from(LetterRow)) or 0


def judge(records: Records, letters: int) -> dict[str, float]:
    """One letter a request, one number a letter, and none left out."""
    with records.session() as session:
        rows = session.execute(select(LetterRow.serial, LetterRow.number, LetterRow.request, LetterRow.code)).all()
    serials = sorted(r.serial for r in rows)
    twice = len(rows) - len({r.number for r in rows})
    gaps = len(set(range(1, max(serials, default=0) + 1)) - set(serials))
    assert len({r.request for r in rows}) == len(rows) == letters, (len(rows), letters)
    assert (twice, gaps) == (0, 0), (twice, gaps)
    assert all(r.code.startswith("SK1:") for r in rows)
    return {"letters": len(rows), "duplicates": twice, "gaps": gaps}


if __name__ == "__main__":
    what, url, folder, *rest = sys.argv[1:]
    if what == "issue":
        issue(url, Path(folder), int(rest[0]), int(rest[1]))
    else:
        kiosk(url, Path(folder), int(rest[0]))
