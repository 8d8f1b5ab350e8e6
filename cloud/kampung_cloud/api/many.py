"""Answers of thousands of values: encoded as they are, since checking each against a model would take most of the time.

Their models describe them in the API's schema; a test holds answers and models together.
"""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Response


def many(value: Any) -> Response:
    """JSON out of dicts, lists, texts and numbers."""
    return Response(msgspec.json.encode(value), media_type="application/json")
