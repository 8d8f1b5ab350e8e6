"""The paper of a ticket."""

from __future__ import annotations

from datetime import UTC, datetime

from kampung_contract.times import WIB
from kampung_contract.villages import Village

from kampung_edge.printing.slip import Row, Slip
from kampung_edge.queueing.setting import QueueSetting
from kampung_edge.queueing.state import Ticket

DIGITS = 3


def shown(number: str) -> str:
    """As people read it: A12 is A012, on paper, on the display and spoken."""
    return f"{number[0]}{number[1:].rjust(DIGITS, '0')}"


def paper(ticket: Ticket, before: int, setting: QueueSetting, place: Village) -> tuple[str, Slip]:
    """What it is about, and the slip. It is composed when it is asked for; how many are before him is as of then."""
    when = datetime.fromtimestamp(ticket.taken / 1000, UTC).astimezone(WIB)
    taken = when.strftime("%d-%m-%Y %H:%M WIB") if ticket.sure else "jam kios belum benar"
    rows = [Row("Untuk", setting.title(ticket.line)), Row("Diambil", taken)]
    rows += [Row("Di depan Anda", f"{before} orang")]
    rows += [Row("Didahulukan", "ya")] if ticket.priority else []
    foot = ["Tunggu nomor ini dipanggil di layar. Berlaku hari ini saja."]
    foot += ["SIMULASI: bukan antrian sungguhan"] if ticket.simulated else []
    return f"queue {ticket.token}", Slip(f"Nomor antrian · {place.name}", shown(ticket.number), tuple(rows), "", tuple(foot))
