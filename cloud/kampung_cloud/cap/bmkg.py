"""BMKG's weather warnings: read from its RSS feed, and those that touch Banyuwangi kept in the records."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import structlog
from kampung_contract.backoff import Backoff
from kampung_contract.errors import KampungError, StorageUnavailable
from kampung_contract.times import milliseconds, text
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from kampung_cloud.cap import reading
from kampung_cloud.cap.fetching import Fetching, Page, Unreachable
from kampung_cloud.cap.message import reference
from kampung_cloud.cap.reading import Bulletin, InvalidCap, Item
from kampung_cloud.cap.touching import close, touched
from kampung_cloud.config import CloudConfig
from kampung_cloud.health import Health, now_ms
from kampung_cloud.letters import Letter, Letters
from kampung_cloud.records import Records
from kampung_cloud.records.models import BmkgAlertRow

log = structlog.get_logger()

ATTRIBUTION = "Sumber: BMKG (Badan Meteorologi, Klimatologi, dan Geofisika)"
"""BMKG's condition for the use of its data."""
MOST_BYTES = 2 * 1024 * 1024
"""Of a page; warnings of a province are some hundred kilobytes of polygons at most."""
RETRY_S = (30.0, 1_800.0)
TOO_MANY = 429
MOST_LISTED = 500
MOST_SHOWN = 200
ENDS = {"Update": "updated", "Cancel": "cancelled"}


class Bmkg:
    """A thread that asks every ``every`` seconds; ``poll`` asks once."""

    def __init__(self, config: CloudConfig, records: Records, health: Health, wait: Callable[[float], object] | None = None) -> None:
        self._settings, self._letters = config.bmkg, config.dead_letters
        self._records, self._health = records, health
        self._stopping = threading.Event()
        self._fetching = Fetching(config.bmkg.url, config.bmkg.per_minute, wait or self._stopping.wait)
        self._backoff = Backoff(*RETRY_S)
        self._listed: list[Item] = []
        self._read: set[Item] = set()
        self._wrong: dict[Item, str] = {}
        self._thread = threading.Thread(target=self._run, name="bmkg", daemon=True)

    def start(self) -> None:
        """Begin, where a feed is configured."""
        if self._settings.url:
            self._health.begin("bmkg", "not asked yet")
            self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(5)
        self._fetching.close()

    def _run(self) -> None:
        wait = 0.0
        while not self._stopping.wait(wait):
            wait = self.ask()

    def ask(self) -> float:
        """Poll and say how it went; seconds until the next time."""
        try:
            self.poll(now_ms())
        except KampungError as error:
            if not self._stopping.is_set():
                self._health.set("bmkg", False, error.message)
            return max(self._backoff.pause(), error.wait_s if isinstance(error, Unreachable) else 0.0)
        except Exception:
            log.exception("reading BMKG's warnings")
            self._health.set("bmkg", False, "an error inside the cloud; its log has more")
            return self._backoff.pause()
        self._backoff.forgive()
        first = next(iter(self._wrong.values()), "")
        more = f" (and {len(self._wrong) - 1} more)" if len(self._wrong) > 1 else ""
        self._health.set("bmkg", not self._wrong, first + more)
        return float(self._settings.every)

    def poll(self, now: int) -> None:
        """Read what is new in the feed. One warning that cannot be read keeps no other back; what was not reached is tried again.

        Raises ``Unreachable``, ``InvalidCap`` for the feed itself, ``StorageUnavailable``.
        """
        page = self._fetching.get(self._settings.url, MOST_BYTES)
        if page.body is not None:
            try:
                self._listed = self._items(page)
            except InvalidCap as error:
                self._fetching.forget(self._settings.url)
                raise InvalidCap(f"{self._settings.url}: {error.message}") from None
        self._fetching.only([self._settings.url, *(u for item in self._listed if (u := self._fetching.ours(item.link)))])
        self._read &= set(self._listed)
        self._wrong = {item: why for item, why in self._wrong.items() if item in self._listed}
        for item in self._listed:
            if self._stopping.is_set():
                return
            if item not in self._read:
                self._take(item, now)

    def _items(self, page: Page) -> list[Item]:
        if not page.whole or page.body is None:
            raise InvalidCap(f"more than {MOST_BYTES:,} bytes; it is not read")
        items = reading.feed(page.body)
        if len(items) > MOST_LISTED:
            raise InvalidCap(f"it lists {len(items):,} warnings, more than {MOST_LISTED}; it is not read")
        return items

    def _take(self, item: Item, now: int) -> None:
        url = self._fetching.ours(item.link)
        if url is None:
            self._wrong[item] = f"{item.link[:200]} leads away from {self._settings.url}; it is not followed"
            return
        try:
            page = self._fetching.get(url, MOST_BYTES)
        except Unreachable as error:
            if not 400 <= error.status < 500 or error.status == TOO_MANY:
                raise
            self._wrong[item] = error.message  # a warning that has gone keeps no other back
            return
        if page.body is not None:
            try:
                self._heard(item, url, page, now)
            except StorageUnavailable as error:
                if not isinstance(error.__cause__, IntegrityError):  # then another process was quicker
                    self._fetching.forget(url)
                    raise
        self._read.add(item)

    def _heard(self, item: Item, url: str, page: Page, now: int) -> None:
        try:
            self._keep(page, now)
        except InvalidCap as error:
            self._fetching.forget(url)
            self._bury(url, page.body or b"", error, now)
            self._wrong[item] = f"{url}: {error.message}; its bytes are among the dead letters"
            log.warning("a warning of BMKG's cannot be read", url=url, detail=error.message)
        else:
            self._wrong.pop(item, None)

    def _keep(self, page: Page, now: int) -> None:
        if not page.whole or page.body is None:
            raise InvalidCap(f"more than {MOST_BYTES:,} bytes; the rest was not read")
        what = reading.bulletin(page.body)
        names = touched(what)
        own = reference(what.sender, what.identifier, what.sent)
        with self._records.session() as session:
            if session.get(BmkgAlertRow, _digest(own)) is not None:
                return
            old = _named(session, what)
            for row in old:
                row.ended = ENDS[what.type]
            if names is None and not old and (what.type != "Cancel" or what.area):
                return
            session.add(
                BmkgAlertRow(
                    id=_digest(own),
                    reference=own,
                    sent=what.sent,
                    expires=what.expires,
                    received=now,
                    status=what.status,
                    type=what.type,
                    ended=_ended(session, what, _digest(own)),
                    villages=names or [],
                    shown=_shown(what),
                    document=page.body,
                )
            )

    def _bury(self, url: str, body: bytes, error: InvalidCap, now: int) -> None:
        """Nothing is lost silently."""
        letters = Letters(self._records, self._letters.most, self._letters.most_bytes)
        with self._records.session() as session:
            letters.keep(session, [Letter(url, body, "cap", error.code, error.message, now)])


def _named(session: Session, what: Bulletin) -> list[BmkgAlertRow]:
    """Those that are here of the ones it takes back or replaces."""
    if what.type not in ENDS or not what.references:
        return []
    return list(session.scalars(select(BmkgAlertRow).where(BmkgAlertRow.id.in_([_digest(r) for r in what.references]))))


def _ended(session: Session, what: Bulletin, own: str) -> str | None:
    """Whether one that came before it takes it back: the newest stand first in the feed."""
    later = select(BmkgAlertRow).where(BmkgAlertRow.sent >= what.sent, BmkgAlertRow.type.in_(list(ENDS))).order_by(BmkgAlertRow.sent)
    by = [row.type for row in session.scalars(later) if own in map(_digest, row.shown["references"])]
    return ENDS[by[-1]] if by else None


def current(records: Records, village: str | None, now: int, *, everything: bool = False) -> list[dict[str, Any]]:
    """Warnings that hold now, the newest first, at most ``MOST_SHOWN``; ``everything``: over, replaced, cancelled and tests as well.

    Raises ``StorageUnavailable``.
    """
    query = select(BmkgAlertRow).options(defer(BmkgAlertRow.document)).order_by(BmkgAlertRow.sent.desc(), BmkgAlertRow.id)
    if not everything:
        query = query.where(BmkgAlertRow.expires > now, BmkgAlertRow.ended.is_(None), BmkgAlertRow.status == "Actual")
        query = query.where(BmkgAlertRow.type.in_(("Alert", "Update")))
    out: list[dict[str, Any]] = []
    with records.session() as session:
        for row in session.scalars(query.execution_options(yield_per=50)):
            if len(out) < MOST_SHOWN and (row.villages or everything) and (village is None or village in row.villages):
                out.append({**row.shown, "state": _state(row, now), "villages": row.villages, "received": text(row.received)})
    return out


def _state(row: BmkgAlertRow, now: int) -> str:
    return row.ended or ("cancels" if row.type == "Cancel" else "expired" if row.expires <= now else "holds")


def _shown(what: Bulletin) -> dict[str, Any]:
    return {
        "identifier": what.identifier,
        "sender": what.sender,
        "sender_name": what.sender_name,
        "sent": text(what.sent),
        "status": what.status,
        "type": what.type,
        "event": what.event,
        "urgency": what.urgency,
        "severity": what.severity,
        "certainty": what.certainty,
        "onset": text(what.onset),
        "expires": text(what.expires),
        "headline": what.headline,
        "description": what.description,
        "instruction": what.instruction,
        "web": what.web,
        "area": what.area,
        "polygons": [[list(pair) for pair in ring] for ring in close(what.rings)],
        "references": list(what.references),
    }


def _digest(named: str) -> str:
    """Of a reference; its time may be written with another offset, so the moment counts."""
    sender, _, rest = named.partition(",")
    identifier, _, sent = rest.rpartition(",")
    try:
        moment = str(milliseconds(sent))
    except (ValueError, OverflowError):
        moment = sent
    return hashlib.sha256("\n".join((sender, identifier, moment)).encode()).hexdigest()
