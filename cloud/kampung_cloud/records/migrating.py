"""Bringing a database's schema up to date, once, whoever comes first."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util.exc import CommandError
from kampung_contract.errors import ConfigurationError
from sqlalchemy import Connection, Engine, text

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 0x6B616D70
"""Key of the advisory lock under which PostgreSQL is migrated: programs that start together take turns."""


def migrate(engine: Engine, revision: str = "head") -> None:
    """Up to ``revision``, in one transaction. Raises ``ConfigurationError`` when a newer version of the program made the tables."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"SET LOCAL {limit} = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        if revision == "head" and MigrationContext.configure(connection).get_current_revision() == newest():
            return
        try:
            command.upgrade(configuration(connection), revision)
        except CommandError as error:
            if "locate revision" not in str(error):
                raise
            raise ConfigurationError(
                f"records in {engine.url.database}: their tables are of a newer version than this program ({error}); upgrade it"
            ) from None


@cache
def newest() -> str:
    """The last of the chain, by the files' names: to read all of them would take longer than everything else does at a start."""
    return max(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def configuration(connection: Connection) -> Config:
    """For Alembic's commands."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
