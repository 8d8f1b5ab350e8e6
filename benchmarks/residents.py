"""Residents of the whole regency: how fast a search answers among all of them, its line in the access log included, and how fast a
village's spreadsheet comes in. The peer of a search is what most village systems do: ``name LIKE '%…%'`` over the table, without a log.

``KAMPUNG_BENCH_RESIDENTS`` is how many there are (20,000; 1,800,000 for the regency, which takes minutes to fill);
``KAMPUNG_BENCH_RECORDS`` a PostgreSQL URL in place of SQLite; ``KAMPUNG_BENCH_KEPT`` a folder whose register is taken again when it has as
many.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from kampung_cloud.access.actor import PROGRAM
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.resident_models import FamilyRow, ResidentRow, ResidentTokenRow
from kampung_cloud.residents import access_log, names
from kampung_cloud.residents.files.days import day
from kampung_cloud.residents.files.store import Store
from kampung_cloud.residents.files.taking import Imports
from kampung_cloud.residents.registry import Registry
from kampung_cloud.residents.search import Wanted, search
from kampung_cloud.sealing import Keyring
from kampung_contract.villages import villages
from kampung_sim.residents import household
from sqlalchemy import func, insert, select

from benchmarks.result import Result

COUNT = int(os.environ.get("KAMPUNG_BENCH_RESIDENTS", "20000"))
URL = os.environ.get("KAMPUNG_BENCH_RECORDS", "sqlite:records.sqlite")
SHEET = 5_000
SEARCHES = 400
PEER_SEARCHES = 12
LOT = 5_000
TODAY = date(2026, 11, 30)
NOW = 1_796_000_000_000


def run() -> list[Result]:
    """Fill, import, search."""
    with tempfile.TemporaryDirectory(prefix="kampung-residents-") as temporary:
        folder = Path(os.environ.get("KAMPUNG_BENCH_KEPT", temporary))
        folder.mkdir(parents=True, exist_ok=True)
        records = open_records(URL, folder)
        ring = Keyring.open_at(folder, NOW)
        try:
            with records.session() as session:
                there = session.scalar(select(func.count()).select_from(ResidentRow)) or 0
            if there < COUNT:
                fill(records, ring, COUNT)
            return [*imported(records, ring, folder), *searched(Registry(records, ring))]
        finally:
            records.close()


def fill(records: Records, ring: Keyring, count: int) -> None:
    """Households of all villages, written as the register would, without its questions: what is searched, not what is measured."""
    dice, codes = random.Random(1), [v.code for v in villages()]
    person = family = 0
    people: list[dict[str, object]] = []
    cards: list[dict[str, object]] = []
    words: list[dict[str, object]] = []
    while person < count:
        village = codes[family % len(codes)]
        family += 1
        members = household(dice, family, TODAY)
        card = members[0]["no_kk"]
        cards.append(
            {
                "id": family, "village": village, "kk_sealed": ring.seal(card.encode(), f"kk {family}"), "kk_hash": ring.lookup("kk", card),
                "address_sealed": None, "doubts": [], "created": NOW, "changed": NOW,
            }
        )  # fmt: skip
        for each in members:
            person += 1
            nik = each["nik"]
            people.append(
                {
                    "id": person, "village": village, "name": each["nama"], "sex": each["sex"],
                    "born": day(each["tanggallahir"], TODAY).isoformat(), "birthplace": each["tempatlahir"], "family": family,
                    "relation": "", "hamlet": each["dusun"], "rt": each["rt"], "rw": each["rw"], "state": "tinggal",
                    "nik_sealed": ring.seal(nik.encode(), f"nik {person}"), "nik_hash": ring.lookup("nik", nik), "contacts_sealed": None,
                    "details_sealed": None, "doubts": [], "created": NOW, "changed": NOW,
                }
            )  # fmt: skip
            words += [{"resident": person, "token": token, "village": village} for token in names.tokens(each["nama"])]
        if len(people) >= LOT or person >= count:
            with records.transaction() as connection:
                for table, rows in ((FamilyRow, cards), (ResidentRow, people), (ResidentTokenRow, words)):
                    connection.execute(insert(table), rows)
            people, cards, words = [], [], []


def imported(records: Records, ring: Keyring, folder: Path) -> list[Result]:
    """A village's sheet through check and take, as the page does it."""
    with records.session() as session:
        there = session.scalar(select(func.max(ResidentRow.id))) or 0  # others than an earlier run brought into a kept register
    dice, lines, number = random.Random(there), [], 90_000_000 + there
    while len(lines) < SHEET:
        lines += household(dice, number, TODAY)
        number += 1
    heads = list(lines[0])
    data = "\n".join([";".join(heads), *(";".join(each[h] for h in heads) for each in lines)]).encode()
    imports = Imports(Registry(records, ring), Store(folder, ring))
    row = imports.bring("35.10.24.2008", "buatan.csv", data, "bench", NOW)
    begin = time.perf_counter()
    imports.check(row.id, row.mapping, NOW)
    checked = time.perf_counter() - begin
    imports.begin(row.id, NOW, without_wrong=True)
    begin = time.perf_counter()
    imports.take(row.id, PROGRAM, NOW)
    took = time.perf_counter() - begin
    return [
        Result(f"import, lines checked ({COUNT:,} there)", len(lines) / checked, "lines/s", None, None, len(lines)),
        Result(f"import, lines taken ({COUNT:,} there)", len(lines) / took, "lines/s", None, None, len(lines)),
    ]


def searched(registry: Registry) -> list[Result]:
    """Names as they are typed: two to five letters of one or two words, old spellings among them, NIK; in a village, and in the regency."""
    dice = random.Random(3)
    with registry.records.session() as session:
        count = session.scalar(select(func.count()).select_from(ResidentRow)) or 0
        some = session.execute(
            select(ResidentRow.name, ResidentRow.village, ResidentRow.id).where(ResidentRow.id % max(1, count // 500) == 1)
        ).all()
    typed = []
    for name, village, _ in dice.choices(some, k=SEARCHES):
        words = name.split()
        typed.append((" ".join(word[: dice.randint(2, 5)] for word in dice.sample(words, len(words))), village))
    niks = [(registry.get(number).person.nik, village) for _, village, number in dice.choices(some, k=SEARCHES)]

    def ours(text: str, village: str | None) -> None:
        found = search(registry, Wanted(text, village))
        by_village: dict[str, list[int | None]] = {}
        for row in found.rows:
            by_village.setdefault(row.village, []).append(row.id)
        readings = [access_log.Reading(v, "permohonan", "list", tuple(n)) for v, n in by_village.items()]
        access_log.note(registry.records, PROGRAM, readings, NOW)

    def theirs(text: str, _: str | None) -> None:
        with registry.records.session() as session:
            query = select(ResidentRow)
            for word in text.split():
                query = query.where(ResidentRow.name.ilike(f"%{word}%"))
            session.scalars(query.order_by(ResidentRow.name).limit(20)).all()

    peer = p95(theirs, [(text, None) for text, _ in typed[:PEER_SEARCHES]])
    out = []
    for what, asked in (
        ("by name, in a village", typed),
        ("by name, in the regency", [(text, None) for text, _ in typed]),
        ("by NIK, in the regency", [(text, None) for text, _ in niks]),
    ):
        value = p95(ours, asked)
        ratio = None if "NIK" in what else value / peer
        out.append(Result(f"search p95 {what} ({count:,})", value, "ms", ratio, None if ratio is None else "LIKE %…%", len(asked)))
    return out


def p95(ask: Callable[[str, str | None], None], asked: list[tuple[str, str | None]]) -> float:
    """Milliseconds."""
    times = []
    for text, village in asked:
        begin = time.perf_counter()
        ask(text, village)
        times.append((time.perf_counter() - begin) * 1000)
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]
