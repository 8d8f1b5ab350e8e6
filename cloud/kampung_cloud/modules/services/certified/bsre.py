"""BSrE's e-sign client service: a PDF, the official's NIK and his passphrase go out, the PDF with his signature comes back.

The frame is that of programs in use (docs/registers.md, mark S). The passphrase is in this process for the time of the question alone.
"""

from __future__ import annotations

import json
from typing import Protocol

from kampung_contract.errors import ConfigurationError
from urllib3.filepost import encode_multipart_formdata
from urllib3.util import make_headers

from kampung_cloud.modules.services.certified.answer import Back, NotSigned
from kampung_cloud.registers.answer import Unanswered
from kampung_cloud.registers.asking import Asking
from kampung_cloud.registers.settings import BsreSettings

NAME = "BSrE"
MOST = 20 * 1024**2
PASSPHRASE, NO_USER = 2031, 2011
"""``status_code`` of what it refuses."""


class Signer(Protocol):
    """Asked by many threads. What goes wrong outside comes as ``NotSigned``; nothing is raised."""

    connected: bool
    simulated: bool
    roots: bytes
    """PEM of what the official's certificate has to come from; nothing where none was given."""

    def sign(self, pdf: bytes, nik: str, passphrase: str) -> Back | NotSigned:
        """Ask for one signature; ``nik`` is the official's."""
        ...


class NoSigner:
    """Where none is connected."""

    connected, simulated, roots = False, False, b""

    def sign(self, pdf: bytes, nik: str, passphrase: str) -> Back | NotSigned:
        """Says so."""
        del pdf, nik, passphrase
        return NotSigned("not_connected")


class Bsre:
    """The service at the configured address."""

    connected = True

    def __init__(self, settings: BsreSettings, asking: Asking | None = None) -> None:
        self._settings = settings
        self.simulated = settings.simulated
        self.roots = settings.roots()
        self._asking = asking or Asking(NAME, settings.timeout_s, MOST, ca_file=settings.ca_file)

    def sign(self, pdf: bytes, nik: str, passphrase: str) -> Back | NotSigned:
        """As the protocol says. A question that may have arrived is never asked again by itself: a wrong passphrase would count twice."""
        try:
            who = make_headers(basic_auth=f"{self._settings.user}:{self._settings.key()}")
        except ConfigurationError as error:
            return NotSigned("refused", error.message)
        file = ("file", ("surat.pdf", pdf, "application/pdf"))
        body, kind = encode_multipart_formdata([file, ("nik", nik), ("passphrase", passphrase), ("tampilan", "invisible")])
        url = f"{self._settings.url.rstrip('/')}/api/sign/pdf"
        reply = self._asking.post(url, body, {"Content-Type": kind, **who}, repeatable=False)
        if isinstance(reply, Unanswered):
            return NotSigned("unreachable", reply.detail)
        return read(reply.status, reply.body, reply.marked)


def read(status: int, body: bytes, marked: bool) -> Back | NotSigned:
    """Out of bytes, whatever they are."""
    if status == 200 and body.startswith(b"%PDF-"):
        return Back(body, marked)
    if status in (401, 403):
        return NotSigned("refused", f"answers {status}")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    code = said.get("status_code") if isinstance(said, dict) else None
    if code == PASSPHRASE:
        return NotSigned("passphrase", f"code {code}")
    if code == NO_USER:
        return NotSigned("signer", f"code {code}")
    if status == 200 or not isinstance(code, int):
        return NotSigned("unreadable", f"answers {status}")
    return NotSigned("refused", f"answers {status}, code {code}")
