"""Room that a DuckDB file keeps though nothing is in it any more: it grows with a backlog and never shrinks by itself.

It is given back when the store is opened, before anybody works with it, by copying what there is into a new file that then takes the old
one's name. A kill at any point leaves the old file or the new one, whole.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import structlog

from kampung_cloud.lasting import sync
from kampung_cloud.telemetry.segment import quoted

log = structlog.get_logger()

LEAST = 32 * 1024**2
"""Bytes of room that are worth a copy, which takes about a second for 100 MB."""
EMPTY = "SELECT block_size * free_blocks, block_size * used_blocks FROM pragma_database_size() WHERE database_name = current_database()"


def give_back(file: Path) -> None:
    """Copy ``file`` if more of it is empty than full.

    Raises ``duckdb.Error`` when it is no database, ``OSError`` for a disk that does not do what it is told; the file is then as it was.
    """
    new = file.with_suffix(".smaller")
    new.unlink(missing_ok=True)  # of a start that was killed
    if not file.exists() or file.stat().st_size < LEAST:
        return
    with duckdb.connect(str(file), config={"threads": "2"}) as connection:
        connection.execute("CHECKPOINT")  # what is in the log comes into the file: the copy takes its place alone
        empty, full = connection.execute(EMPTY).fetchone() or (0, 0)
        if empty < max(LEAST, full):
            return
        (name,) = connection.execute("SELECT current_database()").fetchone() or ("",)
        escaped = name.replace('"', '""')
        try:
            connection.execute(f"ATTACH {quoted(new)} AS smaller")
            connection.execute(f'COPY FROM DATABASE "{escaped}" TO smaller')
            connection.execute("DETACH smaller")
        except duckdb.Error as error:  # no room for a copy: the file is as good as before
            log.warning("telemetry.room_not_given_back", reason=str(error).splitlines()[0])
            new.unlink(missing_ok=True)
            return
        sync(new)
        if not Path(f"{file}.wal").exists():
            new.replace(file)  # while the old one is still held: nobody else can have begun to write to it
            sync(file.parent)
            log.info("telemetry.room_given_back", megabytes=round(empty / 1e6))
