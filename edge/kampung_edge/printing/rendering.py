"""A slip in the printer's own words (ESC/POS)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kampung_edge.printing.setting import CODE_PAGES, PrinterSetting
from kampung_edge.printing.slip import Line, Slip, lines

if TYPE_CHECKING:
    from escpos.printer import Dummy

QR_DOTS = 6
"""Dots a module: 25 modules of a short code are 150 dots, of the 384 that the narrowest paper has."""


def rendered(slip: Slip, setting: PrinterSetting) -> bytes:
    """Every byte of it, from the reset to the cut."""
    from escpos.printer import Dummy  # a quarter of what a kiosk's start costs, and most kiosks print nothing

    out = Dummy()
    out.hw("INIT")
    out._raw(bytes((0x1B, ord("t"), CODE_PAGES[setting.code_page])))  # the library would choose a code page letter by letter
    above, below = lines(slip, setting.columns, setting.code_page)
    for line in above:
        _put(out, line, setting.code_page)
    if slip.qr:
        out.set(align="center")
        out.qr(slip.qr, native=True, size=QR_DOTS)
        out.ln()
    for line in below:
        _put(out, line, setting.code_page)
    if setting.cut:
        out.cut(mode="PART")
    else:
        out.ln(4)
    return bytes(out.output)


def _put(out: Dummy, line: Line, code_page: str) -> None:
    big = line.style == "big"
    out.set(
        align="center" if line.centred else "left",
        bold=line.style != "plain",
        double_width=big,
        double_height=big,
        normal_textsize=not big,
    )
    out._raw(line.text.encode(code_page) + b"\n")
