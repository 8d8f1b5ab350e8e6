"""What a definition must hold beside its shape. Everything that is wrong is said at once, each with the remedy."""

from __future__ import annotations

from collections.abc import Iterator

from kampung_cloud.modules.services.catalogue.definition import COMPONENTS, ID, NAME, Field, Service
from kampung_cloud.modules.services.catalogue.placeholders import LETTER, RESIDENT, names


def faults(service: Service) -> list[str]:
    """Nothing for a definition that can be used."""
    return [*_head(service), *_fields(service), *_letter(service)]


def _head(service: Service) -> Iterator[str]:
    if not ID.fullmatch(service.id):
        yield f"id = {service.id!r}: small letters, digits and '-'"
    for name in ("title", "summary", "source"):
        if not getattr(service, name).strip():
            yield f"{name} is empty"
    if service.fee < 0:
        yield f"fee = {service.fee}: rupiah, 0 for nothing"
    empty = [c for c in COMPONENTS if not getattr(service.standard, c).strip()]
    if empty:
        yield f"standard: {', '.join(empty)} empty; all 14 components of the service standard must be said (UU 25/2009 Ps 21)"
    if service.civil and service.oksigen:
        yield "oksigen = true: a document of civil registration asks for no tree; set it to false"
    if service.kind == "letter" and (service.letter is None or service.signs is None):
        yield "kind = 'letter' needs [letter] and signs"
    if service.kind == "forward" and not service.forward_to.strip():
        yield "kind = 'forward' needs forward_to: who decides, as 'Dinas Kependudukan dan Pencatatan Sipil'"
    for name in ("checking", "signature", "ready"):
        if not 1 <= getattr(service.limits, name) <= 60_000:
            yield f"limits.{name} = {getattr(service.limits, name)}: 1 to 60,000 working minutes"


def _fields(service: Service) -> Iterator[str]:
    before: dict[str, Field] = {}
    for at, field in enumerate(service.fields, 1):
        where = f"fields[{at}] {field.id!r}"
        if not NAME.fullmatch(field.id):
            yield f"{where}: small letters, digits and '_'"
        if field.id in before or field.id in LETTER or field.id == "pemohon":
            yield f"{where}: the name is taken; choose another"
        if not field.question.strip():
            yield f"{where}: question is empty"
        if (field.kind == "choice") != bool(field.choices):
            yield f"{where}: choices are for kind = 'choice', which needs them"
        if len(set(field.choices)) != len(field.choices):
            yield f"{where}: a choice stands twice"
        if field.least is not None and field.most is not None and field.least > field.most:
            yield f"{where}: least = {field.least} is above most = {field.most}"
        if field.only is not None:
            yield from _only(where, field, before)
        before[field.id] = field


def _only(where: str, field: Field, before: dict[str, Field]) -> Iterator[str]:
    assert field.only is not None
    asked = before.get(field.only.field)
    if asked is None:
        yield f"{where}: only.field = {field.only.field!r} is not asked before it"
    elif asked.kind == "yes" and not isinstance(field.only.equals, bool):
        yield f"{where}: only.equals = {field.only.equals!r}: true or false, since {asked.id!r} is a yes or no"
    elif asked.kind == "choice" and field.only.equals not in asked.choices:
        yield f"{where}: only.equals = {field.only.equals!r} is none of {asked.id!r}'s choices"
    elif asked.kind not in ("yes", "choice"):
        yield f"{where}: only.field = {asked.id!r} is a {asked.kind}; a condition needs a choice or a yes or no"


def _letter(service: Service) -> Iterator[str]:
    letter = service.letter
    if letter is None:
        return
    if not letter.body:
        yield "letter.body is empty"
    if letter.validity is not None and not 1 <= letter.validity <= 3660:
        yield f"letter.validity = {letter.validity}: days, 1 to 3,660; leave it out for a letter that does not run out"
    fields = {f.id: f for f in service.fields}
    for row in letter.rows:
        if row not in fields:
            yield f"letter.rows: {row!r} is no field of this service; there are {', '.join(fields) or 'none'}"
    for text in (*letter.body, letter.closing, letter.title):
        try:
            used = names(text)
        except ValueError as error:
            yield f"letter: {error}"
            continue
        for name in used:
            head, _, tail = name.partition(".")
            if head == "pemohon" or (head in fields and fields[head].kind == "person"):
                if tail not in RESIDENT:
                    yield f"letter: {{{name}}} is not known of a person; there are {', '.join(sorted(RESIDENT))}"
            elif tail or not (head in fields or head in LETTER or _in_words(head, fields)):
                yield f"letter: {{{name}}} is unknown; there are {', '.join([*fields, *sorted(LETTER), 'pemohon.…'])}"


def _in_words(name: str, fields: dict[str, Field]) -> bool:
    """``harga_terbilang`` is the rupiah of ``harga`` in words."""
    field = fields.get(name.removesuffix("_terbilang"))
    return field is not None and field.kind == "money" and name.endswith("_terbilang")
