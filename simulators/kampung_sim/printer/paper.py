"""ESC/POS read as a printer reads it: what is printed, and what is asked in turn."""

from __future__ import annotations

from dataclasses import dataclass, field

LENGTHS = {b"\x1b@": 2, b"\x1bt": 3, b"\x1ba": 3, b"\x1bE": 3, b"\x1bd": 3, b"\x1b!": 3, b"\x1bM": 3, b"\x1b-": 3, b"\x1b{": 3, b"\x1bG": 3,
           b"\x1bJ": 3, b"\x1b2": 2, b"\x1b3": 3, b"\x1d!": 3, b"\x1dB": 3, b"\x1db": 3, b"\x1dr": 3}  # fmt: skip
"""Bytes of a command with its arguments; GS ( and GS V say their own."""


@dataclass(slots=True)
class Paper:
    """``strips``: lines of text of each slip that was cut off; ``strip`` is what hangs out of the printer."""

    code_page: str = "cp437"
    strips: list[list[str]] = field(default_factory=list)
    strip: list[str] = field(default_factory=list)
    _line: bytearray = field(default_factory=bytearray)
    _qr: str = ""

    def take(self, body: bytes) -> tuple[int, bytes]:
        """Bytes used of ``body``, one command or letter; and what is answered. 0: it needs more."""
        if body[0] not in (0x1B, 0x1D):
            if body[0] == 0x0A:
                self.strip.append(self._line.decode(self.code_page, "replace"))
                self._line.clear()
            elif body[0] >= 0x20:
                self._line.append(body[0])
            return 1, b""
        if len(body) < 3 and body != b"\x1b@":
            return 0, b""
        head = body[:2]
        if head == b"\x1d(":
            if len(body) < 5 or len(body) < 5 + (size := int.from_bytes(body[3:5], "little")):
                return 0, b""
            self._symbol(body[2:3], body[5 : 5 + size])
            return 5 + size, b""
        if head == b"\x1dV":
            size = 4 if body[2] in (65, 66, 97, 98, 103, 104) else 3
            if len(body) >= size:
                self.strips.append(self.strip)
                self.strip = []
            return (size if len(body) >= size else 0), b""
        if head == b"\x1bd":
            self.strip += [""] * min(body[2], 20)
        return LENGTHS.get(head, 2), b"\x00" if head == b"\x1dr" else b""

    def _symbol(self, kind: bytes, said: bytes) -> None:
        if kind == b"k" and said[:2] == b"1P":
            self._qr = said[3:].decode("latin-1")
        elif kind == b"k" and said[:2] == b"1Q":
            self.strip.append(f"[QR {self._qr}]")
