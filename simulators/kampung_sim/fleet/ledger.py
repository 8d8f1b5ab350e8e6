"""Everything a run sent, kept outside the system: Arrow streams in a folder, readable up to the last batch however the run ended.

``readings.arrows``: node, series (device/quantity), seq, t (as stamped, ms UTC), true_t, v (as sent), true_v, q. ``packs.arrows``: node,
seq, lane, readings, made (s of the run), receipted (s, NaN while not), rejected (the code). ``run.json``: scenario, seed, times, nodes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
from kampung_contract.errors import ConfigurationError

READINGS = pa.schema(
    [
        ("node", pa.string()),
        ("series", pa.string()),
        ("seq", pa.int64()),
        ("t", pa.int64()),
        ("true_t", pa.int64()),
        ("v", pa.float64()),
        ("true_v", pa.float64()),
        ("q", pa.uint8()),
    ]
)
PACKS = pa.schema(
    [
        ("node", pa.string()),
        ("seq", pa.int64()),
        ("lane", pa.string()),
        ("readings", pa.int32()),
        ("made", pa.float64()),
        ("receipted", pa.float64()),
        ("rejected", pa.string()),
    ]
)
BATCH = 50_000


class Ledger:
    """Written by one thread."""

    def __init__(self, folder: Path, run: dict[str, Any]) -> None:
        """Raises ``ConfigurationError`` for a folder that holds another run or cannot be written."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / "run.json").exists():
                raise ConfigurationError(f"{folder}: holds a run already; name another folder with --ledger, or remove it")
            (folder / "run.json").write_text(json.dumps(run, indent=1, ensure_ascii=False), encoding="utf-8")
            self._readings = pa.RecordBatchStreamWriter(pa.OSFile(str(folder / "readings.arrows"), "wb"), READINGS)
            self._packs = pa.RecordBatchStreamWriter(pa.OSFile(str(folder / "packs.arrows"), "wb"), PACKS)
        except OSError as error:
            raise ConfigurationError(f"{folder}: {error.strerror}; name another folder with --ledger") from None
        self.folder = folder
        self._parts: list[tuple[Any, ...]] = []
        self._rows = 0
        self.readings = 0
        self.trouble = ""
        """Why nothing more is written down, for people; the run may go on, but cannot be compared."""

    def _put(self, write: Callable[[], Any]) -> None:
        if self.trouble:
            return
        try:
            write()
        except OSError as error:
            why = error.strerror or str(error)
            self.trouble = f"{self.folder}: the ledger ends here, it cannot be written: {why}; make room, or put it elsewhere with --ledger"

    def column(self, node: str, series: str, seq: int, *, t: Any, true_t: Any, v: Any, true_v: Any, q: Any) -> None:
        """Readings of one series in one pack."""
        self._parts.append((node, series, seq, t, true_t, v, true_v, q))
        self.readings += len(t)
        self._rows += len(t)
        if self._rows >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Put down what was gathered."""
        if self._parts:
            nodes, series, seqs, *columns = zip(*self._parts, strict=True)
            counts = [len(t) for t in columns[0]]
            arrays = [pa.array(np.repeat(np.array(names, object), counts), pa.string()) for names in (nodes, series)]
            numbers = [np.repeat(np.array(seqs, np.int64), counts), *(np.concatenate(c) for c in columns)]
            arrays += [pa.array(a.astype(f.type.to_pandas_dtype(), copy=False)) for a, f in zip(numbers, list(READINGS)[2:], strict=True)]
            table = pa.Table.from_arrays(arrays, schema=READINGS)
            self._put(lambda: self._readings.write_table(table))
            self._parts, self._rows = [], 0

    def packs(self, rows: list[tuple[str, int, str, int, float, float, str]]) -> None:
        """Packs that have been receipted or rejected, and at the end those that have not."""
        if rows:
            table = pa.table([list(c) for c in zip(*rows, strict=True)], schema=PACKS)
            self._put(lambda: self._packs.write_table(table))

    def note(self, **more: Any) -> None:
        """Add to ``run.json``."""
        file = self.folder / "run.json"
        run = json.loads(file.read_text(encoding="utf-8")) | more
        draft = file.with_suffix(".new")

        def write() -> None:
            draft.write_text(json.dumps(run, indent=1, ensure_ascii=False), encoding="utf-8")
            draft.replace(file)

        self._put(write)

    def close(self) -> None:
        """The end."""
        self.flush()
        self._put(self._readings.close)
        self._put(self._packs.close)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()


def read_run(folder: Path) -> dict[str, Any]:
    """What ran. Raises ``ConfigurationError`` where no run is."""
    try:
        run: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{folder}: no ledger; run a scenario with --ledger {folder} first") from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{folder}/run.json: cannot be read: {error}") from None
    return run


def read_stream(file: Path) -> Iterator[pa.RecordBatch]:
    """Batches up to the end, or to where a killed run stopped writing. Raises ``ConfigurationError`` when there is nothing to read."""
    try:
        with pa.OSFile(str(file), "rb") as source:
            try:
                reader = pa.ipc.open_stream(source)
            except (pa.ArrowInvalid, OSError):
                return
            while True:
                try:
                    yield reader.read_next_batch()
                except (StopIteration, pa.ArrowInvalid, OSError):
                    return
    except OSError as error:
        raise ConfigurationError(f"{file}: {error}; the ledger is not whole") from None
