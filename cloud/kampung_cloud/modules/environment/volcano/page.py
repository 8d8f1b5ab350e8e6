"""The pieces of a page of MAGMA's that matter: headings, badges, paragraphs and links, in order."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

KEPT = frozenset({"h5", "h6", "p", "span", "a", "small"})


class Piece(NamedTuple):
    """An element's text, blanks put together and line breaks kept; ``href`` of a link."""

    tag: str
    classes: frozenset[str]
    text: str
    href: str


def pieces(body: bytes) -> list[Piece]:
    """Of a page in UTF-8, in order of their beginnings. A page that is broken gives what can be read of it."""
    reader = _Reader()
    reader.feed(body.decode("utf-8", errors="replace"))
    reader.close()
    reader.end()
    return [piece for piece in reader.found if piece is not None]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Piece | None] = []
        self._open: list[tuple[str, frozenset[str], str, int, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.handle_data("\n")
        if tag not in KEPT:
            return
        if tag == "p":
            self._close("p")  # a paragraph ends where the next begins
        given = dict(attrs)
        self._open.append((tag, frozenset((given.get("class") or "").split()), given.get("href") or "", len(self.found), []))
        self.found.append(None)

    def handle_data(self, data: str) -> None:
        for *_, text in self._open:
            text.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._close(tag)

    def end(self) -> None:
        """What was left open ends with the page."""
        while self._open:
            self._close(self._open[-1][0])

    def _close(self, tag: str) -> None:
        if not any(name == tag for name, *_ in self._open):
            return
        while self._open:
            name, classes, href, place, text = self._open.pop()
            lines = (" ".join(line.split()) for line in "".join(text).split("\n"))
            self.found[place] = Piece(name, classes, "\n".join(line for line in lines if line), href)
            if name == tag:
                return
