"""A photo as it comes from a phone: looked at, made small, and rid of all that is not the picture."""

from __future__ import annotations

import base64
import binascii
import io
import warnings

from kampung_contract.errors import InvalidRequest, TooMuch
from PIL import Image, ImageOps

MOST_BYTES = 6 * 1024 * 1024
MOST_PIXELS = 50_000_000
SIDE = 1280
FORMATS = ("JPEG", "PNG", "WEBP")


def small(encoded: str) -> bytes | None:
    """JPEG of at most 1280 pixels a side out of base64, upright; None for nothing. Raises ``TooMuch``, ``InvalidRequest``."""
    if not encoded:
        return None
    if len(encoded) > MOST_BYTES * 4 // 3:
        raise TooMuch(
            f"the photo is {len(encoded) * 3 // 4 / 1024**2:.0f} MB; at most {MOST_BYTES // 1024**2} MB are taken, take a smaller one"
        )
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest("the photo is no base64 text") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise TooMuch(f"the photo has {image.width} x {image.height} pixels; at most {MOST_PIXELS // 1_000_000} million are taken")
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((SIDE, SIDE))
    except TooMuch:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning, EOFError, MemoryError):
        raise InvalidRequest(
            f"the photo cannot be read; send a whole {', '.join(FORMATS)} picture (it begins with {data[:4].hex(' ')})"
        ) from None
    out = io.BytesIO()
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)  # a new picture: nothing of what the camera wrote comes along
    clean.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()
