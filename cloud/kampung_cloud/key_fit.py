"""Whether the keys in the data folder are those that sealed the records: a restored cloud may lack them, a second API have others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kampung_contract.errors import KampungError
from sqlalchemy import select

from kampung_cloud.health import Health, now_ms
from kampung_cloud.records import Records
from kampung_cloud.resealing import Held, Kept
from kampung_cloud.sealing import Keyring

REMEDY = "put the folder back from its safe place, or give all API processes one data folder, and start again (docs/backup.md)"


def check(records: Records, data: Path, tables: Sequence[Held], health: Health) -> None:
    """Say so in health where they are not; once, at the start."""
    try:
        wrong = unfit(records, data, tables)
    except KampungError as error:  # a file that cannot be read, records that are away
        wrong = error.message
    if wrong:
        health.set("keys", False, wrong)


def unfit(records: Records, data: Path, tables: Sequence[Held]) -> str:
    """By the first sealed field of each table; empty where all of them open. A ring is not made for it."""
    ring: Keyring | None = None
    for table, sealed in _first_of_each(records, tables):
        if not (data / "keys" / "records.json").exists():
            return f"{data / 'keys'} is missing, and {table} is sealed with a key of it; {REMEDY}"
        ring = ring or Keyring.open_at(data, now_ms())
        if not ring.holds(sealed):
            return f"{data / 'keys' / 'records.json'} does not hold the key that sealed {table}; {REMEDY}"
    return ""


def _first_of_each(records: Records, tables: Sequence[Held]) -> list[tuple[str, bytes]]:
    found = []
    with records.session() as session:
        for kept in [each for each in tables if isinstance(each, Kept)]:
            for name in kept.columns:
                column = kept.table.c[name]
                sealed = session.scalars(select(column).where(column.is_not(None)).limit(1)).first()
                if sealed:
                    found.append((str(kept.table), bytes(sealed)))
    return found
