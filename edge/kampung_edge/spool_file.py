"""The spool's file: its schema, how it is opened, and what happens to one that is damaged."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from kampung_contract.errors import ConfigurationError, StorageUnavailable

from kampung_edge.journal import lost_frames

SCHEMA = 1
PAGE = 1024
"""Bytes a page. A commit writes whole pages, most packs are a few hundred bytes, and flash wears by bytes written."""

MOST = 2**40
"""A thousand packs a second for thirty years; a higher number was not given by us."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE packs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    lane TEXT NOT NULL,
    readings INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    payload BLOB NOT NULL
);
CREATE INDEX events ON packs (seq) WHERE lane = 'event';
CREATE TABLE rejected (
    seq INTEGER PRIMARY KEY,
    lane TEXT NOT NULL,
    readings INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    at INTEGER NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    payload BLOB NOT NULL
);
"""
_ADDED = """
CREATE TABLE IF NOT EXISTS unsynchronised (seq INTEGER PRIMARY KEY, boot TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS boots (boot TEXT PRIMARY KEY, pending INTEGER NOT NULL, up INTEGER, at INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL, readings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS commands (
    id TEXT PRIMARY KEY, output TEXT NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL, answered INTEGER NOT NULL
) WITHOUT ROWID;
"""
_ADDED_TABLES = ("unsynchronised", "boots", "refused", "commands")
"""Came later; version 1 without them is completed when it is opened."""


_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_CONSTRAINT}
"""The last three: our statements are right, so tables and values are not what was written."""
_UNREADABLE = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}


def damaged(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, rather than its disk full or busy."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code in _UNREADABLE or code & 0xFF in _DAMAGE)


def open_spool(path: Path) -> tuple[sqlite3.Connection, str]:
    """The open file and its epoch; a missing file is made.

    Raises ``ConfigurationError`` for a file of a newer version, which is left untouched; ``StorageUnavailable`` where the disk does
    not take it or durable writing cannot be had; ``sqlite3.DatabaseError`` for a damaged file (``damaged`` tells); ``OSError``.
    """
    if path.exists() and path.stat().st_size:
        lost = lost_frames(path)  # before sqlite opens it, which forgets what it cannot read
        _refuse_newer(path, touch=not lost)
        if lost:
            raise broken(f"{path}: {lost} committed pages of its journal do not read any more")
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StorageUnavailable(f"{path}: {error}; the data folder must exist, be writable and have room") from None
    try:
        return connection, _prepare(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        if damaged(error):
            raise
        raise StorageUnavailable(f"{path}: {error}; the data folder must be writable and have room") from None
    except BaseException:
        connection.close()
        raise


def _prepare(connection: sqlite3.Connection, path: Path) -> str:
    connection.text_factory = lambda text: text.decode("utf-8", "replace")  # a damaged word is for us to judge
    connection.execute(f"PRAGMA page_size = {PAGE}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file; an older one does not shrink
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_size_limit = 4194304")
    connection.execute("PRAGMA cache_size = -1024")
    connection.execute("BEGIN IMMEDIATE")  # an older file on a disk that only reads opens without complaint
    connection.execute("ROLLBACK")
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal" or level != 2:
        raise StorageUnavailable(
            f"{path}: sqlite gives journal_mode {mode!r} and synchronous {level}, not 'wal' and 2 (FULL); "
            "put the data folder on a local disk"
        )
    if connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0] == 0:
        epoch = secrets.token_hex(8)
        with transaction(connection):
            for statement in (_TABLES + _ADDED).split(";\n"):
                connection.execute(statement)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", [("schema", str(SCHEMA)), ("epoch", epoch)])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _sync_folder(path.parent)
        return epoch
    row = connection.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    if row is None or re.fullmatch(r"[0-9a-f]{8,32}", str(row[0])) is None:
        raise broken(f"{path} is a database, but not a spool", sqlite3.SQLITE_NOTADB)
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not there.issuperset(_ADDED_TABLES):
        with transaction(connection):
            for statement in _ADDED.split(";\n"):
                connection.execute(statement)
    given = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'packs'").fetchone()
    highest = connection.execute("SELECT max(seq) FROM packs").fetchone()[0] or 0
    count = given[0] if given else 0
    if not isinstance(count, int) or not isinstance(highest, int) or not highest <= count < MOST:
        raise broken(f"{path}: pack {highest} is there, but only {given} numbers were given")
    return str(row[0])


def _sync_folder(folder: Path) -> None:
    """A new file's name is durable only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_newer(path: Path, touch: bool = True) -> None:
    """Reads without writing, so that a file of a newer program stays byte for byte what it was.

    Without ``touch`` not even the index beside it is renewed; what is in the journal alone is then not seen.
    """
    beside = [path.with_name(path.name + s) for s in ("-wal", "-shm")]
    there = [p.exists() for p in beside]
    try:
        version = _version(path, "mode=ro" if touch else "immutable=1")
    except sqlite3.OperationalError as error:
        if damaged(error):
            raise
        try:
            version = _version(path, "immutable=1")  # on a full disk there is no room for the index that even a reader needs
        except sqlite3.DatabaseError:
            version = 0
        if version <= SCHEMA:
            raise error from None
    if version > SCHEMA:
        for new, old in zip(beside, there, strict=True):
            if not old:
                with contextlib.suppress(OSError):
                    new.unlink()
        raise ConfigurationError(
            f"{path}: spool version {version}; this kampung-edge reads up to {SCHEMA}. Start the newer kampung-edge that wrote it, "
            "or move the file away (packs in it are then not sent). Nothing was changed."
        )


def _version(path: Path, how: str) -> int:
    """As the file says; 0 where it says nothing yet, for the power went while it was made."""
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as connection:
        try:
            row = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            connection.text_factory = bytes
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise broken(f"{path} is a database, but not a spool", sqlite3.SQLITE_NOTADB) from None
            return 0
        return int(row[0]) if row is not None and str(row[0]).isdigit() else 0


def broken(message: str, code: int = sqlite3.SQLITE_CORRUPT) -> sqlite3.DatabaseError:
    """What sqlite itself does not see, to be treated like what it does: kept aside, started anew."""
    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = code
    return error


def quarantine(path: Path) -> Path:
    """Move the file and its journal aside; gives the file's new place."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(2)}")
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    with contextlib.suppress(FileNotFoundError):
        path.rename(aside)
    return aside


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE … COMMIT, rolled back on any exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
