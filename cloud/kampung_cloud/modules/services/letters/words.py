"""Numbers, money and days as a letter writes them."""

from __future__ import annotations

from datetime import date

from kampung_cloud.local_day import said

DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
GREAT = ((10**15, "kuadriliun"), (10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (1000, "ribu"))
MOST = 10**18


def day(value: date) -> str:
    """17 Agustus 2026"""
    return said(value)


def rupiah(value: int) -> str:
    """Rp10.000"""
    return ("-" if value < 0 else "") + "Rp" + grouped(abs(value))


def grouped(value: int) -> str:
    """10.000"""
    return f"{value:,}".replace(",", ".")


def terbilang(value: int) -> str:
    """A whole number in words: 1.250 is *seribu dua ratus lima puluh*. Raises ``ValueError`` from 10^18 on."""
    if abs(value) >= MOST:
        raise ValueError(f"{value} is too large to be written in words; below {MOST:.0e}")
    return ("minus " + _words(-value)) if value < 0 else _words(value)


def _words(value: int) -> str:
    if value < 12:
        return DIGITS[value]
    if value < 20:
        return f"{DIGITS[value - 10]} belas"
    if value < 100:
        return _two(DIGITS[value // 10] + " puluh", value % 10)
    if value < 200:
        return _two("seratus", value - 100)
    if value < 1000:
        return _two(DIGITS[value // 100] + " ratus", value % 100)
    if value < 2000:
        return _two("seribu", value - 1000)
    size, name = next(g for g in GREAT if value >= g[0])
    return _two(f"{_words(value // size)} {name}", value % size)


def _two(head: str, rest: int) -> str:
    return f"{head} {_words(rest)}" if rest else head
