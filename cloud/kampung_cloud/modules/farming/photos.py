"""Photos beside leaf readings: small JPEGs without where and when they were taken, on the disk under the data folder."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from kampung_contract.errors import InvalidRequest, NotFound, StorageUnavailable

from kampung_cloud.lasting import put
from kampung_cloud.photo_folders import FARMS

MOST_BYTES = 200_000
"""What the farmer's page shrinks them to; an upload of that takes a few seconds on 3G."""
LEAST_SIDE, MOST_SIDE = 32, 4096
NAME = re.compile(r"[0-9a-f]{16}")
KEPT_SEGMENTS = frozenset({0xE0, 0xEE})
"""JFIF and Adobe's colour transform; the other APPn hold Exif (place, time, camera), previews and makers' notes."""
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG without what tells of its place; sides in pixels."""

    data: bytes
    width: int
    height: int


def read(text: str) -> Photo:
    """A photo out of base64. Raises ``InvalidRequest``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest(f"photo: no base64 ({error}); send the bytes of a JPEG in base64") from None
    return clean(data)


def clean(data: bytes) -> Photo:
    """Check type and size, and leave out whatever tells of place, time and camera. Raises ``InvalidRequest``."""
    if len(data) > MOST_BYTES:
        raise InvalidRequest(f"photo: {len(data):,} bytes; at most {MOST_BYTES:,}: make it smaller, a leaf beside its chart needs no more")
    if not data.startswith(b"\xff\xd8\xff"):
        raise InvalidRequest(f"photo: begins with {data[:4].hex()!r}, which is no JPEG; send a JPEG")
    out, at, sides = [data[:2]], 2, (0, 0)
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        stop = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if stop > len(data) or stop < at + 4:
            break
        if marker in FRAMES and stop - at >= 9:
            sides = (int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7]))
        if marker == 0xDA:
            end = data.rfind(b"\xff\xd9")
            if end < stop:
                break
            out.append(data[at : end + 2])  # what was hung on behind the picture stays away, too
            if not all(LEAST_SIDE <= side <= MOST_SIDE for side in sides):
                raise InvalidRequest(f"photo: {sides[0]} × {sides[1]} pixels; expected {LEAST_SIDE} to {MOST_SIDE} a side")
            return Photo(b"".join(out), *sides)
        if marker in KEPT_SEGMENTS or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            out.append(data[at:stop])
        at = stop
    raise InvalidRequest(f"photo: a JPEG that ends after {len(data):,} bytes without a picture; take it again")


class Photos:
    """A file a photo, by field. Everything raises ``StorageUnavailable``."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def keep(self, field: str, photo: Photo) -> str:
        """Its name."""
        name = secrets.token_hex(8)
        file = self._file(field, name)
        try:
            put(file, photo.data)
        except OSError as error:
            raise StorageUnavailable(f"the photo could not be kept: {error.strerror}") from None
        return name

    def get(self, field: str, name: str) -> bytes:
        """Raises ``NotFound``."""
        if NAME.fullmatch(name):
            try:
                return self._file(field, name).read_bytes()
            except FileNotFoundError:
                pass
            except OSError as error:
                raise StorageUnavailable(f"the photo could not be read: {error.strerror}") from None
        raise NotFound(f"{field} has no photo {name[:40]!r}; GET /api/v1/farming/fields/{field}/said names them")

    def _file(self, field: str, name: str) -> Path:
        return self._data / path_of(field, name)


def path_of(field: str, name: str) -> str:
    """Where a photo lies below the data folder."""
    return f"{FARMS}/{field}/{name}.jpg"
