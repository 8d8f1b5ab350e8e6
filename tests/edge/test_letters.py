"""A letter on a page printer: a queue of CUPS takes it; a jam is said and waited out; nothing is on the kiosk's disk."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from kampung_contract.errors import KampungError, NotFound, StorageUnavailable
from kampung_contract.letter_print import LetterAnswer, LetterWanted, encode_answer, info, parse_event
from kampung_contract.service_request import new_reference
from kampung_contract.topics import Address, Topic
from kampung_edge.identity.own_key import SUITE
from kampung_edge.identity.session import Identified
from kampung_edge.letters import letters as module
from kampung_edge.letters.letters import Letters
from kampung_edge.letters.page_printer import PagePrinter, PrinterAway
from kampung_edge.letters.setting import LetterPrinterSetting
from kampung_sim.printer.pages import SimulatedPagePrinter

from tests.edge.conftest import free_port, wait_until

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ADDRESS = Address("35.10.24.2008", "kiosk-9")
SULASTRI = Identified("0123456789abcdef", "Sulastri", "pin")


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[SimulatedPagePrinter]:
    made = SimulatedPagePrinter("127.0.0.1", 0, tmp_path / "paper")
    yield made
    made.stop()


class Kiosk:
    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "LOOK_S", 0.1)
        self.events: list[dict[str, Any]] = []
        self.up = True
        self.letters = Letters(LetterPrinterSetting(url=url, patience_s=20), "kiosk-9", self.events.append, lambda: self.up)

    def wanted(self, at: int = -1) -> LetterWanted:
        said = parse_event(self.events[at])
        assert isinstance(said, LetterWanted)
        return said

    def answer(self, pdf: bytes = PDF, node: str = "kiosk-9", why: str = "") -> None:
        said = self.wanted()
        body = b"" if why else SUITE.encrypt(pdf, X25519PublicKey.from_public_bytes(said.public), info=info(said.id, node).encode())
        self.letters.received(ADDRESS.letter(said.id), encode_answer(LetterAnswer(said.id, body, why)), False)


def test_through_a_jam_to_paper_that_is_told_of(printer: SimulatedPagePrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk, reference = Kiosk(f"ipp://127.0.0.1:{printer.port}/ipp/print", monkeypatch), new_reference()
    printer.trouble = "jam"
    job = kiosk.letters.want(SULASTRI, reference.lower())["job"]
    assert kiosk.letters.want(SULASTRI, reference)["job"] == job, "a finger that touched twice"
    with pytest.raises(KampungError, match="tunggu sampai selesai"):
        kiosk.letters.want(SULASTRI, new_reference())
    assert [e["type"] for e in kiosk.events] == ["letter-wanted"]
    kiosk.answer()
    kiosk.answer()  # comes twice: printed once
    wait_until(lambda: kiosk.letters.job(job)["trouble"] == "jam", "the jam is said")
    printer.trouble = ""
    wait_until(lambda: kiosk.letters.job(job)["state"] == "done", "it is printed")
    assert [f.read_bytes() for f in (tmp_path / "paper").iterdir()] == [PDF]
    wait_until(lambda: len(kiosk.events) == 2, "the regency hears of it")
    assert (kiosk.events[1]["type"], kiosk.events[1]["id"]) == ("letter-printed", job)


def test_what_is_not_printed_says_why(printer: SimulatedPagePrinter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another kiosk's letter, a refusal, a link that is down, somebody who is helped, a printer that is away."""
    kiosk = Kiosk(f"ipp://127.0.0.1:{printer.port}/ipp/print", monkeypatch)
    job = kiosk.letters.want(SULASTRI, new_reference())["job"]
    kiosk.answer(node="kiosk-8")
    assert kiosk.letters.job(job)["state"] == "failed"
    job = kiosk.letters.want(SULASTRI, new_reference())["job"]
    kiosk.answer(why="Surat ini sudah dicabut.")
    assert kiosk.letters.job(job)["why"] == "Surat ini sudah dicabut."
    assert not printer.jobs
    with pytest.raises(NotFound):
        kiosk.letters.want(Identified("", "Karto", "staff", by="siti", helper="Siti"), new_reference())
    with pytest.raises(NotFound):
        kiosk.letters.job("nothing")
    kiosk.up = False
    with pytest.raises(StorageUnavailable, match="Jaringan putus"):
        kiosk.letters.want(SULASTRI, new_reference())
    away = Kiosk(f"ipp://127.0.0.1:{free_port()}/ipp/print", monkeypatch)
    job = away.letters.want(SULASTRI, new_reference())["job"]
    away.answer()
    wait_until(lambda: away.letters.job(job)["state"] == "failed", "the printer does not answer")
    assert "tidak menjawab" in away.letters.job(job)["why"]


def test_topics() -> None:
    assert Topic.parse(ADDRESS.letter("ab12")).kind == "letter"


CUPSD = """
Listen 127.0.0.1:{port}
Browsing Off
DefaultAuthType None
WebInterface No
<Location />
  Allow all
</Location>
<Location /admin>
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
    Allow all
  </Limit>
</Policy>
"""


def test_a_printer_that_is_not_ours(tmp_path: Path) -> None:
    """A queue of CUPS, as it comes from Debian."""
    port = free_port()
    folders = {"ServerRoot": "root", "RequestRoot": "spool", "CacheDir": "cache", "StateDir": "state"}
    for name in folders.values():
        (tmp_path / name).mkdir()
    (tmp_path / "cupsd.conf").write_text(CUPSD.format(port=port))
    lines = ["FileDevice Yes", *(f"{key} {tmp_path / name}" for key, name in folders.items())]
    lines += [f"{log}Log {tmp_path / log}" for log in ("Access", "Error", "Page")]
    (tmp_path / "cups-files.conf").write_text("\n".join(lines) + "\n")
    command = ["/usr/sbin/cupsd", "-f", "-c", str(tmp_path / "cupsd.conf"), "-s", str(tmp_path / "cups-files.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as cups:
        try:
            queue = ["/usr/sbin/lpadmin", "-h", f"127.0.0.1:{port}", "-p", "kios", "-E", "-v", "file:///dev/null", "-m", "raw"]
            wait_until(lambda: subprocess.run(queue, check=False, capture_output=True).returncode == 0, "CUPS has a queue", 20)
            printer = PagePrinter(LetterPrinterSetting(url=f"ipp://127.0.0.1:{port}/printers/kios"))
            assert printer.trouble() == ""
            number = printer.begin(PDF, "Surat")
            wait_until(lambda: printer.look(number).state == "done", "it is printed", 20)
            assert [f.read_bytes() for f in (tmp_path / "spool").glob("d*")] == [PDF], "what CUPS keeps of the job"
            with pytest.raises(PrinterAway):
                printer.look(number + 77)
        finally:
            cups.terminate()
