"""What a service is: one file of ``data/``, or of a village's folder. A file that says too little or something unknown does not load.

The 14 components of a service standard: UU 25/2009 Ps 21 and Permenpan-RB 15/2014 (norms 2.3).
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec
from kampung_contract.questions import Only, Question
from msgspec import Struct

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME = re.compile(r"[a-z][a-z0-9_]*")

Role = Literal["petugas", "sekdes", "kades"]


class Condition(Only, frozen=True, forbid_unknown_fields=True):
    """As in the contract; a file may say nothing else."""


class Field(Question, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As in the contract; a file may say nothing else."""

    only: Condition | None = None


class Need(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A document to bring. ``shown``: the original is looked at; else a copy is kept."""

    name: str
    required: bool = True
    shown: bool = True


class Letter(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is printed. ``body``: paragraphs with ``{names}`` of fields, of the resident (``{pemohon.nama}``) and of the letter.

    ``validity`` in days, nothing for a letter that does not run out. ``rows``: fields shown as a list of name and value.
    """

    title: str
    body: tuple[str, ...]
    closing: str = "Demikian surat ini dibuat untuk dipergunakan sebagaimana mestinya."
    rows: tuple[str, ...] = ()
    identity: bool = True
    validity: int | None = 30
    paper: Literal["F4", "A4"] = "F4"
    template: str = "letter"
    signatures: tuple[Literal["kades", "pemohon", "saksi"], ...] = ("kades",)


class Limits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Working minutes that each state may take before somebody else is told. Ours, unless ``source`` says otherwise."""

    checking: int = 10
    signature: int = 60
    ready: int = 2400
    source: str = "usulan platform: SKU kurang dari 15 menit di Sumberberas (norma layanan, S)"


class Standard(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The 14 components. The first six are of delivery, the others of management."""

    persyaratan: str
    prosedur: str
    jangka_waktu: str
    biaya: str
    produk: str
    pengaduan: str
    dasar_hukum: str
    sarana: str
    kompetensi: str
    pengawasan: str
    jumlah_pelaksana: str
    jaminan_pelayanan: str
    jaminan_keamanan: str
    evaluasi: str


COMPONENTS = Standard.__struct_fields__


class Service(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A service.

    ``kind``: ``letter`` is made and signed here; ``forward`` is checked here and goes on to ``forward_to``, whose time is its own.
    ``code``: classification in the letter's number; ``table``: its name among the 42 letters in use.
    ``civil``: a right of civil registration, which no gate touches. ``dtsen``: staff may ask in which decile his family is.
    """

    id: str
    title: str
    summary: str
    kind: Literal["letter", "forward"] = "letter"
    code: str
    table: str = ""
    words: tuple[str, ...] = ()
    self_service: bool
    identity: bool = True
    qr: bool = True
    civil: bool = False
    oksigen: bool = False
    dtsen: bool = False
    urgent: bool = False
    fee: int = 0
    verifies: tuple[Role, ...] = ("petugas",)
    signs: Literal["kades", "sekdes"] | None = "kades"
    forward_to: str = ""
    annexes: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    needs: tuple[Need, ...] = ()
    letter: Letter | None = None
    limits: Limits = msgspec.field(default_factory=Limits)
    standard: Standard
    source: str
    mark: Literal["V", "S", "K"]

    def field(self, name: str) -> Field | None:
        """The field of that id."""
        return next((f for f in self.fields if f.id == name), None)
