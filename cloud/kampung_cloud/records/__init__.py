"""Everything that is not a reading: nodes, dead letters, events, alarms, documents. SQLite by default, PostgreSQL beyond one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from kampung_contract.errors import ConfigurationError, StorageUnavailable
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.orm import Session

from kampung_cloud.engine_address import shown

MIGRATIONS = Path(__file__).parent / "migrations"


class Records:
    """A database whose schema is up to date. Methods may be called by any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction, durable when the block ends without an error. Raises ``StorageUnavailable``."""
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except DataError:
            raise
        except SQLAlchemyError as error:
            raise StorageUnavailable(f"records in {self._engine.url.database}: {str(error).splitlines()[0]}") from error

    def ping(self) -> None:
        """Raise ``StorageUnavailable`` unless the database answers."""
        with self.session() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give up connections."""
        self._engine.dispose()


def open_records(url: str, folder: Path) -> Records:
    """Records at ``sqlite:FILE`` (below ``folder``) or a PostgreSQL URL, migrated to the newest schema.

    Raises ``ConfigurationError`` when they cannot be opened.
    """
    target = url
    if url.startswith("sqlite:"):
        file = folder / url.removeprefix("sqlite:")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"records.url: {file}: {error.strerror}; choose another data folder") from None
        target = f"sqlite:///{file}"
    try:
        engine = create_engine(target)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _durable)
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (SQLAlchemyError, ImportError) as error:
        raise ConfigurationError(f"records.url = {shown(url)!r}: {str(error).splitlines()[0]}") from None
    return Records(engine)


def _durable(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
