"""The number of a letter: ``[kode_surat]/[nomor_surat, 3]/[kode_desa]/[bulan_romawi]/[tahun]`` and what a village makes of it."""

from __future__ import annotations

import re
from datetime import date

from kampung_contract.errors import ConfigurationError

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
DEFAULT = "[kode_surat]/[nomor_surat, 3]/[kode_desa]/[bulan_romawi]/[tahun]"
PART = re.compile(r"\[(kode_surat|layanan|nomor_surat|kode_desa|bulan_romawi|bulan|tahun)(?:, *(\d+))?\]")
NEEDED: dict[str, tuple[str, ...]] = {
    "village": ("nomor_surat", "tahun"),
    "code": ("nomor_surat", "tahun", "kode_surat"),
    "service": ("nomor_surat", "tahun", "layanan"),
}
"""By scope: what the number must say, since serials begin again with each. Two services may have one code, as S-41 among the 42 letters."""


def check(pattern: str, scope: str = "village") -> None:
    """Raises ``ConfigurationError`` for a pattern that could give one number twice, or holds an unknown part."""
    left = PART.sub("", pattern)
    if "[" in left or "]" in left:
        known = "kode_surat, nomor_surat (with digits: [nomor_surat, 3]), kode_desa, layanan, bulan_romawi, bulan, tahun"
        raise ConfigurationError(f"number format {pattern!r}: an unknown part in brackets; there are {known}")
    names = [m[1] for m in PART.finditer(pattern)]
    missing = [n for n in NEEDED[scope] if n not in names]
    if missing:
        lacks = ", ".join(f"[{n}]" for n in missing)
        raise ConfigurationError(
            f"number format {pattern!r} lacks {lacks}: numbers begin again with each year and {scope}, so it must say which"
        )
    if any(m[2] and not 1 <= int(m[2]) <= 8 for m in PART.finditer(pattern)):
        raise ConfigurationError(f"number format {pattern!r}: 1 to 8 digits")


def number(pattern: str, serial: int, code: str, village: str, day: date, service: str = "") -> str:  # noqa: PLR0917
    """``serial`` of the year of ``day`` as it is printed; ``village`` is the office's own code, as 429.523.03."""
    values = {
        "kode_surat": code,
        "nomor_surat": str(serial),
        "kode_desa": village,
        "layanan": service,
        "bulan_romawi": ROMAN[day.month - 1],
        "bulan": f"{day.month:02}",
        "tahun": str(day.year),
    }
    return PART.sub(lambda m: values[m[1]].zfill(int(m[2] or 0)), pattern)
