"""A photo as it is sent: checked, its capture time read, its place taken out, and a hash that knows it again.

The hash is PDQ (Meta, ThreatExchange): 256 bits of a picture's shape that stay the same when it is shrunk, compressed or a little
changed. Turned and mirrored copies are found by the eight hashes of a new picture.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pdqhash
from kampung_contract.errors import InvalidRequest, StorageUnavailable
from kampung_contract.times import WIB
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from kampung_cloud.lasting import put
from kampung_cloud.photo_folders import TREES

MOST_BYTES = 200 * 1024
MOST_PIXELS = 24_000_000
LEAST_SIDE = 240
FORMATS = ("JPEG", "PNG", "WEBP")
HASHED_SIDE = 256
"""All are brought to one size first: measured on shrunk and recompressed copies, their hashes then differ by half as many bits."""


@dataclass(frozen=True, slots=True)
class ReadPhoto:
    """``sha`` names what was sent; ``jpeg`` is what is kept, without any note of place or camera; ``taken`` ms UTC out of EXIF.

    ``hashes``: 8 × 32 bytes, of the picture and of its turned and mirrored copies; the first is its own.
    """

    sha: str
    jpeg: bytes
    taken: int | None
    hashes: tuple[bytes, ...]
    quality: int


def read_photo(data: bytes) -> ReadPhoto:
    """Raises ``InvalidRequest`` for what is too large, too small, no picture, or one of another kind."""
    if len(data) > MOST_BYTES:
        raise InvalidRequest(f"photo: {len(data):,} bytes; at most {MOST_BYTES:,} are taken: shrink it, the page does so by itself")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MOST_PIXELS or min(width, height) < LEAST_SIDE:
                raise InvalidRequest(
                    f"photo: {width} × {height} pixels; expected sides of {LEAST_SIDE} at least, and {MOST_PIXELS:,} pixels at most"
                )
            taken = _taken(image.getexif())
            picture = ImageOps.exif_transpose(image).convert("RGB")
    except InvalidRequest:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidRequest(f"photo: no picture that can be read ({str(error)[:80]}); send a JPEG, PNG or WebP") from None
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)  # nothing but the pixels
    square = np.asarray(picture.resize((HASHED_SIDE, HASHED_SIDE), Image.Resampling.LANCZOS))
    found = [pdqhash.compute(np.ascontiguousarray(np.rot90(side, turn))) for side in (square, square[:, ::-1]) for turn in range(4)]
    hashes = tuple(np.packbits(bits).tobytes() for bits, _ in found)
    return ReadPhoto(hashlib.sha256(data).hexdigest(), out.getvalue(), taken, hashes, int(found[0][1]))


def _taken(exif: Image.Exif) -> int | None:
    """When it was taken, by the camera's own note. Without an offset the camera's clock is the village's."""
    notes = exif.get_ifd(ExifTags.IFD.Exif)
    said = str(notes.get(ExifTags.Base.DateTimeOriginal, "")).strip("\x00 ")
    offset = str(notes.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\x00 ")
    try:
        local = datetime.strptime(said, "%Y:%m:%d %H:%M:%S").replace(tzinfo=WIB)
        if offset:
            local = datetime.strptime(f"{said} {offset}", "%Y:%m:%d %H:%M:%S %z")
    except ValueError:
        return None
    return round(local.timestamp() * 1000)


class PhotoFolder:
    """Photos as files below the data folder, two letters a folder."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def keep(self, photo: ReadPhoto) -> None:
        """Raises ``StorageUnavailable``. The same photo again is the same file."""
        file = self.file(photo.sha)
        try:
            put(file, photo.jpeg)
        except OSError as error:
            raise StorageUnavailable(f"{file.parent}: {error.strerror}; photos cannot be kept now") from None

    def file(self, sha: str) -> Path:
        """Where it is."""
        return self._data / path_of(sha)


def path_of(sha: str) -> str:
    """Where a photo lies below the data folder."""
    return f"{TREES}/{sha[:2]}/{sha}.jpg"
