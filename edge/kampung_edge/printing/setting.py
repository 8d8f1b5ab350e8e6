"""``[printer]`` of the configuration: the receipt printer that hangs on a kiosk."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

CODE_PAGES = {"cp437": 0, "cp850": 2, "cp1252": 16, "cp858": 19}
"""Python's codec, and its number for ESC t (Epson's list, which other makers follow)."""
WRITE = "write socket://192.0.2.7:9100, /dev/serial/by-id/…, or /dev/usb/lp0"


def _url(url: str) -> str:
    if url.startswith("/"):
        return url
    try:
        parts = urlsplit(url)
        good = parts.scheme == "socket" and bool(parts.hostname) and bool(parts.port)
    except ValueError as error:
        raise ValueError(f"{error}; {WRITE}") from None
    if not good:
        raise ValueError(WRITE)
    return url


class PrinterSetting(BaseModel):
    """An ESC/POS printer. ``columns``: letters a line in font A, 32 on paper of 58 mm, 42 or 48 on 80 mm. ``baud`` counts on serial lines.

    ``ordered``: the printer answers GS r in the order of what it prints; without it a slip counts as printed once the printer, asked
    while it may still print, has no trouble.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_url)]
    columns: Literal[32, 42, 48] = 48
    code_page: Literal["cp437", "cp850", "cp858", "cp1252"] = "cp437"
    baud: int = Field(default=9600, ge=1200, le=921_600)
    cut: bool = True
    ordered: bool = True
    patience_s: float = Field(default=60.0, ge=1, le=600)
