"""The services that speak HTTP, and the page on which one sees what they took. All of it is a simulation, and says so."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

from kampung_contract.errors import InvalidRequest
from kampung_contract.times import text as wib
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kampung_sim.channels.mood import Mood, Moods
from kampung_sim.channels.received import Ledger, Received
from kampung_sim.channels.replies import Replies

Taken = Callable[[Request], Awaitable[Received]]


class Hangup(Response):
    """The service took the message, and is gone in the middle of its answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})


def web(ledger: Ledger, moods: Moods, replies: Replies) -> Starlette:
    """The application."""

    def service(name: str, take: Taken, told: Callable[[Received], Any], wrong: Callable[[int, int], Any]) -> Any:
        async def answer(request: Request) -> Response:
            mood = moods.take(name)
            if mood.slow:
                await asyncio.sleep(mood.slow)
            if mood.status:
                headers = {"Retry-After": str(mood.retry_after)} if mood.retry_after else {}
                return JSONResponse(wrong(mood.status, mood.retry_after), mood.status, headers)
            try:
                received = await take(request)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                return JSONResponse(wrong(400, 0) | {"reason": repr(error)}, 400)
            if mood.drop:
                return Hangup()
            return JSONResponse(told(received))

        return answer

    async def webhook(request: Request) -> Received:
        said = await request.json()
        key = request.headers.get("idempotency-key", "")
        return ledger.take("webhook", said["to"], said["text"], title=said["title"], key=key)

    async def telegram(request: Request) -> Received:
        said = await request.json()
        if not isinstance(said["chat_id"], int | str) or not 0 < len(said["text"]) <= 4096:
            raise ValueError("chat_id and a text of at most 4096 characters are needed")
        return ledger.take("telegram", str(said["chat_id"]), said["text"])

    async def whatsapp(request: Request) -> Received:
        said = await request.json()
        if said["messaging_product"] != "whatsapp":
            raise ValueError("messaging_product is 'whatsapp'")
        if said["type"] == "template":
            parts = [p["text"] for c in said["template"].get("components", []) for p in c["parameters"]]
            return ledger.take("whatsapp", said["to"], "\n".join(parts), title=f"templat {said['template']['name']}")
        return ledger.take("whatsapp", said["to"], said["text"]["body"])

    async def sms(request: Request) -> Received:
        said = await request.json()
        return ledger.take("sms", said["to"], said["text"], key=request.headers.get("idempotency-key", ""))

    async def set_mood(request: Request) -> Response:
        said = await request.json()
        try:
            moods.set(said.pop("service", "*"), Mood(**said))
        except (TypeError, InvalidRequest) as error:
            return JSONResponse({"error": {"code": "invalid_request", "message": str(error)}}, 422)
        return JSONResponse({"set": True})

    async def received(request: Request) -> Response:
        asked = request.query_params
        found = ledger.listed(asked.get("service"), int(asked.get("since", "0")))
        return JSONResponse([asdict(each) for each in found])

    async def forget(_: Request) -> Response:
        ledger.forget()
        return JSONResponse({"forgotten": True})

    async def reply(request: Request) -> Response:
        form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        body = await request.body()
        try:
            said = dict(parse_qsl(body.decode())) if form else json.loads(body)
            one, sender, text = (str(said[key]) for key in ("service", "from", "text"))
            status, words = await asyncio.to_thread(replies.send, one, sender, text)
        except (ValueError, KeyError, TypeError, InvalidRequest) as error:
            return Response(f"balasan tidak dapat dibaca ({error!r:.100}): isi service, from dan text", 400, media_type="text/plain")
        if not form:
            return JSONResponse({"status": status, "answer": words})
        if status != 200:
            return Response(f"kabupaten menjawab {status}: {words[:500]}", 502, media_type="text/plain")
        return Response(status_code=303, headers={"Location": "/"})

    async def page(_: Request) -> Response:
        return HTMLResponse(shown(ledger.listed()))

    def google_like(status: int, _: int) -> Any:
        return {"error": {"code": status, "message": "simulated"}}

    def telegram_like(status: int, after: int) -> Any:
        more = {"parameters": {"retry_after": after}} if after else {}
        return {"ok": False, "error_code": status, "description": "simulated", **more}

    routes = [
        Route("/", page),
        Route("/received", received),
        Route("/forget", forget, methods=["POST"]),
        Route("/mood", set_mood, methods=["POST"]),
        Route("/reply", reply, methods=["POST"]),
        Route("/webhook", service("webhook", webhook, lambda r: {"id": f"hook-{r.number}"}, google_like), methods=["POST"]),
        Route("/sms", service("sms", sms, lambda r: {"id": f"sms-{r.number}", "status": "queued"}, google_like), methods=["POST"]),
        Route(
            "/bot{token}/sendMessage",
            service("telegram", telegram, lambda r: {"ok": True, "result": {"message_id": r.number}}, telegram_like),
            methods=["POST"],
        ),
        Route(
            "/{version}/{phone}/messages",
            service("whatsapp", whatsapp, lambda r: {"messages": [{"id": f"wamid.SIM{r.number}"}]}, google_like),
            methods=["POST"],
        ),
    ]
    return Starlette(routes=routes)


def shown(received: list[Received]) -> str:
    """The page, newest first."""
    rows = "".join(
        f"<tr><td>{wib(each.at)[11:19]}<td>{html.escape(each.service)}<td>{html.escape(each.to)}"
        f"<td>{'<b>' + html.escape(each.title) + '</b><br>' if each.title else ''}{html.escape(each.text).replace(chr(10), '<br>')}"
        f"{'<br><i>berulang: tidak ditampilkan lagi di ponsel</i>' if each.repeated else ''}"
        for each in reversed(received[-200:])
    )
    return PAGE.replace("<!--rows-->", rows or "<tr><td colspan=4>Belum ada pesan.")


PAGE = """<!doctype html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SIMULASI pesan</title>
<script>
const typing = () => [...document.querySelectorAll('input')].some((i) => i.value || i === document.activeElement)
setInterval(() => typing() || location.reload(), 3000)
</script>
<style>
body{font:1rem/1.45 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1c1c1c}
h1{font-size:1.4rem;margin:.2rem 0}.label{background:#7a2e00;color:#fff;padding:.5rem .8rem;border-radius:.4rem;font-weight:700}
table{border-collapse:collapse;width:100%;margin-top:1rem}td,th{border-top:1px solid #ccc;padding:.5rem;text-align:left;vertical-align:top}
td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums}form{display:flex;gap:.5rem;flex-wrap:wrap;margin-top:1rem}
input,select,button{font:inherit;padding:.4rem .6rem}
</style>
<p class="label">SIMULASI: tidak ada pesan yang sungguh terkirim ke Telegram, WhatsApp, SMS, atau surel.</p>
<h1>Pesan yang diterima</h1>
<form method="post" action="/reply"><select name="service"><option>telegram<option>whatsapp<option>sms<option>webhook</select>
<input name="from" placeholder="dari (nomor atau id)" required><input name="text" placeholder="OK" required><button>Balas</button></form>
<table><tr><th>Pukul<th>Saluran<th>Kepada<th>Pesan</tr><!--rows--></table></html>
"""
