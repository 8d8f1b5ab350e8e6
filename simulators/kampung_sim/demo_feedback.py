"""What residents of the simulated village say of its services: complaints and suggestions at its kiosk, and answers to the survey.

Complaints go in as people write them, at the kiosk's API. Answers to the survey are told when their quarter is over, so those of earlier
quarters cannot be given any more: they are written into the village's own database, before anybody reads it, under names that say so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import sqlite3
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from kampung_contract.complaint import PREFIX
from kampung_contract.survey import ELEMENTS, PROFILE
from kampung_contract.tickets import ticket, word

QUARTERS, ANSWERS = 5, 16
"""Quarters before this one, and answers in each."""
SERVICES = ("keterangan-usaha", "permohonan-ktp", "keterangan-kurang-mampu")
SAYS = 0.8
"""How many of those who answer say something of themselves."""


def complain(post: Callable[[str, dict[str, Any]], Any]) -> str:
    """At the kiosk; given again they are the same. The ticket and word of the first, to look it up with."""
    made = json.loads(files("kampung_sim").joinpath("tamansari", "complaints.json").read_text(encoding="utf-8"))
    for each in made["complaints"]:
        post("/api/complaints", each)
    for each in made["suggestions"]:
        post("/api/suggestions", each)
    first = str(made["complaints"][0]["id"])
    return f"{ticket(PREFIX, first)} {word(first)}"


def answer(database: Path, village: str, today: date) -> int:
    """How many answers are new in the records; 0 where there are no tables for them (another engine, another version)."""
    this = today.year * 4 + (today.month - 1) // 3
    surveys, respondents = [], []
    for at, name in enumerate(f"{n // 4}-Q{n % 4 + 1}" for n in range(this - QUARTERS, this)):
        for n in range(ANSWERS):
            dice = random.Random(f"contoh {village} {name} {n}")
            ids = [hashlib.sha256(f"contoh {kind} {village} {name} {n}".encode()).hexdigest()[:32] for kind in ("survey", "respondent")]
            scores = [min(4, max(1, round(dice.gauss(3.0 + 0.08 * at - 0.5 * (element == 2), 0.6)))) for element in range(ELEMENTS)]
            day = f"{name[:4]}-{int(name[-1]) * 3 - dice.randrange(3):02}-{dice.randrange(1, 29):02}"
            surveys.append((ids[0], village, SERVICES[n % len(SERVICES)], day, *scores))
            said = [dice.choice(answers) for answers in PROFILE.values()]
            if dice.random() < SAYS:
                respondents.append((ids[1], village, name, *said))
    columns = ", ".join(["survey", "village", "service", "day", *(f"u{n}" for n in range(1, ELEMENTS + 1))])
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True, timeout=10)) as records, records:
            count = records.total_changes
            marks = ", ".join("?" * (4 + ELEMENTS))
            records.executemany(f"INSERT OR IGNORE INTO surveys ({columns}) VALUES ({marks})", surveys)  # noqa: S608 - names of columns
            new = records.total_changes - count
            columns = ", ".join(["respondent", "village", "quarter", *PROFILE])
            marks = ", ".join("?" * (3 + len(PROFILE)))
            records.executemany(f"INSERT OR IGNORE INTO survey_respondents ({columns}) VALUES ({marks})", respondents)  # noqa: S608
            return new
    except sqlite3.Error:
        return 0
