"""What the kiosk's page may ask of the printer. A browser names what is to be printed, never what stands on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kampung_contract.errors import NotFound
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kampung_edge.kiosk import answer
from kampung_edge.printing.jobs import MOST_COPIES, Job
from kampung_edge.printing.printer import Printer
from kampung_edge.printing.slip import Slip

Composed = Callable[[str], tuple[str, Slip]]
"""Gives what a slip is about, and the slip. Raises ``NotFound``, ``InvalidRequest``."""


def routes(printer: Printer | None, receipt: Composed, ticket: Composed) -> list[Route]:
    """``receipt`` of a request by its reference, ``ticket`` of a complaint by its number."""

    def there() -> Printer:
        if printer is None:
            raise NotFound("kios ini tidak punya pencetak; catat atau foto nomornya")
        return printer

    def told(job: Job) -> Response:
        return answer({"job": job.id, "state": job.state, "more": job.tries < MOST_COPIES, "printer": there().object()})

    async def get_printer(_: Request) -> Response:
        return answer(printer.object() if printer is not None else {"there": False})

    async def print_receipt(request: Request) -> Response:
        """A request's receipt, by its reference: on the disk before this is answered."""

        def work() -> Job:
            return there().print(*receipt(request.path_params["reference"]))

        return told(await run_in_threadpool(work))

    async def print_ticket(request: Request) -> Response:
        """A complaint's ticket with its word, just after it was made."""

        def work() -> Job:
            return there().print(*ticket(request.path_params["ticket"]))

        return told(await run_in_threadpool(work))

    async def get_job(request: Request) -> Response:
        return told(await run_in_threadpool(there().jobs.job, request.path_params["job"]))

    async def again(request: Request) -> Response:
        """Whoever has seen that no paper came, or wants another, says so."""
        return told(await run_in_threadpool(there().again, request.path_params["job"]))

    async def settle(request: Request) -> Response:
        """Whoever has seen the paper says so."""
        return told(await run_in_threadpool(there().jobs.settle, request.path_params["job"]))

    found: list[tuple[str, Any, str]] = [
        ("/api/printer", get_printer, "GET"),
        ("/api/print/requests/{reference}", print_receipt, "POST"),
        ("/api/print/complaints/{ticket}", print_ticket, "POST"),
        ("/api/print/jobs/{job}", get_job, "GET"),
        ("/api/print/jobs/{job}/again", again, "POST"),
        ("/api/print/jobs/{job}/printed", settle, "POST"),
    ]
    return [Route(path, handler, methods=[method]) for path, handler, method in found]
