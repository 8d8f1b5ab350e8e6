"""``[letter_printer]`` of the configuration: a page printer beside the kiosk, by IPP."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

WRITE = "write ipp://192.0.2.8/ipp/print, as the printer's network page shows it"


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("ipp", "ipps") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise ValueError(f"{error}; {WRITE}") from None
    if not good:
        raise ValueError(WRITE)
    return url


class LetterPrinterSetting(BaseModel):
    """A printer that takes PDF over IPP (IPP Everywhere, AirPrint, or a CUPS queue in between).

    ``patience_s``: how long a jam or an empty tray may last before the kiosk gives up asking; the printer goes on by itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_url)]
    media: Literal["iso_a4_210x297mm", "na_foolscap_8.5x13in"] = "iso_a4_210x297mm"
    patience_s: float = Field(default=180.0, ge=5, le=1800)
