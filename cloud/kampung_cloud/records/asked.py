"""What each chart asks of the records: by the database's driver, since SQLAlchemy's own way takes longer than the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.exc import SQLAlchemyError

from kampung_cloud.records import Records, unavailable


class Asked:
    """A question that is put into each kind of database's words once.

    Its rows are the driver's: numbers and texts are what they are elsewhere, JSON may be text still.
    """

    def __init__(self, question: Select[Any]) -> None:
        self._question = question
        self._words: dict[str, tuple[str, Mapping[str, Any], list[str] | None]] = {}

    def of(self, records: Records, **values: Any) -> list[tuple[Any, ...]]:
        """All rows, as of one moment. Raises ``StorageUnavailable``."""
        engine = records.engine
        text, fixed, places = self._words.get(engine.dialect.name) or self._put(records)
        given = {**fixed, **values}
        try:
            connection = engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(text, given if places is None else [given[name] for name in places])
                return list(cursor.fetchall())
            except BaseException as error:
                connection.invalidate(error)
                raise
            finally:
                connection.close()
        except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
            raise unavailable(records.name, error) from error

    def _put(self, records: Records) -> tuple[str, Mapping[str, Any], list[str] | None]:
        dialect = records.engine.dialect
        made = self._question.compile(dialect=dialect)
        words = self._words[dialect.name] = (str(made), made.params, list(made.positiontup or ()) if made.positional else None)
        return words
