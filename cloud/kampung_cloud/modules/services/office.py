"""What serves requests in one process: catalogue, book, keys, letters. Made once, on first use."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from kampung_contract.errors import KampungError, NotFound
from kampung_contract.questions import asked, check
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.api.services import Services
from kampung_cloud.calendar import Calendar, configured
from kampung_cloud.gate import load_policy
from kampung_cloud.health import now_ms
from kampung_cloud.keyed import Hashes
from kampung_cloud.modules.services import gating
from kampung_cloud.modules.services.ageing import seen
from kampung_cloud.modules.services.annexes import printing as annex_printing
from kampung_cloud.modules.services.annexes.form import form as annex_form
from kampung_cloud.modules.services.annexes.form import forms as annex_forms
from kampung_cloud.modules.services.catalogue import Catalogue, Service
from kampung_cloud.modules.services.certified.bsre import Bsre, NoSigner
from kampung_cloud.modules.services.certified.signing import MARK, Certifying
from kampung_cloud.modules.services.flow.states import Who
from kampung_cloud.modules.services.gating import Gate
from kampung_cloud.modules.services.letters import printing
from kampung_cloud.modules.services.letters.composing import compose, digest
from kampung_cloud.modules.services.lookups.asking import Lookups
from kampung_cloud.modules.services.models import GateRow, LetterRow
from kampung_cloud.modules.services.own.book import Definitions
from kampung_cloud.modules.services.requests.book import Book, Conflict, InvalidAnswers, Request, day_of
from kampung_cloud.modules.services.schemas import GateIn
from kampung_cloud.modules.services.settings import Settings
from kampung_cloud.modules.services.signing import Claim, SigningKeys, encode
from kampung_cloud.modules.services.telling_clocks import ToldClocks
from kampung_cloud.records import Records
from kampung_cloud.registers import opened
from kampung_cloud.sealing import Keyring

CODEWORD = "Pindai untuk memeriksa keaslian: kios desa, halaman /periksa, atau kampung-cloud verify."
SIGNED = "ditandatangani secara elektronik dengan kunci desa"
SAMPLE: Mapping[str, Any] = {
    "text": "Contoh", "long": "Contoh jawaban", "number": 3, "money": 1_250_000, "date": "2026-01-31", "time": "09.00", "yes": True,
    "person": {"nama": "Contoh Nama", "alamat": "Dusun Krajan RT 02 RW 01", "lahir": "Banyuwangi, 1 Januari 1990"},
    "phone": "0812-0000-1234", "place": "Dusun Krajan",
}  # fmt: skip
SAMPLE_PERSON = {
    "nama": "Contoh Warga",
    "nik": "••••••••••••••••",
    "lahir": "Banyuwangi, 17 Agustus 1990",
    "alamat": "Dusun Krajan RT 02 RW 01",
}


class Office:
    """Methods may be called by any thread."""

    def __init__(self, services: Services) -> None:
        config = services.config
        self.records: Records = services.records
        self.definitions = Definitions(self.records)
        self.catalogue = Catalogue(config.data / config.services.folder, self.definitions)
        self.calendar: Calendar = configured(config.data, config.services.holidays)
        self.settings = Settings(config.services.offices)
        self.keys = SigningKeys(config.data / "keys" / "letters")
        self.ring = Keyring.open_at(config.data, now_ms())
        policy = config.gate.policy
        self.gate = Gate(lambda: load_policy(policy) if policy is not None else None, Hashes(config.data))
        self.book = Book(self.records, self.catalogue, self.calendar, self.ring, self.settings, self.gate)
        self.clocks = ToldClocks(self.records, self.catalogue, self.calendar)
        self.lookups = Lookups(self.records, self.ring, opened(config.registers))
        bsre = config.registers.bsre
        self.certified = Certifying(self.records, self.ring, NoSigner() if bsre is None else Bsre(bsre), self._to_certify)

    def sealed(self, plain: bytes, context: str) -> str:
        """In base64, for what has to be kept and may be read by nobody without the keys."""
        return base64.b64encode(self.ring.seal(plain, context)).decode()

    def sign(self, given: Sequence[tuple[Request, Who]], actor: str, now: int) -> list[Request | KampungError]:
        """Number, code and signature of each, in their order; or why one was not signed. Raises ``StorageUnavailable``."""
        tried = [self._settable(request, now) for request, _ in given]
        good = iter(
            self.book.sign([(r.row.id, who) for (r, who), wrong in zip(given, tried, strict=True) if not wrong], actor, now, self._issue)
        )
        return [wrong or next(good) for wrong in tried]

    def asked(self, refs: Sequence[str]) -> dict[str, GateRow]:
        """What Sedekah Oksigen asks, of those requests of which it asks anything."""
        with self.records.session() as session:
            rows = gating.standing(session, refs)
            session.expunge_all()
            return rows

    def show_trees(self, request: Request, given: GateIn, actor: str, now: int) -> None:
        """What the office has seen for the gate. Raises ``Conflict`` when it is checked no more, and what ``Gate.named`` does."""
        if request.row.state not in {"submitted", "checking", "returned"}:
            raise Conflict(f"permohonan {request.row.id} sudah lewat pemeriksaan; pohonnya tidak diubah lagi")
        with self.records.session() as session:
            self.gate.named(
                session, request.row.id, request.person.get("nama", ""), trees=given.trees, pledges=given.pledges,
                exemptions=given.exemptions, phone=given.phone, by=actor, now=now,
            )  # fmt: skip

    def letter(self, ref: str) -> bytes:
        """The letter as PDF/A. Raises ``NotFound`` before it is signed."""
        request = self.book.get(ref)
        if request.letter is None:
            raise NotFound(f"permohonan {request.row.id} belum bersurat; surat ada setelah ditandatangani")
        return printing.pdf(self._page(request.letter))

    def draft(self, ref: str) -> bytes:
        """How the letter would look now, as PNG: what is checked and signed is seen first."""
        request = self.book.get(ref)
        office = self.settings.of(request.row.village).office
        return printing.image(compose(request.service, request.answers, request.person, office, day_of(now_ms()), None))

    def annexes(self, request: Request, code: str | None = None) -> bytes:
        """The forms that go with a request as one PDF, or the one named. Raises ``NotFound`` for one that its service does not use, or that
        is not needed after what was answered."""
        codes = [c for c in request.service.annexes if c in annex_forms()] if code is None else [code]
        if code is not None and code not in request.service.annexes:
            raise NotFound(f"{request.service.id} has no annex {code[:20]!r}; it has {', '.join(request.service.annexes) or 'none'}")
        filing = self._filing(request)
        if not codes:
            raise NotFound(f"{request.service.id} has no annex that is set here; take the paper form")
        pages = [page for c in codes for page in annex_printing.filled(annex_form(c), filing)]
        if not pages:
            asked = {c.only.field for x in codes for c in annex_form(x).copies if c.only is not None}
            why = f"; it depends on {', '.join(sorted(asked))}" if asked else ""
            raise NotFound(f"permohonan {request.row.id} needs no annex {', '.join(codes)}{why}")
        return annex_printing.pdf(pages)

    def preview(self, village: str, service: Service) -> bytes:
        """A letter of a service with made-up answers, as PNG."""
        return printing.image(self._sample(village, service, {}))

    def sample(self, village: str, service: Service, answers: Mapping[str, Any], *, image: bool = False) -> bytes:
        """A letter of a service with these answers and made-up ones for the others, as PDF/A or PNG. Raises ``InvalidAnswers``."""
        today = day_of(now_ms())
        clean, wrong = check(service.fields, answers, today)
        if given := {name: what for name, what in wrong.items() if name in answers}:
            raise InvalidAnswers(given)
        page = replace(self._sample(village, service, clean), draft="CONTOH, bukan surat")
        return printing.image(page) if image else printing.pdf(page)

    def _sample(self, village: str, service: Service, answers: Mapping[str, Any]) -> printing.Page:
        said = {f.id: f.choices[0] if f.kind == "choice" else SAMPLE[f.kind] for f in service.fields} | dict(answers)
        shown = {f.id: said[f.id] for f in asked(service.fields, said)}
        return compose(service, shown, SAMPLE_PERSON, self.settings.of(village).office, day_of(now_ms()), None)

    def revoked(self, village: str | None = None) -> list[LetterRow]:
        """Letters that were withdrawn, the last first."""
        chosen = select(LetterRow).where(LetterRow.revoked.is_not(None)).order_by(LetterRow.revoked.desc())
        with self.records.session() as session:
            return list(session.scalars(chosen if village is None else chosen.where(LetterRow.village == village)))

    def issued(self, letter: str) -> LetterRow | None:
        """The register's line of a letter."""
        with self.records.session() as session:
            return session.get(LetterRow, letter)

    def registered(self, letter: str, code: str) -> bool:
        """Whether the register has this letter with this code."""
        line = self.issued(letter)
        return line is not None and line.code in {code, seen(code)}

    def _filing(self, request: Request) -> annex_printing.Filing:
        letter, place = request.letter, self.settings.of(request.row.village).office
        if letter is not None:
            place = replace(place, signer=letter.signer)
        return annex_printing.Filing(
            request.service, request.answers, request.person, place, request.row.village, day_of(now_ms()),
            letter.number if letter else None, date.fromisoformat(letter.day) if letter else None,
        )  # fmt: skip

    def _issue(self, session: Session, request: Request, letter: LetterRow) -> None:
        office = replace(self.settings.of(letter.village).office, signer=letter.signer)
        page = compose(request.service, request.answers, request.person, office, date.fromisoformat(letter.day), letter.number)
        note = self.gate.signed(session, request.row, "kades", letter.at)
        page = replace(page, body=(*page.body, note)) if note else page
        letter.page = self.ring.seal(msgspec.json.encode(page), f"letter {letter.id}")
        if request.service.qr:
            key, kid = self.keys.signing(request.row.village, letter.at)
            last = None if letter.until is None else date.fromisoformat(letter.until)
            name = request.person.get("nama", "")[:60]
            claim = Claim(letter.id, letter.village, letter.number, request.service.id, page.day, last, name, digest(page))
            letter.code = encode(claim, key, kid)
            printing.fits(letter.code)

    def _settable(self, request: Request, now: int) -> KampungError | None:
        """Why a letter cannot be printed: then it is not signed. Tried before the number is taken, so that nobody waits for it."""
        if request.service.letter is None or request.letter is not None:
            return None  # the book says so
        office = self.settings.of(request.row.village).office
        try:
            printing.pdf(compose(request.service, request.answers, request.person, office, day_of(now), None))
        except KampungError as error:
            return error
        return None

    def _to_certify(self, letter: LetterRow, simulated: bool) -> bytes:
        """As it goes to BSrE: it says by whom it will be signed, and is labelled where that is simulated."""
        page = self._page(letter)
        footer = printing.SIMULATED_FOOTER if simulated else printing.CERTIFIED_FOOTER
        by = "sertifikat tiruan (SIMULASI)" if simulated else "sertifikat BSrE"
        return printing.pdf(
            replace(
                page,
                footer=footer + (printing.OURS_BESIDE if page.code else ""),
                signed=f"{page.signed} dan {by}" if page.signed else f"ditandatangani secara elektronik dengan {by}",
                label=MARK if simulated else "",
            )
        )

    def _page(self, letter: LetterRow) -> printing.Page:
        if letter.page is None:
            raise NotFound(f"surat {letter.number}: isinya tidak tersimpan; yang berlaku adalah yang sudah dicetak")
        page = msgspec.json.decode(self.ring.open(letter.page, f"letter {letter.id}"), type=printing.Page)
        return replace(page, code=letter.code, codeword=CODEWORD, signed=SIGNED) if letter.code else page


_offices: WeakKeyDictionary[Records, Office] = WeakKeyDictionary()
_lock = threading.Lock()


def office(services: Services) -> Office:
    """The process's."""
    with _lock:
        found = _offices.get(services.records)
        if found is None:
            found = _offices[services.records] = Office(services)
        return found
