"""PostgreSQL as the database of the records: how it is reached, and what it answers when it is not."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

CONNECT_S = 5
OPTIONS = {
    "idle_in_transaction_session_timeout": "8s",  # a process that was stopped in the middle of a transaction keeps no locks
    "lock_timeout": "20s",
    "statement_timeout": "60s",
    "tcp_keepalives_idle": "3",  # a machine that lost its power is noticed by the server within 6 s
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
}
HOPELESS = re.compile(r"authentication failed|(database|role|user) .* does not exist|pg_hba\.conf|permission denied|no password supplied")


def engine(url: str, **options: str) -> Engine:
    """Connections that notice within seconds that the other end is gone; ``options`` are settings of the server for them.

    Raises ``ImportError`` where psycopg is missing.
    """
    settings = " ".join(f"-c {name}={value}" for name, value in {**OPTIONS, **options}.items())
    made = create_engine(
        address(url),
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=24,
        connect_args={
            "connect_timeout": CONNECT_S,
            "application_name": "kampung-cloud",
            "options": settings,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
        },
    )
    event.listen(made, "connect", _as_text)
    event.listen(made, "connect", _durable)
    return made


def address(url: str) -> URL:
    """With psycopg 3 as the driver, unless the URL names another one."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def name(url: URL) -> str:
    """Where it is, for messages: nothing secret."""
    return f"PostgreSQL {url.host or 'on this machine'}{f':{url.port}' if url.port else ''}/{url.database or ''}"


def hopeless(error: OperationalError) -> bool:
    """Whether trying again will not help: the server answers, and refuses who asks or what is asked for."""
    return HOPELESS.search(str(error.orig)) is not None


def _as_text(connection: Any, _: object) -> None:
    """PostgreSQL keeps no U+0000 in text; SQLite does. A kiosk that sends one must not stand still for it."""
    from psycopg.types.string import StrDumperUnknown

    class Dumper(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    connection.adapters.register_dumper(str, Dumper)


def _durable(connection: Any, _: object) -> None:
    """A receipt follows a commit that is on disk, however the server is set up."""
    connection.execute("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
    connection.commit()
