"""``{names}`` in a letter's text. A doubled brace is a brace."""

from __future__ import annotations

import string
from collections.abc import Mapping

RESIDENT = frozenset(
    {
        "nama",
        "nik",
        "kk",
        "lahir",
        "kelamin",
        "agama",
        "status",
        "pekerjaan",
        "pendidikan",
        "kewarganegaraan",
        "alamat",
        "ayah",
        "ibu",
        "umur",
    }
)
"""What is known of a person, as it is printed."""

LETTER = frozenset({"nomor", "tanggal", "desa", "kecamatan", "kabupaten", "berlaku", "kades", "jabatan", "layanan"})
"""What is known of the letter itself."""


def names(text: str) -> list[str]:
    """In their order. Raises ``ValueError`` for a brace that is not closed, and for anything but a plain name in them."""
    out = []
    try:
        for _, name, spec, conversion in string.Formatter().parse(text):
            if name is None:
                continue
            if not name or spec or conversion or not all(part.isidentifier() for part in name.split(".")):
                raise ValueError(f"{{{name}}} dalam {text[:60]!r}: tulis satu nama saja di antara kurung, seperti {{keperluan}}")
            out.append(name)
    except ValueError as error:
        if "di antara kurung" in str(error):
            raise
        raise ValueError(f"{text[:60]!r}: ada kurung yang tidak ditutup; tulis {{keperluan}}, dan {{{{ untuk kurung itu sendiri") from None
    return out


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its names replaced; ``values`` by full name. A value that is not there is said as dots, to be written by hand."""
    return "".join(before + ("" if name is None else values.get(name, "……………")) for before, name, _, _ in string.Formatter().parse(text))
