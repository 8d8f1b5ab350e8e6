"""Pydantic's findings in the words of someone who repairs the file."""

from __future__ import annotations

import difflib
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

REMEDIES = {
    "broker.url": "write mqtt://host:1883 or mqtts://host:8883",
    "village": 'write the Kemendagri code, such as "35.10.24.2008" (Tamansari, Licin)',
    "node": 'write a name that no other edge of the regency has, such as "kiosk-1"',
    "data": 'write the folder for the spool, such as "edge-data"',
    "kiosk.port": "write a free TCP port, 1 to 65535",
    "output.max_on": "write the seconds it may stay on at most, such as 600",
    "output.device": 'write the name of a device of a [[port]] that switches, such as "relay-1"',
    "output.output": 'write the output of its profile, such as "relay_1"; kampung-bridge list names them',
    "printer.url": "write socket://192.0.2.7:9100, /dev/serial/by-id/…, or /dev/usb/lp0",
    "printer.columns": "write 32 for paper of 58 mm, 42 or 48 for 80 mm",
    "queue.code": "write eight characters or more, such as four random words",
    "queue.line.letter": 'write one capital letter, such as "A"',
    "printer.code_page": 'write "cp437", which nearly every printer has',
}
SECRET = {"password", "code"}


def explain(path: Path, model: type[BaseModel], error: ValidationError) -> str:
    """One line a mistake: ``edge.toml: broker.url = 'x': what is wrong; remedy``."""
    found: list[dict[str, Any]] = [dict(e) for e in error.errors(include_url=False, include_context=False)]
    places: list[tuple[int | str, ...]] = [e["loc"] for e in found]
    causes = [e for e in found if e["type"] != "too_short" or not any(p != e["loc"] and p[: len(e["loc"])] == e["loc"] for p in places)]
    return "\n".join(dict.fromkeys(_line(path, model, e) for e in causes))


def _line(path: Path, model: type[BaseModel], found: dict[str, Any]) -> str:
    parts = tuple(p for p in found["loc"] if not (isinstance(p, str) and p.startswith(("literal[", "function-", "bool", "tuple["))))
    key = key_of(parts)
    value = found["input"]
    message = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        return f"{path}: {key} = {value!r}: unknown key; {_nearest(model, parts)}"
    if found["type"] == "missing":
        return f"{path}: {key}: missing; {REMEDIES.get(plain(parts), 'add it')}"
    if isinstance(value, dict | list | BaseModel) or (isinstance(value, tuple) and value and isinstance(value[0], BaseModel)):
        return f"{path}: {key or 'file'}: {message}"
    shown = "…" if parts and parts[-1] in SECRET else repr(value)
    remedy = REMEDIES.get(plain(parts))
    hint = "" if remedy is None or remedy in message or found["type"] == "value_error" else f"; {remedy}"
    return f"{path}: {key} = {shown}: {message}{hint}"


def key_of(parts: tuple[int | str, ...]) -> str:
    """``port[0].device[1].every``; counted from 0, as written in no file but by every editor's outline."""
    out = ""
    for part in parts:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def plain(parts: tuple[int | str, ...]) -> str:
    """The key without positions."""
    return ".".join(p for p in parts if isinstance(p, str))


def _nearest(model: type[BaseModel], parts: tuple[int | str, ...]) -> str:
    known = _keys(model, parts[:-1])
    near = difflib.get_close_matches(str(parts[-1]), known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    return f"remove it; known here: {', '.join(known)}" if known else "remove it"


def _keys(model: type[BaseModel] | None, parts: tuple[int | str, ...]) -> list[str]:
    named = False
    for part in parts:
        if model is None or isinstance(part, int) or named:  # a place in a list, or a name of the reader's own
            named = False
            continue
        fields = {f.alias or name: f for name, f in model.model_fields.items()}
        named = part in fields and typing.get_origin(fields[part].annotation) is dict
        model = _model_in(fields[part].annotation) if part in fields else None
    return [] if model is None else [f.alias or name for name, f in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in typing.get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
