"""Residents that nobody is: households with numbers of kecamatan 35.10.99, which Banyuwangi does not have, so that no such NIK or KK can
ever be issued; phones 0812-0000-xxxx. Columns as OpenSID's, so that a village's file of them is imported like a real one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files

PREFIX = "351099"
NAMES: dict[str, list[str]] = json.loads(files("kampung_sim").joinpath("resident_names.json").read_text(encoding="utf-8"))
HAMLETS = ("Krajan", "Sumberwangi", "Kampung Baru", "Kalisari")
ONE_WORD = 0.35
"""Part of the names that are one word."""


def household(dice: random.Random, number: int, today: date) -> list[dict[str, str]]:
    """A family of one to six, each a line of texts; ``number`` below 100 million makes its numbers its own."""
    recorded = today - timedelta(dice.randrange(200, 5_000))
    card = f"{PREFIX}{recorded:%d%m%y}{number % 9_999 + 1:04}"
    place = {
        "no_kk": card,
        "alamat": f"Jalan Contoh {number % 200 + 1}",
        "dusun": dice.choice(HAMLETS),
        "rt": f"{dice.randint(1, 6):02}",
        "rw": f"{dice.randint(1, 4):02}",
    }
    head = today - timedelta(dice.randrange(22 * 365, 75 * 365))
    members = [("1", "L" if dice.random() < 0.85 else "P", head)]
    if members[0][1] == "L" and dice.random() < 0.9:
        members.append(("3", "P", min(head + timedelta(dice.randrange(-1_500, 3_000)), today - timedelta(18 * 365))))
    births = [min(head + timedelta(dice.randrange(20 * 365, 32 * 365)), today) for _ in range(dice.randrange(4))]
    if births and dice.random() < 0.02:
        births.append(births[-1])  # twins
    members += [("4", dice.choice("LP"), born) for born in births if born > head + timedelta(18 * 365)]
    return [_person(dice, number, at, member, place, today) for at, member in enumerate(members)]


def households(seed: int, today: date) -> Iterator[list[dict[str, str]]]:
    """One after another, for ever, the same for a seed."""
    dice, number = random.Random(seed), seed * 1_000_000
    while True:
        yield household(dice, number, today)
        number += 1


def _person(dice: random.Random, number: int, at: int, member: tuple[str, str, date], place: dict[str, str], today: date) -> dict[str, str]:  # noqa: PLR0917
    relation, sex, born = member
    first = dice.choice(NAMES["men" if sex == "L" else "women"])
    last = dice.choice(NAMES["last"])
    name = first if dice.random() < ONE_WORD else f"{first} {last}"
    serial = (number * 7 + at) % 9_999 + 1
    return {
        "nama": name, "nik": f"{PREFIX}{born.day + 40 * (sex == 'P'):02}{born:%m%y}{serial:04}", "sex": sex, "tempatlahir": "Banyuwangi",
        "tanggallahir": f"{born:%d-%m-%Y}", "kk_level": relation, **place,
        "telepon": f"0812-0000-{dice.randrange(10_000):04}" if at == 0 else "", "agama_id": "1",
        "status_kawin": "2" if relation in "13" else "1",
    }  # fmt: skip
