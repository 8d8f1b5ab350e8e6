"""Whether a file has the shape of a definition: every name that is missing or unknown, and every value of another kind, all at once."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from kampung_cloud.modules.services.catalogue.fault import Fault, listed

KINDS = {
    str: "teks dalam tanda kutip",
    int: "bilangan bulat",
    bool: "true atau false",
    float: "bilangan",
    list: "daftar [ … ]",
    dict: "tabel",
}
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def shaped(raw: Any, kind: Any, at: str = "") -> Iterator[Fault]:
    """Nothing for what ``msgspec.convert`` takes as ``kind``, and whose texts can be printed."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _struct(raw, kind, at)
    elif get_origin(kind) is tuple:
        if not isinstance(raw, list):
            yield Fault(at, f"harus {KINDS[list]}, bukan {named(raw)}")
            return
        for n, each in enumerate(raw, 1):
            yield from shaped(each, get_args(kind)[0], f"{at}[{n}]")
    elif get_origin(kind) is Literal:
        if raw not in get_args(kind) or isinstance(raw, bool):
            yield Fault(at, f"{shown(raw)} tidak dikenal; pilih {' atau '.join(map(repr, get_args(kind)))}")
    elif get_origin(kind) in (Union, types.UnionType):
        yield from _union(raw, [k for k in get_args(kind) if k is not type(None)], at)
    elif type(raw) is not kind:
        yield Fault(at, f"harus {KINDS[kind]}, bukan {named(raw)}")
    elif isinstance(raw, str) and CONTROL.search(raw):
        yield Fault(at, "ada huruf yang tidak dapat dicetak; tulis ulang")
    elif isinstance(raw, int) and not -(2**53) < raw < 2**53:
        yield Fault(at, "terlalu besar; paling banyak 16 angka")


def named(raw: Any) -> str:
    """What a value is."""
    return KINDS.get(type(raw), "tanggal atau jam")


def shown(raw: Any) -> str:
    """A value, short enough to be read; of a table or list only that it is one, for it may be too deep to be written."""
    return named(raw) if isinstance(raw, dict | list) else repr(raw)[:60]


def _struct(raw: Any, kind: type[msgspec.Struct], at: str) -> Iterator[Fault]:
    if not isinstance(raw, dict):
        yield Fault(at, f"harus {KINDS[dict]}, bukan {named(raw)}")
        return
    known = {f.encode_name: f for f in msgspec.structs.fields(kind)}
    before = f"{at}." if at else ""
    for name in raw:
        if name not in known:
            yield Fault(before + name[:60], f"tidak dikenal; yang ada: {listed(known)}")
    for name, field in known.items():
        if name in raw:
            yield from shaped(raw[name], field.type, before + name)
        elif field.required:
            yield Fault(before + name, "belum ada; harus ditulis")


def _union(raw: Any, kinds: list[Any], at: str) -> Iterator[Fault]:
    """One that fits, else what is wrong with the only one there is."""
    tried = [list(shaped(raw, kind, at)) for kind in kinds]
    if all(tried):
        yield from tried[0] if len(tried) == 1 else (Fault(at, f"harus {' atau '.join(KINDS[k] for k in kinds)}, bukan {named(raw)}"),)
