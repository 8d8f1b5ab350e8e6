"""BSrE's signature on a letter, through the simulator's own HTTP: what comes back is held against what was sent, byte for byte."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.services.certified.answer import STOPS, WORDS, NotSigned
from kampung_cloud.modules.services.certified.bsre import Bsre, NoSigner, read
from kampung_cloud.modules.services.certified.checking import Signature, check
from kampung_cloud.modules.services.certified.models import CertifiedRow
from kampung_cloud.modules.services.certified.signing import CERTIFIED, MARK, OURS, STALE_MS, Certifying
from kampung_cloud.modules.services.lookups.models import LookupRow
from kampung_cloud.modules.services.models import KEPT, LetterRow
from kampung_cloud.records import Records
from kampung_cloud.registers.asking import Asking
from kampung_cloud.registers.settings import BsreSettings
from kampung_cloud.resealing import left, reseal
from kampung_cloud.sealing import Keyring
from kampung_contract.errors import ConfigurationError, InvalidRequest, NotFound
from kampung_sim.bsre.certificate import NAME, SimulatedCertificate
from kampung_sim.bsre.service import SimulatedBsre
from kampung_sim.bsre.web import PASSPHRASE, form
from kampung_sim.registers.fault import Fault
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from sqlalchemy import select

NIK = "3510991708700001"
PDF = typst.compile(b"#set page(width: 5cm, height: 5cm)\nSurat", pdf_standards="a-2b")


@dataclass
class Office:
    certifying: Certifying
    sent: list[bool]
    left: list[str] = field(default_factory=list)

    def ask(self, *letters: str, passphrase: str = PASSPHRASE, now: int = 1) -> list[str]:
        rows = [LetterRow(id=each, number=each) for each in letters]
        return list(self.certifying.ask(rows, NIK, passphrase, "kades", lambda: now, lambda line: self.left.append(line.id)).values())


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedBsre]:
    running = SimulatedBsre()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def office(simulated: SimulatedBsre, records: Records, folder: Path) -> Iterator[Office]:
    (folder / "key").write_text("simulasi")
    known = BsreSettings(url=simulated.url, user="simulasi", key_file=folder / "key", simulated=True)
    sent: list[bool] = []

    def set_letter(_: LetterRow, labelled: bool) -> bytes:
        sent.append(labelled)
        return PDF

    signer = Bsre(known, Asking("BSrE", 30, 10**6, wait=lambda _: None))
    yield Office(Certifying(records, Keyring.open_at(folder, 1), signer, set_letter), sent)
    simulated.faults.set("bsre", Fault())


def test_a_letter_is_signed_kept_sealed_and_labelled(office: Office, records: Records) -> None:
    """And not asked for twice."""
    assert office.ask("A") == ["signed"]
    assert office.sent == [True]
    back = office.certifying.pdf("A")
    found = check(PDF, back)
    assert isinstance(found, Signature)
    assert (found.signer, found.issuer) == (NAME, NAME)
    told = office.certifying.shown(["A", "B"], 2)
    assert (told["A"]["state"], told["A"]["mark"], told["A"]["signer"]) == ("signed", MARK, NAME)
    assert "Tidak berkekuatan hukum" in told["A"]["text"]
    assert (told["B"]["state"], told["B"]["text"]) == ("none", OURS)
    assert "tanpa kekuatan hukum" in OURS
    assert office.ask("A") == ["busy"]
    with records.session() as session:
        row = session.get(CertifiedRow, "A")
        assert row is not None
        kept = str({c.name: getattr(row, c.name) for c in CertifiedRow.__table__.columns})
    assert b"%PDF" not in (row.pdf or b"")
    assert PASSPHRASE not in kept and NIK not in kept


def test_a_wrong_passphrase_ends_a_batch_before_it_locks_the_certificate(office: Office, records: Records, capsys: Any) -> None:
    """It is neither kept nor logged, and the letters can be asked for again."""
    assert office.ask("C", "D", "E", passphrase="rahasia-yang-salah") == ["passphrase", "skipped", "skipped"]
    assert office.left == ["C"]
    told = office.certifying.shown(["C", "D"], 2)
    assert (told["C"]["state"], told["C"]["trouble"], told["D"]["state"]) == ("failed", "Passphrase tidak cocok.", "none")
    with records.session() as session:
        assert "rahasia" not in str([vars(r) for r in session.scalars(select(CertifiedRow))])
    assert "rahasia" not in "".join(capsys.readouterr())
    assert office.ask("C", "D", "E") == ["signed"] * 3


@pytest.mark.parametrize(
    ("kind", "why"), [("down", "unreachable"), ("hangup", "unreachable"), ("login", "refused"), ("wrong", "unreadable")]
)
def test_what_goes_wrong_is_said_with_a_remedy(office: Office, simulated: SimulatedBsre, kind: Any, why: str) -> None:
    """Asked once: what may have arrived is not sent again."""
    simulated.faults.set("bsre", Fault(kind, count=1))
    assert office.ask(f"F-{kind}") == [why]
    told = office.certifying.shown([f"F-{kind}"], 2)[f"F-{kind}"]
    assert told["state"] == "failed"
    assert told["trouble"] and told["remedy"]
    assert office.ask(f"F-{kind}") == ["signed"]


def test_a_process_that_was_killed_holds_no_letter_for_ever(office: Office) -> None:
    assert office.certifying._claim("G", "kades", 10)
    assert office.ask("G", now=20) == ["busy"]
    assert office.certifying.shown(["G"], 20)["G"]["state"] == "asked"
    assert "terputus" in office.certifying.shown(["G"], 11 + STALE_MS)["G"]["trouble"]
    assert office.ask("G", now=11 + STALE_MS) == ["signed"]


def test_a_change_of_keys_goes_through_what_others_said_and_signed(office: Office, records: Records, folder: Path) -> None:
    assert office.ask("K") == ["signed"]
    before = office.certifying.pdf("K")
    ring = Keyring.open_at(folder, 1)
    with records.session() as session:
        sealed = ring.seal(b"{}", "lookup K dtsen")
        session.add(LookupRow(request="K", register="dtsen", at=1, by="siti", simulated=True, body=sealed))
    newest = ring.rotated(2)
    assert reseal(records, newest, KEPT) >= 2
    assert left(records, newest, KEPT) == 0
    assert office.certifying.pdf("K") == before
    with records.session() as session:
        row = session.get(LookupRow, ("K", "dtsen"))
        assert row is not None
        assert newest.open(row.body, "lookup K dtsen") == b"{}"


def test_a_file_that_was_destroyed_is_said_to_be_so(office: Office, records: Records) -> None:
    assert office.ask("M") == ["signed"]
    with records.session() as session:
        row = session.get(CertifiedRow, "M")
        assert row is not None
        row.pdf = None
    with pytest.raises(NotFound, match="dimusnahkan"):
        office.certifying.pdf("M")
    assert office.ask("M") == ["busy"]


def test_with_a_root_only_what_comes_from_it_is_kept(office: Office, simulated: SimulatedBsre, tmp_path: Path) -> None:
    """A root is somebody's word and no default: without one the page says that nothing was traced."""
    found = check(PDF, simulated.certificate.sign(PDF))
    assert isinstance(found, Signature)
    assert not found.traced
    office.certifying._signer.roots = simulated.certificate.pem
    assert office.ask("N") == ["signed"]
    office.certifying._signer.roots = SimulatedCertificate().pem
    assert office.ask("O") == ["untraced"]
    assert "roots_file" in office.certifying.shown(["O"], 2)["O"]["remedy"]
    (tmp_path / "root.pem").write_text("nothing")
    with pytest.raises(ConfigurationError, match="holds no certificate in PEM"):
        BsreSettings(url="http://x", user="u", key_file=tmp_path / "k", roots_file=tmp_path / "root.pem").roots()


def test_a_simulator_that_nobody_declared_signs_nothing_that_looks_real(office: Office) -> None:
    office.certifying._signer.simulated = False
    assert office.ask("H") == ["refused"]
    assert office.sent == [False]


def test_without_bsre_nothing_is_asked_and_a_slip_of_the_hand_is_told(records: Records, folder: Path, office: Office) -> None:
    alone = Certifying(records, Keyring.open_at(folder, 1), NoSigner(), lambda *_: PDF)
    letter = LetterRow(id="Z", number="Z")
    assert alone.ask([letter], NIK, "x", "kades", lambda: 1, print) == {"Z": "not_connected"}
    assert alone.shown(["Z"], 1)["Z"]["connected"] is False
    for nik, passphrase, said in ((NIK[:-1], "x", "15 angka"), (NIK, "", "belum diketik")):
        with pytest.raises(InvalidRequest, match=said):
            alone.ask([letter], nik, passphrase, "kades", lambda: 1, print)
    assert set(WORDS) >= STOPS
    assert "{signer}" in CERTIFIED


@pytest.fixture(scope="module")
def back(simulated: SimulatedBsre) -> bytes:
    return simulated.certificate.sign(PDF)


@settings(max_examples=20, deadline=None)
@given(at=st.floats(0, 0.9999), bit=st.integers(0, 7))
def test_one_changed_bit_in_what_came_back_is_refused(back: bytes, at: float, bit: int) -> None:
    """But in the hex string that holds the signature, where padding means nothing: there nothing of the letter stands."""
    assert isinstance(check(PDF, back), Signature)
    place = int(at * len(back))
    begin = back.index(b"/Contents <") if b"/Contents <" in back else back.index(b"/Contents<")
    changed = back[:place] + bytes([back[place] ^ (1 << bit)]) + back[place + 1 :]
    if begin <= place <= back.index(b">", begin):
        return
    assert isinstance(check(PDF, changed), str)


@pytest.mark.parametrize(
    ("shadow", "said"),
    [("page", "is another one now"), ("stream", "is another one now"), ("stamp", "something lies on a page"), ("field", "lies on a page")],
)
def test_another_letter_behind_ours_is_refused_though_its_signature_is_good(simulated: SimulatedBsre, shadow: str, said: str) -> None:
    """What was sent is its beginning, byte for byte, and what was added puts other words over it: a shadow attack."""
    writer = IncrementalPdfFileWriter(io.BytesIO(PDF))
    page = writer.root["/Pages"]["/Kids"][0]
    words = generic.StreamObject(stream_data=b"BT /F1 20 Tf 10 10 Td (LAIN) Tj ET")
    box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 100, 100)])
    if shadow == "page":
        page["/Contents"] = writer.add_object(words)
        writer.update_container(page)
    elif shadow == "stream":
        page["/Contents"]._data = words.data
        page["/Contents"]._encoded_data = None
        writer.update_container(page["/Contents"])
    elif shadow == "stamp":
        stamp = generic.DictionaryObject({generic.pdf_name("/Subtype"): generic.pdf_name("/Stamp"), generic.pdf_name("/Rect"): box})
        page["/Annots"] = generic.ArrayObject([writer.add_object(stamp)])
        writer.update_container(page)
    else:
        append_signature_field(writer, SigFieldSpec("SIMULASI", box=(0, 0, 100, 100)))
    meta = signers.PdfSignatureMetadata(field_name="SIMULASI", md_algorithm="sha256")
    back = signers.sign_pdf(writer, meta, signer=simulated.certificate._signer).getvalue()
    found = check(PDF, back)
    assert back.startswith(PDF) and isinstance(found, str) and said in found


@settings(max_examples=40, deadline=None)
@given(
    status=st.sampled_from([200, 400, 401, 500]), body=st.binary(max_size=30) | st.sampled_from([b'{"status_code": 2031}', b"[]", b"%PDF-"])
)
def test_whatever_comes_back_is_looked_at_before_it_is_kept(status: int, body: bytes) -> None:
    found = read(status, body, False)
    assert isinstance(found, NotSigned) or isinstance(check(PDF, found.pdf), str)
    assert isinstance(form("multipart/form-data; boundary=x", body), dict)
