"""Parameters of a path that each chart asks: its model reads them in one go. FastAPI's way to them would take longer than the answer."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Q = TypeVar("Q", bound=BaseModel)


def described(model: type[BaseModel], *path: str) -> dict[str, Any]:
    """For ``openapi_extra``: the parameters of the query, all optional, and the names in the path."""
    needed = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in path]
    fields = model.model_json_schema()["properties"].items()
    return {"parameters": needed + [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in fields]}


def parameters(request: Request, model: type[Q]) -> Q:
    """Of a parameter that is there twice the last. Raises ``RequestValidationError``."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise RequestValidationError([{**wrong, "loc": ("query", *wrong["loc"])} for wrong in error.errors()]) from None
