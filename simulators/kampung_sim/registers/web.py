"""The simulated registers over HTTP, and a page that shows what they were asked and makes them misbehave."""

from __future__ import annotations

import asyncio
import html
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from kampung_contract.errors import InvalidRequest
from kampung_contract.times import text as wib
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kampung_sim.registers import answers
from kampung_sim.registers.fault import WORDS, Fault, Faults, Register
from kampung_sim.registers.people import Entry

KEPT = 50


@dataclass(frozen=True, slots=True)
class Question:
    """``fields``: names of what was sent, never its values."""

    at: int
    register: str
    fields: tuple[str, ...]
    said: str


class Hangup(Response):
    """Gone in the middle of the answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100"), (b"x-simulasi", b"1")]})


async def failing(register: Register, faults: Faults) -> Response | str:
    """What a fault answers in the place of the register; else its kind, after the time it takes."""
    fault = faults.take(register)
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    match fault.kind:
        case "down":
            return JSONResponse({"SIMULASI": answers.SAYS}, 503, answers.MARK)
        case "hangup":
            return Hangup()
        case "wrong":
            return Response(b"<html>SIMULASI: bukan jawaban</html>", headers=answers.MARK, media_type="text/html")
        case _:
            return fault.kind


def registers(entries: Mapping[str, Entry], faults: Faults, now: Any) -> Starlette:
    """The application; ``now`` gives ms UTC."""
    asked: deque[Question] = deque(maxlen=KEPT)

    def told(register: str, fields: tuple[str, ...], said: str) -> None:
        asked.append(Question(now(), register, fields, said))

    async def dukcapil(request: Request) -> Response:
        kind = await failing("dukcapil", faults)
        if isinstance(kind, Response):
            return kind
        body = await request.json()
        if kind in ("quota", "login"):
            said = answers.coded(answers.QUOTA if kind == "quota" else answers.LOGIN)
        else:
            said = answers.verified(entries, body)
        fields = tuple(name for name in body if name not in {"USER_ID", "PASSWORD", "IP_USER", "TRESHOLD"})
        told("Dukcapil", fields, ", ".join(f"{k} {v}" for k, v in said["content"][0].items()))
        return JSONResponse(said, headers=answers.MARK)

    async def dtsen(request: Request) -> Response:
        kind = await failing("dtsen", faults)
        if isinstance(kind, Response):
            return kind
        if kind == "quota":
            return JSONResponse({"SIMULASI": answers.SAYS}, 429, answers.MARK)
        if kind == "login" or request.headers.get("authorization") != f"Bearer {answers.KEY}":
            return JSONResponse({"SIMULASI": answers.SAYS}, 401, answers.MARK)
        said = answers.decile(entries, str((await request.json()).get("nik", "")))
        told("DTSEN", ("nik",), f"desil {said['desil'] or 'tidak tercatat'}")
        return JSONResponse(said, headers=answers.MARK)

    async def set_fault(request: Request) -> Response:
        form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        body = await request.body()
        try:
            said: dict[str, Any] = dict(parse_qsl(body.decode())) if form else json.loads(body)
            count = said.get("count")
            fault = Fault(said["kind"], float(said.get("seconds") or 0), None if count is None else int(count))
            faults.set(str(said["register"]), fault)
        except (ValueError, KeyError, TypeError, AttributeError, InvalidRequest) as error:
            return JSONResponse({"error": {"code": "invalid_request", "message": str(error)}}, 422, answers.MARK)
        return RedirectResponse("/", 303) if form else JSONResponse({"set": True}, headers=answers.MARK)

    async def page(_: Request) -> Response:
        return HTMLResponse(shown(asked, faults, len(entries)), headers=answers.MARK)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/fault", set_fault, methods=["POST"]),
            Route("/dukcapil/get_json/{consumer}/CALL_VERIFY_BY_ELEMEN", dukcapil, methods=["POST"]),
            Route("/dtsen/desil", dtsen, methods=["POST"]),
        ]
    )


def shown(asked: deque[Question], faults: Faults, people: int) -> str:
    """The page, the last question first."""
    cells = ((wib(each.at)[11:19], each.register, ", ".join(each.fields), each.said) for each in reversed(asked))
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in row) for row in cells)
    choices = "".join(f"<option value={kind}>{words}" for kind, words in WORDS.items())
    state = "; ".join(f"{name} {words}" for name, words in faults.shown().items() if name != "bsre")
    return PAGE.format(rows=rows or "<tr><td colspan=4>Belum ada pertanyaan.", choices=choices, state=html.escape(state), people=people)


PAGE = """<!doctype html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SIMULASI Dukcapil dan DTSEN</title>
<style>
body{{font:1rem/1.45 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1c1c1c}}
h1{{font-size:1.4rem;margin:.2rem 0}}.label{{background:#7a2e00;color:#fff;padding:.5rem .8rem;border-radius:.4rem;font-weight:700}}
table{{border-collapse:collapse;width:100%;margin-top:1rem}}
td,th{{border-top:1px solid #ccc;padding:.5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}}
td:first-child{{white-space:nowrap;font-variant-numeric:tabular-nums}}form{{display:flex;gap:.5rem;flex-wrap:wrap;margin-top:1rem}}
input,select,button{{font:inherit;padding:.4rem .6rem}}
</style>
<p class="label">SIMULASI: bukan data Dukcapil, bukan data DTSEN. {people} penduduk rekaan.</p>
<h1>Yang ditanyakan</h1>
<p>Sekarang: {state}.</p>
<form method="post" action="/fault"><select name="register"><option>dukcapil<option>dtsen</select><select name="kind">{choices}</select>
<input name="seconds" type="number" value="5" min="0" max="600" aria-label="detik"> detik
<button>Terapkan</button></form>
<table><tr><th>Pukul<th>Register<th>Unsur yang dikirim<th>Jawaban</tr>{rows}</table></html>
"""
