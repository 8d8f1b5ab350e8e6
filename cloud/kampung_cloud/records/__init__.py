"""Everything that is not a reading: nodes, dead letters, events, alarms, documents. SQLite by default, PostgreSQL beyond one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kampung_contract.errors import ConfigurationError, StorageUnavailable
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from kampung_cloud.engine_address import shown
from kampung_cloud.records import (
    access_models,
    breach_models,
    chain_models,
    duty_models,
    given_models,
    judgement_models,
    mail_models,
    message_models,
    models,
    opening_models,
    postgresql,
    resident_models,
    retention_models,
    roll_models,
    tree_models,
    withdrawal_models,
)
from kampung_cloud.records.migrating import migrate

TABLES = (
    models, access_models, message_models, chain_models, judgement_models, duty_models, tree_models, resident_models, roll_models,
    retention_models, mail_models, breach_models, opening_models, withdrawal_models, given_models,
)  # fmt: skip
"""Where they are declared; Alembic has to know them all."""


class Records:
    """A database whose schema is up to date. Methods may be called by any thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.name = postgresql.name(engine.url) if engine.dialect.name == "postgresql" else str(engine.url.database)
        """For messages; no secrets in it."""

    @property
    def shared(self) -> bool:
        """Whether other processes may write to them too."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction, durable when the block ends without an error. Raises ``StorageUnavailable``."""
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        except DataError:
            raise
        except SQLAlchemyError as error:
            raise unavailable(self.name, error) from error

    def frozen(self) -> Connection:
        """A connection that reads everything as of now, until it is closed. Raises ``StorageUnavailable``."""
        try:
            connection = self.engine.connect()
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
                    connection.exec_driver_sql(f"SET LOCAL {limit} = 0")  # reading everything takes as long as it takes
            connection.execute(text("SELECT version_num FROM alembic_version")).all()  # the moment is that of the first look
        except SQLAlchemyError as error:
            raise unavailable(self.name, error) from error
        return connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction without objects. Raises ``StorageUnavailable``."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise unavailable(self.name, error) from error

    def ping(self) -> None:
        """Raise ``StorageUnavailable`` unless the database answers."""
        with self.session() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give up connections."""
        self.engine.dispose()


def open_records(url: str, folder: Path, revision: str = "head") -> Records:
    """Records at ``sqlite:FILE`` (below ``folder``) or a PostgreSQL URL, migrated to the newest schema, or as far as ``revision``.

    Raises ``ConfigurationError`` when they cannot be opened as they are set up, and ``StorageUnavailable`` when a server does not answer.
    """
    postgres = url.startswith("postgresql")
    try:
        engine = postgresql.engine(url) if postgres else _sqlite(url, folder)
        try:
            migrate(engine, revision)
        except BaseException:
            engine.dispose()
            raise
    except OperationalError as error:
        if postgres and not postgresql.hopeless(error):
            raise unavailable(postgresql.name(engine.url), error) from None
        raise _refused(url, error) from None
    except (SQLAlchemyError, ImportError) as error:
        raise _refused(url, error) from None
    return Records(engine)


def _sqlite(url: str, folder: Path) -> Engine:
    file = folder / url.removeprefix("sqlite:")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"records.url: {file}: {error.strerror}; choose another data folder") from None
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def unavailable(name: str, error: Exception) -> StorageUnavailable:
    """What to raise when a database does not do it now."""
    return StorageUnavailable(f"records in {name}: {_words(error)}")


def _refused(url: str, error: Exception) -> ConfigurationError:
    remedy = "; pip install 'smart-kampung[postgresql]'" if isinstance(error, ImportError) else ""
    return ConfigurationError(f"records.url = {shown(url)!r}: {_words(error)}{remedy}")


def _words(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]
