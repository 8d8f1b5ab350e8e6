"""``/api/queue`` and its pages. Numbers are taken and printed at the kiosk alone; the rest may be had over the office's network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.villages import Village
from kampung_ui import ASSETS
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from kampung_edge.bus import Bus
from kampung_edge.kiosk import UNBUILT, Stream, answer, sent
from kampung_edge.printing.jobs import MOST_COPIES
from kampung_edge.printing.printer import Printer
from kampung_edge.queueing.board import board, desk, slip
from kampung_edge.queueing.door import Door
from kampung_edge.queueing.owner import Moment, Office
from kampung_edge.queueing.paper import paper
from kampung_edge.queueing.ruling import by_token
from kampung_edge.queueing.state import Queue, Ticket

MOST_BODY = 4_000
"""Bytes: nobody in the network fills the kiosk's memory."""
MOST_STREAMS = 60
"""Event streams at once: televisions, counters and the kiosk itself, and not whoever is in the network."""


class Queueing:
    """What the routes need. ``changed`` is given to the office, so that every page hears of what it does."""

    def __init__(self, place: Village, door: Door) -> None:
        self.place, self.door, self.bus = place, door, Bus()
        self.office: Office

    def changed(self, queue: Queue, moment: Moment) -> None:
        """Called by the office after each change."""
        self.bus.publish("queue", board(queue, self.office.setting, moment))

    def shown(self) -> dict[str, Any]:
        """The board now. Raises ``StorageUnavailable``."""
        queue, moment = self.office.now()
        return self._village() | board(queue, self.office.setting, moment)

    def slip(self, token: str) -> dict[str, Any]:
        """A ticket as its taker is told. Raises ``NotFound``, ``StorageUnavailable``."""
        queue, moment = self.office.now()
        return slip(by_token(queue, token), queue, self.office.setting, moment)

    def desk(self, counter: int) -> dict[str, Any]:
        """Raises ``InvalidRequest``, ``StorageUnavailable``."""
        setting = self.office.setting
        if not 1 <= counter <= setting.counters:
            raise InvalidRequest(f"counter = {counter}: this office has counters 1 to {setting.counters}")
        queue, moment = self.office.now()
        return self._village() | desk(queue, setting, moment, counter, self.office.lines(queue, counter))

    def _village(self) -> dict[str, Any]:
        return {"village": {"name": self.place.name, "type": self.place.type, "kecamatan": self.place.kecamatan}}


def shared(queueing: Queueing, pages: Path = ASSETS) -> list[Route]:
    """What a television or a counter in the office's network may ask."""

    async def get_board(_: Request) -> Response:
        return answer(await run_in_threadpool(queueing.shown))

    async def get_stream(_: Request) -> Response:
        if queueing.bus.watching >= MOST_STREAMS:
            raise KampungError(f"{MOST_STREAMS} layar sudah menonton antrian; tutup yang tidak dipakai", code="too_many")
        await run_in_threadpool(queueing.shown)  # a disk that does not give it is told before the stream begins

        async def first() -> bytes:
            return b"retry: 2000\n\nevent: queue\ndata: " + msgspec.json.encode(await run_in_threadpool(queueing.shown)) + b"\n\n"

        return Stream(queueing.bus, first)

    async def enter(request: Request) -> Response:
        """The code for a key. It is compared in the same time whatever is wrong with it, and guessing is soon refused."""
        where = request.client.host if request.client else ""
        return answer({"key": queueing.door.enter((await sent(request, MOST_BODY)).get("code"), where)})

    async def leave(request: Request) -> Response:
        queueing.door.leave(_key(request))
        return answer({"left": True})

    async def get_counter(request: Request) -> Response:
        queueing.door.check(_key(request))
        return answer(await run_in_threadpool(queueing.desk, request.path_params["counter"]))

    async def act(request: Request) -> Response:
        """One act of a counter; the answer is how it stands afterwards."""
        queueing.door.check(_key(request))
        counter, kind, body = request.path_params["counter"], request.path_params["kind"], await sent(request, MOST_BODY)
        name, holding = _text(body, "act"), body.get("holding")
        if holding is not None and not isinstance(holding, str):
            raise InvalidRequest(f"holding = {str(holding)[:20]!r}: the number that you saw at the counter, as text; empty for nobody")

        def work() -> dict[str, Any]:
            office = queueing.office
            if kind == "next":
                office.call(counter, name, holding)
            elif kind == "recall":
                office.recall(counter, _text(body, "number"), name, holding)
            else:
                office.act_on(counter, kind, name, str(body.get("line", "")), holding)
            return queueing.desk(counter)

        return answer(await run_in_threadpool(work))

    def closing(work: Callable[[], None]) -> Callable[[Request], Awaitable[Response]]:
        async def do(request: Request) -> Response:
            queueing.door.check(_key(request))

            def done() -> dict[str, Any]:
                work()
                return queueing.shown()

            return answer(await run_in_threadpool(done))

        return do

    def page(name: str) -> Callable[[Request], Awaitable[Response]]:
        async def get(_: Request) -> Response:
            built = pages / name
            return FileResponse(built) if built.is_file() else HTMLResponse(UNBUILT)

        return get

    return [
        Route("/antrian", page("antrian.html")),
        Route("/loket", page("loket.html")),
        Route("/api/queue", get_board),
        Route("/api/queue/stream", get_stream),
        Route("/api/queue/enter", enter, methods=["POST"]),
        Route("/api/queue/leave", leave, methods=["POST"]),
        Route("/api/queue/close", closing(queueing.office.close), methods=["POST"]),
        Route("/api/queue/open", closing(queueing.office.open), methods=["POST"]),
        Route("/api/queue/counters/{counter:int}", get_counter),
        Route("/api/queue/counters/{counter:int}/{kind}", act, methods=["POST"]),
    ]


def of_kiosk(queueing: Queueing, printer: Callable[[], Printer | None]) -> list[Route]:
    """What only the kiosk's own browser asks: whoever takes a number stands there."""

    async def take(request: Request) -> Response:
        """On the disk before a number is shown."""
        body = await sent(request, MOST_BODY)
        priority = body.get("priority", False)
        if not isinstance(priority, bool):
            raise InvalidRequest(f"priority = {str(priority)[:20]!r}: true or false")

        def work() -> dict[str, Any]:
            ticket = queueing.office.take(_text(body, "line"), _text(body, "act"), priority=priority)
            return queueing.slip(ticket.token)

        return answer(await run_in_threadpool(work), 201)

    async def get_ticket(request: Request) -> Response:
        return answer(await run_in_threadpool(queueing.slip, request.path_params["token"]))

    async def give_back(request: Request) -> Response:
        token, name = request.path_params["token"], _text(await sent(request, MOST_BODY), "act")

        def work() -> dict[str, Any]:
            queueing.office.give_back(token, name)
            return queueing.slip(token)

        return answer(await run_in_threadpool(work))

    async def print_ticket(request: Request) -> Response:
        """Its paper: on the disk before this is answered."""
        there = printer()
        if there is None:
            raise NotFound("kios ini tidak punya pencetak; catat atau foto nomornya")

        def work() -> Any:
            queue, moment = queueing.office.now()
            ticket: Ticket = by_token(queue, request.path_params["token"])
            before = slip(ticket, queue, queueing.office.setting, moment)["before"]
            return there.print(*paper(ticket, before, queueing.office.setting, queueing.place))

        job = await run_in_threadpool(work)
        return answer({"job": job.id, "state": job.state, "more": job.tries < MOST_COPIES, "printer": there.object()})

    return [
        Route("/api/queue/tickets", take, methods=["POST"]),
        Route("/api/queue/tickets/{token}", get_ticket),
        Route("/api/queue/tickets/{token}/give-back", give_back, methods=["POST"]),
        Route("/api/print/queue/{token}", print_ticket, methods=["POST"]),
    ]


def _text(body: dict[str, Any], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise InvalidRequest(f"{name} = {str(found)[:20]!r}: send it as text")
    return found


def _key(request: Request) -> str | None:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    return key if kind.lower() == "bearer" else None
