"""What may happen to the queue next: each act gives facts, or says why not. Pure; whose turn it is, is decided here alone."""

from __future__ import annotations

from collections.abc import Sequence

from kampung_contract.errors import InvalidRequest, KampungError, NotFound

from kampung_edge.queueing.state import OPEN, PRIORITY_RUN, Fact, Kind, Queue, Ticket

MOST_TAKEN, MINUTES_MS = 40, 5 * 60_000
"""A kiosk stands where children play; faster than one in eight seconds nobody takes them in earnest."""
MOST_WAITING = 300
ACTS: tuple[Kind, ...] = ("again", "serving", "served", "absent", "moved")
"""What a counter does with whom it has."""


class NotNow(KampungError):
    """It cannot be done from where the queue or the ticket stands; the message says what can."""

    code = "conflict"


def take(
    queue: Queue, line: str, at: int, token: str = "", *, priority: bool = False, sure: bool = True, act: str = "", simulated: bool = False
) -> Fact:
    """A ticket with the next number of its line.

    Raises ``NotNow`` when the office has closed, ``KampungError`` ``too_many`` while so many were taken just now, or wait.
    """
    if queue.closed:
        raise NotNow("antrian hari ini sudah ditutup; silakan datang lagi pada hari kerja berikutnya")
    young = sum(at - MINUTES_MS < t.taken <= at for t in queue.tickets.values())
    if young >= MOST_TAKEN:
        raise KampungError(f"{MOST_TAKEN} nomor diambil dalam 5 menit; coba lagi sebentar, atau ke loket", code="too_many")
    if sum(t.state == "waiting" for t in queue.tickets.values()) >= MOST_WAITING:
        raise KampungError(f"{MOST_WAITING} orang sudah menunggu; tanyakan di loket", code="too_many")
    number = f"{line}{queue.last.get(line, 0) + 1}"
    return Fact("taken", at, number, line, priority=priority, sure=sure, simulated=simulated, act=act, token=token)


def give_back(queue: Queue, token: str, at: int, act: str = "") -> Fact:
    """Whoever took it waits no more. Raises ``NotFound``, ``NotNow``."""
    ticket = by_token(queue, token)
    if ticket.state != "waiting":
        raise NotNow(f"nomor {ticket.number} sudah {WORDS[ticket.state]}")
    return Fact("left", at, ticket.number, act=act)


def by_token(queue: Queue, token: str) -> Ticket:
    """A ticket of today. Raises ``NotFound``."""
    found = next((t for t in queue.tickets.values() if token and t.token == token), None)
    if found is None:
        raise NotFound("nomor antrian ini tidak ada hari ini; ambil nomor baru")
    return found


def homeless(queue: Queue, counters: int, at: int) -> list[Fact]:
    """Who is at a counter that the office has no more: the called wait again, in their place; who was being served was."""
    lost = [t for t in queue.tickets.values() if t.state in ("called", "serving") and t.counter > counters]
    return [Fact("served", at, t.number, counter=t.counter) if t.state == "serving" else Fact("moved", at, t.number, t.line) for t in lost]


def believe(queue: Queue, counter: int, holding: str | None) -> None:
    """Whoever sends ``holding`` saw this number (empty: nobody) at the counter. Raises ``NotNow`` when it is another by now."""
    if holding is None:
        return
    there = at_counter(queue, counter)
    if (there.number if there else "") != holding:
        now = f"memegang nomor {there.number}" if there else "tidak memegang nomor"
        raise NotNow(f"loket {counter} sudah {now}, digerakkan dari layar lain; lihat keadaannya, lalu tekan lagi")


def upcoming(queue: Queue, lines: Sequence[str] | None = None) -> list[Ticket]:
    """Who waits in these lines (all, for None), in the order in which they will be called if nobody else comes.

    Two with priority at most pass before the one who waits longest, so nobody waits for ever however many come with priority.
    """
    waiting = sorted((t for t in queue.tickets.values() if t.state == "waiting"), key=lambda t: t.order)
    first = [t for t in waiting if t.priority and (lines is None or t.line in lines)]
    others = [t for t in waiting if not t.priority and (lines is None or t.line in lines)]
    out: list[Ticket] = []
    run = queue.run
    while first or others:
        if first and (run < PRIORITY_RUN or not others):
            out.append(first.pop(0))
            run += 1
        else:
            out.append(others.pop(0))
            run = 0
    return out


def at_counter(queue: Queue, counter: int) -> Ticket | None:
    """Whom a counter has called or serves."""
    return next((t for t in queue.tickets.values() if t.counter == counter and t.state in ("called", "serving")), None)


def call(queue: Queue, counter: int, lines: Sequence[str], at: int, act: str = "") -> list[Fact]:
    """The next one comes to the counter; whom it served is done. Raises ``NotNow``, ``NotFound`` when nobody waits."""
    facts = _cleared(queue, counter, at)
    found = upcoming(queue, lines)
    if not found:
        raise NotFound("tidak ada yang menunggu di antrian loket ini")
    return [*facts, Fact("called", at, found[0].number, counter=counter, act=act)]


def recall(queue: Queue, counter: int, number: str, at: int, act: str = "") -> list[Fact]:
    """One who was absent and has come after all, or one out of turn, by number. Raises ``NotFound``, ``NotNow``."""
    ticket = queue.tickets.get(number)
    if ticket is None:
        raise NotFound(f"nomor {number[:8]!r} tidak ada hari ini; periksa nomornya")
    if ticket.state not in ("absent", "waiting"):
        raise NotNow(f"nomor {number} sudah {WORDS[ticket.state]}; hanya yang menunggu atau tidak hadir dapat dipanggil")
    return [*_cleared(queue, counter, at), Fact("called", at, number, counter=counter, act=act)]


def act_on(queue: Queue, counter: int, kind: str, at: int, *, line: str = "", act: str = "") -> Fact:
    """``again``, ``serving``, ``served``, ``absent`` or ``moved`` (to ``line``) of whom the counter has. Raises ``NotNow``."""
    ticket = at_counter(queue, counter)
    if ticket is None:
        raise NotNow(f"loket {counter} belum memanggil siapa pun; panggil dulu nomor berikutnya")
    if kind in ("again", "serving", "absent") and ticket.state != "called":
        raise NotNow(f"nomor {ticket.number} sedang dilayani; tekan selesai bila sudah")
    done = next((known for known in ACTS if known == kind), None)
    if done is None:
        raise InvalidRequest(f"act = {kind[:20]!r}: next, recall, again, serving, served, absent or moved")
    if kind == "moved" and line == ticket.line:
        raise NotNow(f"nomor {ticket.number} sudah di antrian {line}; pilih antrian lain")
    return Fact(done, at, ticket.number, line, counter, act=act)


def day(queue: Queue, today: str, at: int, *, sure: bool) -> Fact | None:
    """The day that begins with ``today``, if one does.

    A clock that cannot be believed ends no day and begins no count anew. Whoever came while it could not be believed is carried over when
    it can, since it may be the same morning.
    """
    if queue.day == today or (queue.day and not sure):
        return None
    open_ = [t for t in queue.tickets.values() if t.state in OPEN]
    unknown = not queue.day  # the first day, or the file was damaged: it may be the same morning
    carried = tuple(t.number for t in open_ if unknown or not t.sure)
    return Fact("day", at, day=today, carry=carried, carry_on=unknown or bool(carried), sure=sure)


def close(queue: Queue, at: int) -> list[Fact]:
    """The office closes: nobody waits any more, the count stands, and who was at a counter was served."""
    if queue.closed:
        return []
    ended = [
        Fact("served" if t.state == "serving" else "left", at, t.number, counter=t.counter)
        for t in queue.tickets.values()
        if t.state in OPEN and t.state != "absent"
    ]
    return [*ended, Fact("closed", at)]


def _cleared(queue: Queue, counter: int, at: int) -> list[Fact]:
    busy = at_counter(queue, counter)
    if busy is None:
        return []
    if busy.state == "called":
        raise NotNow(f"loket {counter} sudah memanggil {busy.number}; tekan datang, tidak hadir, atau panggil ulang")
    return [Fact("served", at, busy.number, counter=counter)]


WORDS = {
    "waiting": "menunggu",
    "called": "dipanggil",
    "serving": "dilayani",
    "served": "selesai dilayani",
    "absent": "tidak hadir",
    "left": "ditutup",
}
