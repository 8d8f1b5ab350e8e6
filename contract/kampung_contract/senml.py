"""SenML (RFC 8428) from foreign devices, JSON and CBOR, into columns."""

from __future__ import annotations

import io
import json
import math
import re
from typing import Any

import cbor2

from kampung_contract.errors import InvalidSenml
from kampung_contract.pack import GOOD, MAX_READINGS, Column, column

VERSION = 10
RELATIVE = 2**28
"""Times below this many seconds are relative to the receive time (RFC 8428, section 4.5.3)."""

_CBOR_LABELS = {
    -1: "bver",
    -2: "bn",
    -3: "bt",
    -4: "bu",
    -5: "bv",
    -6: "bs",
    0: "n",
    1: "u",
    2: "v",
    3: "vs",
    4: "vb",
    5: "s",
    6: "t",
    7: "ut",
    8: "vd",
}
_NUMBERS = ("bt", "bv", "bs", "v", "s", "t", "ut")


def decode_senml(payload: bytes, device: str, received: int) -> list[Column]:
    """Columns named ``device/<last part of the SenML name>``, in order of time.

    ``received`` in milliseconds UTC stands in for times that are missing or relative; readings of one series that would then share a
    millisecond are set one millisecond apart, so that none is taken for another's duplicate. Booleans become 0 and 1. CBOR is told
    from JSON by its first byte. Raises ``InvalidSenml`` for anything that cannot be stored whole: text and data values, sums, a ``_``
    label that must be understood, more than 2,000 records.
    """
    records = _records(payload)
    base: dict[str, Any] = {"bn": "", "bt": 0.0, "bu": "", "bv": 0.0}
    rows: dict[tuple[str, str], list[tuple[int, float, int]]] = {}
    for index, record in enumerate(records):
        _check(record, index)
        base.update({key: record[key] for key in base if key in record})
        if not {"v", "vb"} & record.keys():
            if {"vs", "vd", "s", "n", "t"} & record.keys():
                raise InvalidSenml(f"record {index}: only numbers ('v') and booleans ('vb') can be stored, got {sorted(record)}")
            continue
        value = float(record["vb"]) if "vb" in record else float(record["v"]) + float(base["bv"])
        if not math.isfinite(value):
            raise InvalidSenml(f"record {index}: {value} is not a finite number")
        name = str(base["bn"]) + str(record.get("n", ""))
        rows.setdefault((_quantity(name, index), str(record.get("u", base["bu"]))), []).append(
            (_time(base["bt"] + record.get("t", 0), received), value, GOOD)
        )
    if not rows:
        raise InvalidSenml("no record holds a value")
    return [column(f"{device}/{quantity}", unit, _apart(values)) for (quantity, unit), values in rows.items()]


def _records(payload: bytes) -> list[Any]:
    try:
        if payload[:1].strip() in (b"[", b"{", b""):
            read = json.loads(payload)
        else:
            stream = io.BytesIO(payload)
            read = cbor2.CBORDecoder(stream).decode()
            if stream.read(1):
                raise InvalidSenml("bytes follow the CBOR array")
    except (ValueError, RecursionError, cbor2.CBORError, UnicodeDecodeError, MemoryError, OverflowError) as error:
        raise InvalidSenml(f"neither JSON nor CBOR: {error}; it begins with {payload[:24]!r}") from None
    if not isinstance(read, list) or not read:
        raise InvalidSenml(f"a SenML pack is a non-empty array, got {type(read).__name__}")
    if len(read) > MAX_READINGS:
        raise InvalidSenml(f"{len(read)} records; at most {MAX_READINGS} go into one message")
    return [{_CBOR_LABELS.get(k, k) if isinstance(k, int) else k: v for k, v in r.items()} if isinstance(r, dict) else r for r in read]


def _check(record: Any, index: int) -> None:
    if not isinstance(record, dict):
        raise InvalidSenml(f"record {index} is {type(record).__name__}, not an object")
    for key, value in record.items():
        if isinstance(key, str) and key.endswith("_"):
            raise InvalidSenml(f"record {index}: label {key!r} must be understood, and is not")
        if key in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300):
            raise InvalidSenml(f"record {index}: {key} is {value!r}, not a number")
    if record.get("bver", VERSION) != VERSION:
        raise InvalidSenml(f"record {index}: version {record['bver']!r}; this side reads {VERSION}")
    if "bs" in record:
        raise InvalidSenml(f"record {index}: sums cannot be stored")
    if "vb" in record and not isinstance(record["vb"], bool):
        raise InvalidSenml(f"record {index}: vb is {record['vb']!r}, not a boolean")


def _quantity(name: str, index: int) -> str:
    last = re.split(r"[:/]", name)[-1].lower().replace("-", "_").replace(".", "_")
    if re.fullmatch(r"[a-z][a-z0-9_]{0,62}", last) is None:
        raise InvalidSenml(f"record {index}: name {name!r} does not end in a quantity such as 'air_temperature'")
    return last


def _time(seconds: float, received: int) -> int:
    return received + round(seconds * 1000) if seconds < RELATIVE else round(seconds * 1000)


def _apart(rows: list[tuple[int, float, int]]) -> list[tuple[int, float, int]]:
    out: list[tuple[int, float, int]] = []
    for time, value, flag in sorted(rows, key=lambda r: r[0]):
        out.append((max(time, out[-1][0] + 1) if out else time, value, flag))
    return out
