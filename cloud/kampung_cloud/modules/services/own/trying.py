"""A definition before it counts: everything that is wrong with it, and what it would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kampung_cloud.modules.services.annexes.form import forms
from kampung_cloud.modules.services.catalogue import Service
from kampung_cloud.modules.services.catalogue.checking import against
from kampung_cloud.modules.services.catalogue.fault import Fault
from kampung_cloud.modules.services.catalogue.loading import tried

MOST_CHANGES = 60


@dataclass(frozen=True, slots=True)
class Tried:
    """``service`` is None where there are ``faults``. ``changes``: what differs from what is in force; ``notes``: what to know before."""

    service: Service | None
    faults: tuple[Fault, ...] = ()
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def look(text: str, common: Mapping[str, str], ours: Mapping[str, Service], now_in_force: Mapping[str, Service]) -> Tried:
    """Pure. ``common``: what the office says of all its services; ``ours``: the platform's; ``now_in_force``: the village's."""
    service, wrong = tried(text.encode(), common)
    if service is not None and service.id in ours:
        wrong = against(service, ours[service.id])
    if service is None or wrong:
        return Tried(None, tuple(wrong))
    before = now_in_force.get(service.id)
    changes = () if before is None else tuple(_differing(msgspec.to_builtins(before), msgspec.to_builtins(service)))
    return Tried(service, (), changes[:MOST_CHANGES], tuple(_notes(service, before)))


def _notes(service: Service, before: Service | None) -> Iterator[str]:
    if not service.self_service:
        yield "Kios tidak menawarkannya (self_service = false); hanya loket."
    paper = [code for code in service.annexes if code not in forms()]
    if paper:
        yield f"Lampiran {', '.join(paper)} tidak ada formulirnya di sini; diambil di kertas. Yang ada: {', '.join(forms())}."
    if service.letter is None:
        yield f"Tidak ada surat yang dicetak; berkas diteruskan ke {service.forward_to}."
    if before is not None:
        gone = {f.id for f in before.fields} - {f.id for f in service.fields}
        if gone:
            yield f"Pertanyaan yang hilang: {', '.join(sorted(gone))}. Jawabannya pada permohonan yang sedang berjalan tidak tampil lagi."


def _differing(a: Any, b: Any, at: str = "") -> Iterator[str]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for name in dict.fromkeys((*a, *b)):
            yield from _differing(a.get(name), b.get(name), f"{at}.{name}" if at else str(name))
    elif isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        for n, (x, y) in enumerate(zip(a, b, strict=True), 1):
            yield from _differing(x, y, f"{at}[{n}]")
    elif a != b:
        yield at
