"""One table from error code to HTTP status; what is in no table is internal and not shown."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from kampung_contract.errors import KampungError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from kampung_cloud.access.attempts import TooManyAttempts

STATUS = {
    "unknown_village": 404,
    "not_found": 404,
    "invalid_topic": 422,
    "invalid_request": 422,
    "invalid_answers": 422,
    "invalid_definition": 422,
    "future_day": 422,
    "id_taken": 422,
    "harvest_incomplete": 422,
    "sale_incomplete": 422,
    "no_such_line": 422,
    "already_struck": 422,
    "too_much": 422,
    "unauthorised": 401,
    "wrong_password": 401,
    "forbidden": 403,
    "foreign_origin": 403,
    "password_change": 403,
    "weak_password": 422,
    "too_many_attempts": 429,
    "too_many": 429,
    "conflict": 409,
    "contradiction": 422,
    "too_often": 429,
    "storage_unavailable": 503,
}


class ErrorBody(BaseModel):
    """``code`` is for programs, ``message`` says what, the value and the remedy; ``fields`` by field, where a form was filled in."""

    code: str
    message: str
    fields: dict[str, str] | None = None


class Error(BaseModel):
    """Every answer that is no success."""

    error: ErrorBody


RESPONSES: dict[int | str, dict[str, Any]] = {
    404: {"model": Error, "description": "Nothing has that name"},
    422: {"model": Error, "description": "A parameter does not fit"},
    503: {"model": Error, "description": "A store is unavailable now"},
}


def answer(
    status: int, code: str, message: str, headers: dict[str, str] | None = None, fields: dict[str, str] | None = None
) -> JSONResponse:
    """An error object."""
    more = {"fields": fields} if fields else {}
    return JSONResponse({"error": {"code": code, "message": message, **more}}, status, headers)


def install(app: FastAPI) -> None:
    """Turn exceptions into error objects."""

    @app.exception_handler(KampungError)
    async def _known(_: Request, error: KampungError) -> JSONResponse:
        status = STATUS.get(error.code)
        if status is None:
            raise error
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        if isinstance(error, TooManyAttempts):
            headers["Retry-After"] = str(error.wait_s)
        return answer(status, error.code, error.message, headers, getattr(error, "fields", None))

    @app.exception_handler(RequestValidationError)
    async def _request(_: Request, error: RequestValidationError) -> JSONResponse:
        lines = [f"{'.'.join(map(str, e['loc'][1:]))} = {str(e['input'])[:80]!r}: {e['msg']}" for e in error.errors()[:3]]
        return answer(422, "invalid_request", "; ".join(lines))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_much"}.get(error.status_code, "invalid_request")
        return answer(error.status_code, code, f"{request.method} {request.url.path}: {error.detail}", dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def _internal(_: Request, __: Exception) -> JSONResponse:
        return answer(500, "internal", "an error inside the cloud; its log has more")
