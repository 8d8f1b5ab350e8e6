"""What a definition must hold beside its shape. Everything that is wrong is said at once, each with the remedy."""

from __future__ import annotations

from collections.abc import Iterator

from kampung_cloud.modules.services.catalogue.definition import COMPONENTS, ID, NAME, Field, Service
from kampung_cloud.modules.services.catalogue.fault import Fault, listed
from kampung_cloud.modules.services.catalogue.placeholders import LETTER, RESIDENT, names
from kampung_cloud.modules.services.letters.printing import templates

LONGEST = {"id": 63, "title": 120, "summary": 300, "code": 20, "source": 400}
MOST_FIELDS = 120
MOST_NAMES = 400
"""In a letter's text. Each may stand for 2,000 letters, and somebody waits for the letter."""
BOUNDS = {
    **dict.fromkeys(("text", "long", "phone", "place"), (1, 5_000)),
    **dict.fromkeys(("number", "money"), (-(10**15), 10**15)),
    "date": (-73_000, 73_000),
}
"""What ``least`` and ``most`` of a question may be, by its kind: characters, numbers, days from today."""
TAKEN = frozenset({"statistics", "definitions"})
"""Names that stand for something else in addresses."""


def faults(service: Service) -> list[Fault]:
    """Nothing for a definition that can be used."""
    return [*_head(service), *_fields(service), *_letter(service)]


def against(service: Service, ours: Service) -> list[Fault]:
    """What a village may not say otherwise of a service that comes with the platform."""
    if ours.civil and not service.civil:
        return [Fault("civil", "layanan ini hak administrasi kependudukan; tulis civil = true")]
    return []


def _head(service: Service) -> Iterator[Fault]:
    if not ID.fullmatch(service.id):
        yield Fault("id", f"{service.id[:60]!r}: huruf kecil, angka dan '-', seperti 'surat-usaha'")
    elif service.id in TAKEN:
        yield Fault("id", f"{service.id!r} sudah dipakai untuk hal lain; pilih nama lain")
    for name in ("title", "summary", "source"):
        if not getattr(service, name).strip():
            yield Fault(name, "kosong; harus ditulis")
    for name, most in LONGEST.items():
        if len(getattr(service, name)) > most:
            yield Fault(name, f"{len(getattr(service, name))} huruf; paling banyak {most}")
    if service.fee < 0:
        yield Fault("fee", f"{service.fee}: rupiah, 0 bila tidak dipungut biaya")
    if service.civil and service.fee > 0:
        yield Fault("fee", f"{service.fee}: dokumen kependudukan tidak dipungut biaya (UU 24/2013 Ps 79A); tulis 0")
    for name in COMPONENTS:
        if not getattr(service.standard, name).strip():
            yield Fault(f"standard.{name}", "kosong; ke-14 komponen standar pelayanan harus ditulis (UU 25/2009 Ps 21)")
    if service.civil and service.oksigen:
        yield Fault("oksigen", "dokumen kependudukan tidak meminta pohon; tulis false")
    if service.kind == "letter" and service.letter is None:
        yield Fault("letter", "kind = 'letter' memerlukan tabel [letter]")
    if service.kind == "letter" and service.signs is None:
        yield Fault("signs", "kind = 'letter' memerlukan penanda tangan: 'kades' atau 'sekdes'")
    if service.dtsen and not service.identity:
        yield Fault("dtsen", "desil adalah milik keluarga seseorang; tulis identity = true, atau dtsen = false")
    if service.kind == "forward" and not service.forward_to.strip():
        yield Fault("forward_to", "kind = 'forward' memerlukan tujuan, seperti 'Dinas Kependudukan dan Pencatatan Sipil'")
    if not service.verifies:
        yield Fault("verifies", "kosong; sebut siapa yang memeriksa, seperti ['petugas']")
    for name in ("checking", "signature", "ready"):
        if not 1 <= getattr(service.limits, name) <= 60_000:
            yield Fault(f"limits.{name}", f"{getattr(service.limits, name)}: 1 sampai 60.000 menit kerja")


def _fields(service: Service) -> Iterator[Fault]:
    before: dict[str, Field] = {}
    if len(service.fields) > MOST_FIELDS:
        yield Fault("fields", f"{len(service.fields)} pertanyaan; paling banyak {MOST_FIELDS}")
    for at, field in enumerate(service.fields, 1):
        where = f"fields[{at}] {field.id[:40]!r}"
        if not NAME.fullmatch(field.id):
            yield Fault(where, "id: huruf kecil, angka dan '_', seperti 'alamat_usaha'")
        if field.id in before or field.id in LETTER or field.id == "pemohon":
            yield Fault(where, "id: nama ini sudah dipakai; pilih nama lain")
        if not field.question.strip():
            yield Fault(where, "question: kosong; tulis pertanyaannya")
        if field.kind == "choice" and not field.choices:
            yield Fault(where, "choices: kind = 'choice' memerlukan pilihan, seperti ['Ya', 'Tidak']")
        if field.kind != "choice" and field.choices:
            yield Fault(where, "choices: hanya untuk kind = 'choice'")
        if len(set(field.choices)) != len(field.choices):
            yield Fault(where, "choices: ada pilihan yang tertulis dua kali")
        if any(not c.strip() for c in field.choices):
            yield Fault(where, "choices: ada pilihan yang kosong")
        if field.least is not None and field.most is not None and field.least > field.most:
            yield Fault(where, f"least = {field.least} lebih besar daripada most = {field.most}")
        for name, value in (("least", field.least), ("most", field.most)):
            low, high = BOUNDS.get(field.kind, (0, 0))
            if value is not None and field.kind in BOUNDS and not low <= value <= high:
                yield Fault(where, f"{name} = {value}: {low} sampai {high} pada kind = {field.kind!r}")
        if field.only is not None:
            yield from _only(where, field, before)
        before[field.id] = field


def _only(where: str, field: Field, before: dict[str, Field]) -> Iterator[Fault]:
    assert field.only is not None
    asked = before.get(field.only.field)
    if asked is None:
        yield Fault(where, f"only.field = {field.only.field!r} tidak ditanyakan sebelum ini; yang ada: {listed(before)}")
    elif asked.kind == "yes" and not isinstance(field.only.equals, bool):
        yield Fault(where, f"only.equals = {field.only.equals!r}: true atau false, karena {asked.id!r} dijawab ya atau tidak")
    elif asked.kind == "choice" and field.only.equals not in asked.choices:
        yield Fault(where, f"only.equals = {field.only.equals!r} bukan pilihan {asked.id!r}; yang ada: {listed(asked.choices)}")
    elif asked.kind not in ("yes", "choice"):
        yield Fault(where, f"only.field = {asked.id!r} berjenis {asked.kind}; syarat memerlukan kind = 'choice' atau 'yes'")


def _letter(service: Service) -> Iterator[Fault]:
    letter = service.letter
    if letter is None:
        return
    if not letter.body:
        yield Fault("letter.body", "kosong; tulis isi suratnya")
    if not letter.signatures:
        yield Fault("letter.signatures", "kosong; sebut penanda tangan, seperti ['kades']")
    if letter.validity is not None and not 1 <= letter.validity <= 3660:
        yield Fault("letter.validity", f"{letter.validity}: hari, 1 sampai 3.660; hapus baris ini bila surat tidak habis masa")
    if letter.template not in templates():
        yield Fault("letter.template", f"{letter.template[:60]!r} tidak ada; yang ada: {listed(templates())}")
    fields = {f.id: f for f in service.fields}
    for row in letter.rows:
        if row not in fields:
            yield Fault("letter.rows", f"{row[:60]!r} bukan pertanyaan layanan ini; yang ada: {listed(fields)}")
    if len(set(letter.rows)) != len(letter.rows):
        yield Fault("letter.rows", "ada pertanyaan yang tertulis dua kali")
    if (count := sum(text.count("{") for text in letter.body)) > MOST_NAMES:
        yield Fault("letter.body", f"{count} nama dalam kurung; paling banyak {MOST_NAMES}")
    texts = [(f"letter.body[{n}]", text) for n, text in enumerate(letter.body, 1)]
    for at, text in (*texts, ("letter.closing", letter.closing), ("letter.title", letter.title)):
        yield from _text(at, text, fields)


def _text(at: str, text: str, fields: dict[str, Field]) -> Iterator[Fault]:
    try:
        used = names(text)
    except ValueError as error:
        yield Fault(at, str(error))
        return
    for name in used:
        head, _, tail = name.partition(".")
        if head == "pemohon" or (head in fields and fields[head].kind == "person"):
            if tail not in RESIDENT:
                yield Fault(at, f"{{{name}}} tidak dikenal dari seseorang; yang ada: {listed(sorted(RESIDENT))}")
        elif tail or not (head in fields or head in LETTER or _in_words(head, fields)):
            yield Fault(at, f"{{{name}}} tidak dikenal; yang ada: {listed([*fields, *sorted(LETTER), 'pemohon.…'])}")


def _in_words(name: str, fields: dict[str, Field]) -> bool:
    """``harga_terbilang`` is the rupiah of ``harga`` in words."""
    field = fields.get(name.removesuffix("_terbilang"))
    return field is not None and field.kind == "money" and name.endswith("_terbilang")
