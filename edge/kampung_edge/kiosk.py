"""The kiosk's API and page. The browser talks to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog
from kampung_contract.citizen import read_ticket
from kampung_contract.documents import Content
from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from kampung_contract.tickets import shadow
from kampung_contract.times import milliseconds, text
from kampung_contract.villages import KABUPATEN, village
from kampung_ui import ASSETS
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kampung_edge.acts import Acts
from kampung_edge.alarms import Alarms
from kampung_edge.answers import Answers
from kampung_edge.bus import Bus
from kampung_edge.clock import wall_ms
from kampung_edge.config import EdgeConfig
from kampung_edge.fields import Fields
from kampung_edge.health import Health
from kampung_edge.identity.session import Identified
from kampung_edge.outputs import Outputs
from kampung_edge.plantings import Plantings
from kampung_edge.reports import Reports
from kampung_edge.requests import Requests
from kampung_edge.speaker import Speaker
from kampung_edge.surveys import Surveys
from kampung_edge.view import View

log = structlog.get_logger("kiosk")

STATUS = {
    "not_found": 404,
    "invalid_request": 400,
    "unauthorised": 401,
    "forbidden": 403,
    "conflict": 409,
    "invalid_answers": 422,
    "not_known": 403,
    "storage_unavailable": 503,
    "speaker": 503,
    "too_many": 429,
    "too_large": 413,
}
"""HTTP status by error code; anything else is 500."""
PRIVATE = frozenset({"complaints", "roll"})
"""Documents for the kiosk itself; no page has them."""
PING_S = 15.0
DAY_MS = 86_400_000
MOST_REPORT = 80_000
HEADERS = (
    (b"content-security-policy", b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
     b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)  # fmt: skip
UNBUILT = (
    "<!doctype html><html lang=id><meta charset=utf-8><title>Smart Kampung</title><h1>Smart Kampung</h1>"
    "<p>Halaman belum dibangun. The pages are not built: run <code>make setup</code>. <a href=/api/health>/api/health</a>"
)


class Headers:
    """Security headers on every answer; nothing of the API is kept by browsers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cache = b"public, max-age=31536000, immutable" if scope["path"].startswith("/assets/") else b"no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = cache if message["status"] in (200, 304) else b"no-store"
                message["headers"] = [*message.get("headers", ()), *HEADERS, (b"cache-control", kept)]
            await send(message)

        await self._app(scope, receive, with_headers)


class Stream(StreamingResponse):
    """Server-sent events of one browser. ``first`` is made after it has joined, so that nothing is missed in between."""

    def __init__(self, bus: Bus, first: Callable[[], Awaitable[bytes]]) -> None:
        super().__init__(self._events(bus, first), media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    @staticmethod
    async def _events(bus: Bus, first: Callable[[], Awaitable[bytes]]) -> AsyncIterator[bytes]:
        watcher = bus.join()
        try:
            yield await first()
            while not watcher.ended:
                yield await watcher.take(PING_S) or b": ping\n\n"
        finally:
            bus.leave(watcher)


def kiosk(  # noqa: PLR0917 - what a kiosk shows
    config: EdgeConfig,
    view: View,
    health: Health,
    bus: Bus,
    outputs: Outputs,
    alarms: Alarms,
    *,
    acts: Acts,
    answers: Answers,
    fields: Fields,
    reports: Reports,
    requests: Requests,
    surveys: Surveys,
    plantings: Plantings,
    who: Callable[[Request], Identified | None] = lambda _: None,
    more: Sequence[Route] = (),
    pages: Path = ASSETS,
) -> Starlette:
    """The application; ``who`` stands there now; ``more`` are routes of parts that have their own."""
    place, speaker = village(config.village), Speaker(config.kiosk.speak)

    async def get_village(_: Request) -> Response:
        return answer(
            {
                "village": {
                    "code": place.code,
                    "name": place.name,
                    "type": place.type,
                    "kecamatan": place.kecamatan,
                    "kabupaten": KABUPATEN,
                },
                "node": config.node,
                "panel": {"mm": config.kiosk.millimetre},
                "languages": list(config.kiosk.languages),
                "sound": {"on": config.kiosk.sound, "speaks": speaker.there},
                "queue": config.queue is not None,
            }
        )

    async def get_series(_: Request) -> Response:
        return answer(view.series())

    async def get_window(request: Request) -> Response:
        stop = moment(request, "stop", wall_ms())
        start = moment(request, "start", stop - DAY_MS)
        if start >= stop:
            raise InvalidRequest(f"start {text(start)} is not before stop {text(stop)}; give an earlier start")
        return answer(view.window(request.path_params["id"], start, stop))

    async def get_content(request: Request) -> Response:
        key = request.path_params["key"]
        found = None if key in PRIVATE else view.content(key)
        if key == "alarms" and (shown := await run_in_threadpool(with_acts, found)) is not None:
            version, at = (found.version, found.at) if found is not None else (0, wall_ms())
            return answer({"key": key, "version": version, "at": text(at), "document": shown})
        if found is None and request.query_params.get("missing") == "empty":
            return Response(status_code=204)
        if found is None:
            raise NotFound(f"no document {key!r} has come from the cloud yet; it comes with the link")
        added = {"advice": answers.shown, "fields": fields.shown}.get(key)
        document = found.document if added is None else await run_in_threadpool(added, found.document)
        return answer({"key": found.key, "version": found.version, "at": text(found.at), "document": document})

    async def answer_advice(request: Request) -> Response:
        """A farmer answers an action of his field's list: on the disk before this is answered, and sent when the link is there."""
        found, body = view.content("advice"), await sent(request)
        document = {} if found is None else found.document
        await run_in_threadpool(answers.say, document, request.path_params["field"], body)
        return answer(await run_in_threadpool(answers.shown, document))

    async def register_field(request: Request) -> Response:
        """A farmer registers a field, or changes one that is named in the path: in the spool before this is answered."""
        found, body = view.content("fields"), await sent(request)
        document = {} if found is None else found.document
        return answer(await run_in_threadpool(fields.register, document, body, request.path_params.get("field")), 201)

    async def take_report(request: Request) -> Response:
        """A resident reports something: on the disk before a ticket is given, and sent when the link is there."""
        if int(request.headers.get("content-length") or 0) > MOST_REPORT:
            raise KampungError(f"the report is over {MOST_REPORT:,} bytes; the page shrinks a photo before it sends it", code="too_large")
        return answer(await run_in_threadpool(reports.take, await sent(request)), 201)

    async def plant_tree(request: Request) -> Response:
        """A resident registers a tree: in the spool before it has a code."""
        document, body = view.content("trees"), await sent(request)
        return answer(await run_in_threadpool(plantings.plant, {} if document is None else document.document, body), 201)

    async def get_tree(request: Request) -> Response:
        """A tree or a pledge by its code, by what the regency last said."""
        document = view.content("trees")
        told = {} if document is None else document.document
        since = {"as_of": None if document is None else text(document.at)}
        return answer(await run_in_threadpool(plantings.look, told, request.path_params["code"]) | since)

    async def get_report(request: Request) -> Response:
        """How a report stands, by its ticket: what the regency last said, or that it waits here."""
        number = read_ticket(request.path_params["ticket"])
        document = view.content("reports")
        listed = [] if document is None else document.document.get("reports", [])
        name = None if number is None else shadow(number)
        found = next((each for each in listed if each.get("report") == name), None)
        went = None if number is None else await run_in_threadpool(reports.sent, number)
        if found is None and went is None:
            raise NotFound(f"no report has ticket {request.path_params['ticket'][:20]!r} at this kiosk; look at the number once more")
        since = None if document is None else text(document.at)
        return answer({"ticket": number, "sent": went is None or went, "status": found, "as_of": since})

    def document(key: str) -> dict[str, Any] | None:
        found = view.content(key)
        return None if found is None else found.document

    async def take_request(request: Request) -> Response:
        """A resident asks for a service: on the disk before a reference is given, and sent when the link is there."""
        return answer(await run_in_threadpool(requests.take, document("services"), await sent(request), who(request)), 201)

    async def get_request(request: Request) -> Response:
        """How a request stands, by its reference."""
        found = await run_in_threadpool(requests.stands, document("requests"), request.path_params["reference"])
        return answer(found | {"survey": surveys.open(document("requests"), found["reference"])})

    async def take_survey(request: Request) -> Response:
        """How satisfied whoever was handed his letter is: once, nine scores, without his name."""
        reference = request.path_params["reference"]
        return answer(await run_in_threadpool(surveys.take, document("requests"), reference, await sent(request)), 201)

    async def describe_respondent(request: Request) -> Response:
        """What whoever answered says of himself, apart from his answers."""
        reference = request.path_params["reference"]
        return answer(await run_in_threadpool(surveys.describe, document("requests"), reference, await sent(request)), 201)

    async def complete_request(request: Request) -> Response:
        """What was missing in a request that came back."""
        body, reference = await sent(request), request.path_params["reference"]
        return answer(await run_in_threadpool(requests.complete, document("services"), document("requests"), reference, body))

    def with_acts(found: Content | None) -> dict[str, Any] | None:
        shown = alarms.shown(found)
        if shown is None:
            return None
        regency = found.document if found is not None else {}
        number = {"contact": regency["contact"]} if regency.get("contact") else {}
        return {"alarms": acts.shown(shown["alarms"], regency.get("alarms", []))} | number

    async def see_alarm(request: Request) -> Response:
        """Somebody has seen it: on the disk before this is answered, and sent when the link is there."""
        body = await sent(request)
        by, name = body.get("by"), request.path_params["id"]
        if not isinstance(by, str):
            raise InvalidRequest(f"by = {str(by)[:40]!r}: send the name or role of who has seen it as text")
        shown = alarms.shown(view.content("alarms")) or {"alarms": []}
        await run_in_threadpool(acts.see, shown["alarms"], name, by)
        now = await run_in_threadpool(with_acts, view.content("alarms")) or {"alarms": []}
        return answer(next((a for a in now["alarms"] if a["id"] == name), None))

    async def get_health(_: Request) -> Response:
        return answer(health.object())

    async def get_outputs(_: Request) -> Response:
        return answer(outputs.objects())

    async def stop_output(request: Request) -> Response:
        """The kiosk can always switch off, and never on."""
        name = request.path_params["name"]
        outcome = await run_in_threadpool(outputs.halt, name)
        return answer({**outputs.object(name), "answer": outcome.answer, "message": outcome.detail})

    async def speak(request: Request) -> Response:
        """Speak an alarm that stands on the screen, where the browser has no voice for it."""
        asked = request.query_params
        shown = alarms.shown(view.content("alarms")) or {"alarms": []}
        said = await run_in_threadpool(speaker.say, shown["alarms"], asked.get("alarm", ""), asked.get("language", "id"))
        return answer({"said": said})

    async def get_stream(_: Request) -> Response:
        async def first() -> bytes:
            return b"retry: 2000\n\n"

        return Stream(bus, first)

    async def page(_: Request) -> Response:
        built = pages / "kiosk.html"
        return FileResponse(built) if built.is_file() else HTMLResponse(UNBUILT)

    routes = [
        Route("/", page),
        Route("/api/village", get_village),
        Route("/api/series", get_series),
        Route("/api/series/{id}/window", get_window),
        Route("/api/content/{key}", get_content),
        Route("/api/alarms/{id:path}/seen", see_alarm, methods=["POST"]),
        Route("/api/advice/{field}/answer", answer_advice, methods=["POST"]),
        Route("/api/fields", register_field, methods=["POST"]),
        Route("/api/fields/{field}", register_field, methods=["POST"]),
        Route("/api/reports", take_report, methods=["POST"]),
        Route("/api/trees", plant_tree, methods=["POST"]),
        Route("/api/trees/{code}", get_tree),
        Route("/api/reports/{ticket}", get_report),
        Route("/api/requests", take_request, methods=["POST"]),
        Route("/api/requests/{reference}", get_request),
        Route("/api/requests/{reference}", complete_request, methods=["POST"]),
        Route("/api/requests/{reference}/survey", take_survey, methods=["POST"]),
        Route("/api/requests/{reference}/respondent", describe_respondent, methods=["POST"]),
        Route("/api/health", get_health),
        Route("/api/outputs", get_outputs),
        Route("/api/outputs/{name}/stop", stop_output, methods=["POST"]),
        Route("/api/speak", speak, methods=["POST"]),
        Route("/api/stream", get_stream),
        *more,
    ]
    return application(routes, pages)


def application(routes: Sequence[Route], pages: Path = ASSETS) -> Starlette:
    """With the pages' files, one way of telling errors, and the headers."""
    handlers: dict[Any, Callable[[Request, Any], Awaitable[Response]]] = {
        KampungError: refused,
        HTTPException: http_error,
        Exception: internal,
    }
    assets = Mount("/assets", StaticFiles(directory=pages / "assets", check_dir=False))
    app = Starlette(routes=[*routes, assets], exception_handlers=handlers)
    app.add_middleware(Headers)
    return app


def answer(value: Any, status: int = 200) -> Response:
    """JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


async def sent(request: Request, most: int | None = None) -> dict[str, Any]:
    """The JSON object that was sent. Raises ``InvalidRequest``, and ``KampungError`` ``too_large`` once it is over ``most`` bytes."""
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if most is not None and len(parts) > most:
            raise KampungError(f"kiriman ini lebih dari {most // 1000} kB; tulis yang terpenting saja", code="too_large")
    body = bytes(parts)
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"what was sent is no JSON: {error}; it begins with {body[:40]!r}") from None
    if not isinstance(found, dict):
        raise InvalidRequest(f"what was sent is no JSON object: {body[:40]!r}")
    return found


def moment(request: Request, name: str, default: int) -> int:
    """Milliseconds UTC of a query parameter. Raises ``InvalidRequest``."""
    given = request.query_params.get(name)
    if given is None or not given:
        return default
    try:
        found = milliseconds(given)
        text(found)
    except (ValueError, OverflowError, OSError):
        raise InvalidRequest(f"{name} = {given!r} is no time; write 2026-11-21T09:41:00+07:00, or milliseconds since 1970 UTC") from None
    return found


def error_object(code: str, message: str, status: int, fields: dict[str, str] | None = None) -> Response:
    return answer({"error": {"code": code, "message": message} | ({"fields": fields} if fields else {})}, status)


async def refused(_: Request, error: KampungError) -> Response:
    return error_object(error.code, error.message, STATUS.get(error.code, 500), getattr(error, "fields", None))


async def http_error(request: Request, error: HTTPException) -> Response:
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    return error_object(code, f"{request.method} {request.url.path}: {error.detail}", error.status_code)


async def internal(request: Request, error: Exception) -> Response:
    log.error("request.failed", path=request.url.path, exc_info=error)
    return error_object("internal", "something went wrong inside the kiosk; it is in its log", 500)
