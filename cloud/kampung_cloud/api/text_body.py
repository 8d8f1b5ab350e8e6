"""A text file as the body of a request."""

from __future__ import annotations

from fastapi import Request
from kampung_contract.errors import InvalidRequest, TooMuch


async def text_body(request: Request, most: int) -> str:
    """UTF-8, with or without its mark at the beginning, of at most ``most`` bytes. Raises ``TooMuch``, ``InvalidRequest``."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise TooMuch(f"more than {most // 1024**2} MB; cut the file into parts")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the file is not UTF-8 text ({error.reason} at byte {error.start}); save it as CSV UTF-8") from None
