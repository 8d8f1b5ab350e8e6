"""Letters to BSrE, one after another: asked, then signed or failed, each on record, the signed file in the archive beside ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.times import text
from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import defer

from kampung_cloud.modules.services.certified.answer import STOPS, WORDS, NotSigned, Why
from kampung_cloud.modules.services.certified.bsre import Signer
from kampung_cloud.modules.services.certified.checking import UNTRACED, check
from kampung_cloud.modules.services.certified.models import CertifiedRow
from kampung_cloud.modules.services.models import LetterRow
from kampung_cloud.records import Records
from kampung_cloud.residents import nik as nik_rules
from kampung_cloud.sealing import Keyring

log = structlog.get_logger("services")

AT_ONCE = 50
LOT = 500
STALE_MS = 5 * 60_000
"""Asked so long ago and not answered: the process that asked is gone, and it may be asked again."""
MARK = "SIMULASI — bukan tanda tangan BSrE"
OURS = "Bertanda tangan desa (kode QR): membuktikan asal dan keutuhan surat, tanpa kekuatan hukum tanda tangan tersertifikasi."
CERTIFIED = "Bertanda tangan elektronik tersertifikasi BSrE atas nama {signer}."
TRACED = "Sertifikatnya berasal dari induk yang dipasang kabupaten; dicabut atau tidak, periksa di layanan pemeriksa BSrE."
NOT_TRACED = "Sertifikatnya belum kami telusuri sampai induknya; periksa di layanan pemeriksa BSrE."
SIMULATED = "Bertanda tangan tiruan dari simulator. Tidak berkekuatan hukum apa pun."

Set = Callable[[LetterRow, bool], bytes]
"""The letter as it is sent: as PDF, saying that it is signed by certificate, and labelled where that is simulated."""

Leaving = Callable[[LetterRow], None]
"""Puts on record that a letter is about to go to BSrE. Raises ``StorageUnavailable``: then it does not."""


class Certifying:
    """Methods may be called by any thread and by several processes: a letter is asked for by one of them at a time."""

    def __init__(self, records: Records, ring: Keyring, signer: Signer, set_letter: Set) -> None:
        self._records, self._ring, self._signer, self._set = records, ring, signer, set_letter

    @property
    def connected(self) -> bool:
        """Whether there is a service to ask."""
        return self._signer.connected

    def ask(  # noqa: PLR0917
        self, letters: Sequence[LetterRow], nik: str, passphrase: str, actor: str, now: Callable[[], int], leaving: Leaving
    ) -> dict[str, str]:
        """By letter, what became of it: ``signed``, ``busy`` (signed already, or being asked for), or a ``Why``.

        ``now`` gives ms UTC; ``leaving`` puts on record that a letter goes out, before it does. Raises ``InvalidRequest`` for a NIK that
        none can be or no passphrase, ``StorageUnavailable``.
        """
        if len(nik_rules.clean(nik)) != 16:
            raise InvalidRequest(f"NIK penanda tangan: {len(nik_rules.clean(nik))} angka; tulis 16 angka, NIK kepala desa sendiri")
        if not passphrase:
            raise InvalidRequest("passphrase belum diketik")
        out: dict[str, str] = {}
        stopped = False
        for letter in letters:
            if stopped:
                out[letter.id] = "skipped"
                continue
            outcome = self._one(letter, nik_rules.clean(nik), passphrase, actor, now(), leaving)
            out[letter.id] = outcome
            stopped = outcome in STOPS
        return out

    def pdf(self, letter: str) -> bytes:
        """The signed file. Raises ``NotFound``."""
        with self._records.session() as session:
            row = session.get(CertifiedRow, letter)
        if row is not None and row.state == "signed" and row.pdf is None:
            raise NotFound(f"surat {letter[:40]}: berkas tersertifikasinya sudah dimusnahkan menurut masa simpan")
        if row is None or row.pdf is None:
            raise NotFound(f"surat {letter[:40]} belum bertanda tangan tersertifikasi")
        return self._ring.open(row.pdf, f"certified {letter}")

    def shown(self, letters: Sequence[str], now: int) -> dict[str, dict[str, Any]]:
        """By letter, which signature it has, in words."""
        rows: dict[str, CertifiedRow] = {}
        for begin in range(0, len(letters), LOT):
            some = CertifiedRow.letter.in_(letters[begin : begin + LOT])
            light = select(CertifiedRow).where(some).options(defer(CertifiedRow.pdf, raiseload=True))  # a year has thousands of files
            with self._records.session() as session:
                rows |= {r.letter: r for r in session.scalars(light)}
                session.expunge_all()
        return {letter: self._told(rows.get(letter), now) for letter in letters}

    def _one(self, letter: LetterRow, nik: str, passphrase: str, actor: str, now: int, leaving: Leaving) -> str:  # noqa: PLR0917
        if not self._signer.connected:
            return "not_connected"
        sent = self._set(letter, self._signer.simulated)
        if not self._claim(letter.id, actor, now):
            return "busy"
        leaving(letter)
        back = self._signer.sign(sent, nik, passphrase)
        if isinstance(back, NotSigned):
            return self._failed(letter.id, back.why, back.detail)
        found = check(sent, back.pdf, self._signer.roots)
        if isinstance(found, str):
            return self._failed(letter.id, "untraced" if found == UNTRACED else "changed", found)
        if back.marked and not self._signer.simulated:  # on paper it would pass for a real one
            return self._failed(letter.id, "refused", "a simulator answered, and cloud.toml does not say simulated = true")
        with self._records.session() as session:
            session.execute(
                update(CertifiedRow)
                .where(CertifiedRow.letter == letter.id)
                .values(
                    state="signed",
                    why="",
                    simulated=self._signer.simulated,
                    signer=found.signer,
                    issuer=found.issuer,
                    until=found.until,
                    traced=found.traced,
                    pdf=self._ring.seal(back.pdf, f"certified {letter.id}"),
                )
            )
        return "signed"

    def _claim(self, letter: str, actor: str, now: int) -> bool:
        """Written before anything leaves; False where it is signed already or somebody else is asking."""
        insert = postgresql.insert if self._records.shared else sqlite.insert
        fresh = {
            "letter": letter,
            "state": "new",
            "at": 0,
            **dict.fromkeys(("by", "why", "signer", "issuer", "until"), ""),
            "simulated": False,
            "traced": False,
        }
        free = or_(CertifiedRow.state.in_(["new", "failed"]), (CertifiedRow.state == "asked") & (CertifiedRow.at < now - STALE_MS))
        with self._records.session() as session:
            session.execute(insert(CertifiedRow).values(fresh).on_conflict_do_nothing())
            taken = session.execute(
                update(CertifiedRow).where(CertifiedRow.letter == letter, free).values(state="asked", at=now, by=actor[:80], why="")
            )
            return bool(taken.rowcount == 1)  # type: ignore[attr-defined]

    def _failed(self, letter: str, why: Why, detail: str) -> str:
        log.warning("a letter has no certified signature", letter=letter, why=why, detail=detail)
        with self._records.session() as session:
            session.execute(update(CertifiedRow).where(CertifiedRow.letter == letter).values(state="failed", why=why))
        return why

    def _told(self, row: CertifiedRow | None, now: int) -> dict[str, Any]:
        state, why = ("none", "") if row is None or row.state == "new" else (row.state, row.why)
        if row is not None and state == "asked" and row.at < now - STALE_MS:
            state, why = "failed", "unanswered"
        simulated = self._signer.simulated if row is None or state != "signed" else row.simulated
        out = {
            "connected": self._signer.connected, "state": state, "text": OURS, "trouble": "", "remedy": "",
            "mark": MARK if simulated else None, "signer": "", "issuer": "", "at": None if row is None or not row.at else text(row.at),
        }  # fmt: skip
        if row is not None and state == "signed":
            out |= {
                "text": SIMULATED if row.simulated else f"{CERTIFIED.format(signer=row.signer)} {TRACED if row.traced else NOT_TRACED}",
                "signer": row.signer,
                "issuer": row.issuer,
            }
        if state == "failed":
            trouble, remedy = WORDS[why]  # type: ignore[index]
            out |= {"trouble": trouble, "remedy": remedy}
        return out


def words(outcome: str) -> tuple[str, str]:
    """What became of one letter, and what to do."""
    if outcome == "signed":
        return "Bertanda tangan.", ""
    if outcome == "busy":
        return "Sudah bertanda tangan, atau sedang diminta.", "Muat ulang halaman ini."
    return WORDS[outcome]  # type: ignore[index]
