"""Readings as Parquet: the columns of the CSV with their types, what they are in the file's metadata (key ``kampung``, JSON)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from kampung_contract.times import text

from kampung_cloud.readings.subject import Subject
from kampung_cloud.readings.walk import PIECE, pieces
from kampung_cloud.telemetry.store import TelemetryStore, Window

MOMENT = pa.timestamp("ms", tz="Asia/Jakarta")
WORD = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("time", MOMENT, nullable=False),
        pa.field("series", WORD, nullable=False),
        pa.field("village", WORD, nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("unit", WORD, nullable=False),
        pa.field("quality", pa.uint8(), nullable=False),
        pa.field("estimated", pa.bool_(), nullable=False),
        pa.field("received", MOMENT, nullable=False),
    ]
)


class _Pipe(io.RawIOBase):
    """Holds what was written since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        out = bytes(self._held)
        self._held.clear()
        return out


def parquet_file(
    store: TelemetryStore, subjects: Sequence[Subject], start: int, stop: int, *, notes: Sequence[str] = ()
) -> Iterator[bytes]:
    """The file in pieces; one that breaks off has no footer, and no reader takes it for whole."""
    told = [{k: v for k, v in asdict(s).items() if k != "id"} for s in subjects]
    about = {"from": text(start), "to": text(stop), "notes": list(notes), "series": told}
    pipe = _Pipe()
    schema = SCHEMA.with_metadata({"kampung": json.dumps(about, ensure_ascii=False)})
    with pq.ParquetWriter(pa.PythonFile(pipe, mode="w"), schema, compression="zstd", write_page_checksum=True) as writer:
        held: list[Any] = []
        for subject in subjects:
            for piece in pieces(store, subject.id, start, stop):
                held.append(_table(piece, subject, schema))
                if sum(table.num_rows for table in held) >= PIECE:
                    writer.write_table(pa.concat_tables(held).unify_dictionaries())
                    held.clear()
                    yield pipe.taken()
        if held:
            writer.write_table(pa.concat_tables(held).unify_dictionaries())
    yield pipe.taken()


def _table(piece: Window, subject: Subject, schema: Any) -> Any:
    count = len(piece.t)
    doubtful = piece.estimated or [0] * count
    words = {name: _same(value, count) for name, value in (("s", subject.name), ("v", subject.village), ("u", subject.unit))}
    columns = [
        pa.array(piece.t, pa.int64()).cast(MOMENT),
        words["s"],
        words["v"],
        pa.array(piece.v, pa.float64()),
        words["u"],
        pa.array(piece.q, pa.uint8()),
        pa.array([bool(e) for e in doubtful]),
        pa.array(piece.received, pa.int64()).cast(MOMENT),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _same(word: str, count: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([word]))
