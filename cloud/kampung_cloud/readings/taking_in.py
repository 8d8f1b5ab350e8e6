"""Readings out of a CSV or Parquet file, all or none: every line is checked before one is stored.

A file as ``csv_file`` and ``parquet_file`` write it, or any with the columns ``time``, ``series`` and ``value``. ``village`` and ``unit``
are needed for a series that is not here yet; ``quality`` is 2 (not evaluated) and ``received`` is now where there is none. Lines that are
marked as estimated are left out and counted: nobody knows their time.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from kampung_contract.errors import InvalidRequest, KampungError, TooMuch
from kampung_contract.pack import EARLIEST, FAIL, FLAGS, MISSING, NOT_EVALUATED, column
from kampung_contract.quantities import quantity
from kampung_contract.times import milliseconds
from kampung_contract.villages import village

from kampung_cloud.readings.csv_file import unmarked
from kampung_cloud.telemetry.store import UNIT_LENGTH, Batch, SeriesKey, TelemetryStore, is_unit

MOST_ROWS = 1_000_000
"""What one transaction takes; a larger file is cut."""
MOST_TOLD = 20
MOST_LINE = 10_000
"""Characters; more is no line of a table, and would all have to be in memory."""
MOST_UNPACKED = 2 * 1024**3
"""Bytes that a Parquet file may say its columns unpack to."""
NO_DATA = (8888.0, 9999.0)
"""BMKG's codes: not measured, no data."""
KNOWN = ("time", "series", "village", "value", "unit", "quality", "estimated", "received")
AHEAD_MS = 86_400_000
NEEDED = ("time", "series", "value")
SERIES = re.compile(r"([a-z0-9][a-z0-9_-]{0,62})\.([a-z0-9][a-z0-9_-]{0,62})\.([a-z][a-z0-9_]{0,62})")

Line = Mapping[str, Any]


@dataclass(slots=True)
class Found:
    """What a file holds: rows by series and receive time, and how many were left out as estimated."""

    rows: dict[tuple[SeriesKey, int], list[tuple[int, float, int]]] = field(default_factory=dict)
    count: int = 0
    estimated: int = 0

    def batch(self) -> Batch:
        """For one commit."""
        out = Batch()
        for (key, received), rows in self.rows.items():
            out.add(key, column(f"{key.device}/{key.quantity}", key.unit, rows), received)
        return out


def read(file: Path, store: TelemetryStore, now: int, most_series: int) -> Found:
    """Check a whole file. ``most_series`` is how many series a kiosk may have.

    Raises ``InvalidRequest`` with a sentence for each wrong line (the first 20), ``TooMuch`` for a file that is too long.
    """
    with file.open("rb") as content:
        parquet = content.read(4) == b"PAR1"
    found, wrong, more = Found(), [], 0
    reader = _Reader(store, now, most_series)
    for number, line in _parquet(file) if parquet else _csv(file):
        try:
            reader.take(found, line)
        except KampungError as error:
            more += 1
            if more <= MOST_TOLD:
                wrong.append(f"{'row' if parquet else 'line'} {number}: {error.message}")
        if found.count + found.estimated > MOST_ROWS:
            raise TooMuch(f"more than {MOST_ROWS:,} readings; one import is one transaction: cut the file into parts of at most so many")
    if wrong:
        rest = [f"and {more - MOST_TOLD:,} more"] if more > MOST_TOLD else []
        raise InvalidRequest("\n".join([*wrong, *rest, "nothing was imported; correct the file and import it again"]))
    return found


class _Reader:
    """Turns lines into rows; remembers the series it has seen."""

    def __init__(self, store: TelemetryStore, now: int, most_series: int) -> None:
        self._store, self._now, self._most = store, now, most_series
        self._keys: dict[tuple[str, str, str], SeriesKey] = {}
        self._named: dict[str, SeriesKey] = {}
        self._nodes: dict[str, set[str]] = {}

    def take(self, found: Found, line: Line) -> None:
        where = tuple(unmarked(str(line.get(name) or "").strip()) for name in ("series", "village", "unit"))
        key = self._keys.get(where)  # type: ignore[arg-type]
        if key is None:
            key = self._keys[where] = self._key(*where)  # type: ignore[index]
        value = _value(line["value"])
        row = (self._moment("time", line["time"]), value, _flag(line.get("quality"), key.quantity, value))
        if str(line.get("estimated") or "0").strip().lower() in {"1", "true"}:
            found.estimated += 1
            return
        received = self._moment("received", line["received"]) if line.get("received") else self._now
        found.rows.setdefault((key, received), []).append(row)
        found.count += 1

    def _moment(self, what: str, value: Any) -> int:
        try:
            read = value if isinstance(value, int) else milliseconds(str(value).strip())
        except (ValueError, OverflowError):
            raise InvalidRequest(f"{what} = {str(value)[:40]!r} is no time; write 2026-11-21T09:41:00+07:00") from None
        if not EARLIEST <= read <= self._now + AHEAD_MS:
            raise InvalidRequest(f"{what} = {str(value)[:40]!r} is before 2020 or in the future; readings are of 2020 to tomorrow")
        return read

    def _key(self, name: str, code: str, unit: str) -> SeriesKey:
        parts = SERIES.fullmatch(name)
        if parts is None:
            raise InvalidRequest(
                f"series = {name[:100]!r} is no name of a series; write kiosk.device.quantity, as kiosk-1.soil-1.soil_moisture"
            )
        latest = self._store.find(name)
        here = latest.key if latest is not None else self._named.get(name)
        if here is not None:
            for what, given, known in (("village", code, here.village), ("unit", unit, here.unit)):
                if given and given != known:
                    raise InvalidRequest(f"{what} = {given[:40]!r}: {name} has {known!r}; correct it, or leave the column out")
            return here
        measured = quantity(parts[3])
        if not code or not (unit or measured):
            raise InvalidRequest(f"series {name!r} is not here yet; add the columns village (as 35.10.24.2008) and unit")
        if measured is not None and unit not in {"", measured.unit}:
            raise InvalidRequest(f"unit = {unit[:40]!r}: {parts[3]} is measured in {measured.unit!r}; convert the values")
        if unit and not is_unit(unit):
            raise InvalidRequest(f"unit = {unit[:40]!r} is not a unit of up to {UNIT_LENGTH} characters")
        self._room(parts[1], name)
        key = SeriesKey(village(code).code, parts[1], parts[2], parts[3], unit or (measured.unit if measured else ""))
        self._named[name] = key
        return key

    def _room(self, node: str, name: str) -> None:
        if node not in self._nodes:
            self._nodes[node] = {key.id for key in self._store.series() if key.node == node}
        self._nodes[node].add(name)
        if len(self._nodes[node]) > self._most:
            raise InvalidRequest(f"series {name!r} would be number {len(self._nodes[node])} of {node!r}; raise ingest.max_series_per_node")


def _value(value: Any) -> float:
    try:
        read = float(str(value).strip().replace(",", ".")) if not isinstance(value, float) else value
    except ValueError:
        read = math.nan
    if not math.isfinite(read):
        raise InvalidRequest(f"value = {str(value)[:40]!r} is no number; write it as 20.5")
    return read + 0.0


def _flag(given: Any, name: str, value: float) -> int:
    """A flag that the file gives stands: a site may have set another range than the catalogue's. What nobody has judged is judged here.

    A code for a missing measurement never passes for one, whatever a file says of it.
    """
    known = quantity(name)
    wrong = known is not None and not known.plausible(value)
    if wrong and value in NO_DATA:
        return MISSING
    if given is None or given == "":
        return FAIL if wrong else NOT_EVALUATED
    text = str(given).strip()
    if text not in {str(flag) for flag in FLAGS}:
        raise InvalidRequest(f"quality = {text[:40]!r} is no flag; write 1, 2, 3, 4 or 9")
    return int(text)


def _csv(file: Path) -> Iterator[tuple[int, Line]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            lines = ((number, line) for number, line in enumerate(_bounded(content), 1) if line.strip() and not line.startswith("#"))
            head = next(lines, (0, ""))[1]
            separator = next((s for s in (";", "\t") if s in head), ",")
            names = [name.strip().lower() for name in next(csv.reader([head], delimiter=separator), [])]
            _columns(names)
            for number, line in lines:
                cells = next(csv.reader([line], delimiter=separator))
                if len(cells) != len(names):
                    raise InvalidRequest(
                        f"line {number}: {len(cells)} cells for {len(names)} columns; a decimal comma needs semicolons between columns"
                    )
                yield number, dict(zip(names, cells, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidRequest(f"not a CSV file in UTF-8: {error}; save it as CSV UTF-8") from None


def _bounded(content: TextIO) -> Iterator[str]:
    number = 0
    while line := content.readline(MOST_LINE):
        number += 1
        if len(line) == MOST_LINE:
            raise InvalidRequest(f"line {number} has more than {MOST_LINE:,} characters; a line is one reading")
        yield line


def _parquet(file: Path) -> Iterator[tuple[int, Line]]:
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as content:
            names = content.schema_arrow.names
            _columns(names)
            _small_enough(content.metadata)
            number = 0
            for batch in content.iter_batches(columns=[name for name in names if name in KNOWN]):
                for line in _plain(batch).to_pylist():
                    number += 1
                    yield number, line
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InvalidRequest(f"not a whole Parquet file: {str(error).splitlines()[0][:200]}") from None


def _small_enough(about: Any) -> None:
    """What a file unpacks to says nothing of its own size: a few kilobytes may be gigabytes."""
    unpacked = sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups))
    if about.num_rows > MOST_ROWS or unpacked > MOST_UNPACKED:
        raise TooMuch(
            f"{about.num_rows:,} readings in {unpacked:,} bytes, unpacked; one import is one transaction: "
            f"cut the file into parts of at most {MOST_ROWS:,} readings and {MOST_UNPACKED:,} bytes"
        )


def _plain(batch: Any) -> Any:
    """Times as milliseconds UTC. A time without a zone is taken for WIB, as in text."""
    columns = []
    for values, name in zip(batch.columns, batch.schema.names, strict=True):
        if not pa.types.is_timestamp(values.type):
            columns.append(values)
            continue
        shift = 0 if values.type.tz else milliseconds("1970-01-01T00:00:00")
        moments = values.cast(pa.timestamp("ms", tz=values.type.tz), safe=False).cast(pa.int64())
        columns.append(pc.add(moments, shift) if name in {"time", "received"} else moments)
    return pa.Table.from_arrays(columns, names=batch.schema.names)


def _columns(names: Iterable[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise InvalidRequest(
            f"column {missing[0]!r} is missing; a file needs {', '.join(NEEDED)} (columns found: {', '.join(names) or 'none'})"
        )
