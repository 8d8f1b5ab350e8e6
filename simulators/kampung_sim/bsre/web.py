"""The stand-in over HTTP. A passphrase that comes in is compared and forgotten."""

from __future__ import annotations

import asyncio
import base64
import json
from email.parser import BytesParser
from email.policy import HTTP

from kampung_contract.errors import InvalidRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from kampung_sim.bsre.certificate import SimulatedCertificate
from kampung_sim.registers.answers import KEY, MARK, SAYS, USER
from kampung_sim.registers.fault import WORDS, Fault, Faults
from kampung_sim.registers.web import failing
from kampung_sim.residents import PREFIX

PASSPHRASE = "simulasi-1234"  # noqa: S105 - of officials that nobody is
"""Of every official of the simulation; their NIK are of kecamatan 35.10.99, which does not exist."""


def bsre(certificate: SimulatedCertificate, faults: Faults) -> Starlette:
    """The application."""

    def refused(status: int, code: int, words: str) -> Response:
        return JSONResponse({"status_code": code, "error": words, "SIMULASI": SAYS}, status, MARK)

    async def sign(request: Request) -> Response:
        kind = await failing("bsre", faults)
        if isinstance(kind, Response):
            return kind
        asked = request.headers.get("authorization", "")
        if kind == "login" or asked != f"Basic {base64.b64encode(f'{USER}:{KEY}'.encode()).decode()}":
            return JSONResponse({"SIMULASI": SAYS}, 401, MARK)
        parts = form(request.headers.get("content-type", ""), await request.body())
        if not parts.get("nik", b"").decode(errors="replace").startswith(PREFIX):
            return refused(400, 2011, "User tidak terdaftar")
        if parts.get("passphrase") != PASSPHRASE.encode():
            return refused(400, 2031, "Proses signing gagal : Passphrase anda salah")
        try:
            signed = await asyncio.to_thread(certificate.sign, parts.get("file", b""))
        except ValueError as error:
            return refused(400, 2021, str(error))
        return Response(signed, headers=MARK, media_type="application/pdf")

    async def set_fault(request: Request) -> Response:
        try:
            said = json.loads(await request.body())
            count = said.get("count")
            faults.set("bsre", Fault(said["kind"], float(said.get("seconds") or 0), None if count is None else int(count)))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidRequest) as error:
            return JSONResponse({"error": {"code": "invalid_request", "message": str(error)}}, 422, MARK)
        return JSONResponse({"set": True}, headers=MARK)

    async def page(_: Request) -> Response:
        told = PAGE.format(state=faults.shown()["bsre"], kinds=", ".join(WORDS), passphrase=PASSPHRASE, prefix=PREFIX)
        return HTMLResponse(told, headers=MARK)

    return Starlette(
        routes=[Route("/", page), Route("/fault", set_fault, methods=["POST"]), Route("/api/sign/pdf", sign, methods=["POST"])]
    )


def form(kind: str, body: bytes) -> dict[str, bytes]:
    """The parts of a form with files, by name; nothing of what is none."""
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + body)
    out: dict[str, bytes] = {}
    for part in whole.iter_parts() if whole.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            out[name] = content
    return out


PAGE = """<!doctype html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SIMULASI BSrE</title><style>
body{{font:1rem/1.45 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem;color:#1c1c1c}}
.label{{background:#7a2e00;color:#fff;padding:.5rem .8rem;border-radius:.4rem;font-weight:700}}
</style>
<p class="label">SIMULASI: bukan BSrE. Tanda tangannya tidak berkekuatan hukum apa pun.</p>
<p>Sekarang {state}. NIK penanda tangan: 16 angka berawalan {prefix}; passphrase: <code>{passphrase}</code>.</p>
<p>POST /fault {{"kind": …}}: {kinds}.</p></html>
"""
