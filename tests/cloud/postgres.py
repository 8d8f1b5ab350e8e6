"""PostgreSQL from Debian, as plain processes in a temporary folder, on a free loopback port."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from kampung_cloud.records import open_records
from kampung_sim.process import free_port

from .conftest import until

FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60")
"""Tests kill programs, not machines: what the operating system was given is safe. Commits are not answered before that."""


class Postgres:
    """A server that can be killed and started again on its port and folder. It refuses to run as root, so root becomes somebody else."""

    def __init__(self) -> None:
        assert FOUND, "postgres is missing: apt install postgresql"
        self.programs = FOUND[-1].parent
        self.folder = Path(tempfile.mkdtemp(prefix="kampung-postgres-"))
        self.port = free_port()
        self._names = itertools.count(1)
        self._migrated = False
        self._become: list[str] = []
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            who = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            self._become = ["setpriv", *who, "--pdeathsig", "INT", "--"]
        options = ["-D", str(self.folder / "data"), "-A", "trust", "-U", "kampung", "-N", "--no-locale", "-E", "UTF8"]
        command = [*self._become, str(self.programs / "initdb"), *options]
        made = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False)
        assert made.returncode == 0, made.stderr
        self.start()

    def start(self) -> None:
        """Start and wait until it answers."""
        settings = [part for setting in QUICK for part in ("-c", setting)]
        where = ["-D", str(self.folder / "data"), "-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder)]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [*self._become, str(self.programs / "postgres"), *where, *settings], stdout=log, stderr=log, cwd=self.folder
            )
        assert until(self.answers, 60), (self.folder / "log").read_text()[-1000:]

    def answers(self) -> bool:
        """Whether it is up."""
        assert self.process.poll() is None, (self.folder / "log").read_text()[-1000:]
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement; its rows, where it has any."""
        url = f"postgresql://kampung@127.0.0.1:{self.port}/{database}"
        with psycopg.connect(url, autocommit=True, connect_timeout=60) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def database(self, *, tables: bool = True) -> str:
        """The URL of a database that holds nothing: with the tables of records, migrated once for this server, or without any."""
        if tables and not self._migrated:
            self._migrated = True
            open_records(self._url("migrated", "template0"), self.folder).close()
        return self._url(f"test_{next(self._names)}", "migrated" if tables else "template0")

    def _url(self, name: str, template: str) -> str:
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql://kampung@127.0.0.1:{self.port}/{name}"

    def kill(self) -> None:
        """All of it, at once."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)

    def close(self) -> None:
        """Stop it and leave nothing behind."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
