"""The certificate of a destruction (*berita acara*) as PDF, with the list of what was destroyed and a notice for the board (Ps 45)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst
from kampung_contract.errors import ConfigurationError, NotFound

from kampung_cloud.letterhead import day, moment
from kampung_cloud.local_day import day_of
from kampung_cloud.records.retention_models import DestructionItemRow, DestructionRow
from kampung_cloud.retention.office import office
from kampung_cloud.retention.times import Keeps

TEMPLATES = Path(str(files("kampung_cloud"))) / "retention" / "templates"
BACKUPS = (
    "Cadangan (backup) yang dibuat sebelum pemusnahan masih memuat data ini sampai cadangan itu sendiri dihapus; isinya tersandi. "
    "Setelah memulihkan cadangan lama, yang melewati masa simpan terdaftar lagi dan dimusnahkan lagi dengan berita acara baru."
)


def pdf(row: DestructionRow, items: Sequence[DestructionItemRow], kept: Sequence[Keeps]) -> bytes:
    """Raises ``NotFound`` for a proposal that was not carried out, ``ConfigurationError`` when it cannot be set."""
    if row.state != "done":
        raise NotFound(f"usulan {row.id} belum dilaksanakan; berita acara ada setelah orang kedua menyetujui")
    body: Mapping[str, Any] = row.body
    ours = office(row.village)
    data = {
        "number": row.number, "head": ours.head, "office": ours.name, "of": ours.of, "seat": ours.seat, "chief": ours.chief,
        "code": row.village,
        "day": day(body["at"]), "when": moment(body["at"]), "proposed": moment(body["proposed"]),
        "people": [{"role": "Yang mengusulkan", "name": body["by_name"], "account": body["by"]},
                   {"role": "Yang menyetujui", "name": body["second_name"], "account": body["second"]}],
        "note": body["note"], "kept": body["kept"], "files": body.get("files", 0),
        "kinds": [{**k, "oldest": day(k["oldest"]), "newest": day(k["newest"])} for k in body["kinds"]],
        "keeps": [{"title": k.title, "why": k.why, "source": k.source} for k in kept],
        "items": [{"kind": i.kind, "subject": i.subject, "label": i.label, "at": day(i.at)} for i in items if i.done],
        "backups": BACKUPS, "hash": row.hash, "before": row.before,
        "date": dict(zip(("year", "month", "day"), day_of(body["at"]).timetuple()[:3], strict=True)),
    }  # fmt: skip
    try:
        return typst.compile(
            TEMPLATES / "certificate.typ", root=TEMPLATES, ignore_system_fonts=True, format="pdf", pdf_standards="a-2b",
            sys_inputs={"data": json.dumps(data)},
        )  # fmt: skip
    except typst.TypstError as error:
        raise ConfigurationError(f"template certificate.typ: {str(error).splitlines()[0]}") from None
