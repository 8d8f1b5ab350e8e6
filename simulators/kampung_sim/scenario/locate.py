"""Where in a TOML text a value stands: tomllib forgets, so a syntax tree is walked beside it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from kampung_sim.scenario.mistake import Path


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_toml.language()))


class Places:
    """The lines of a text that tomllib accepts."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        counts: Counter[Path] = Counter()
        for node in _parser().parse(text.encode("utf-8")).root_node.children:
            if node.type == "pair":
                self._pair((), node)
            elif node.type in ("table", "table_array_element"):
                key, *pairs = node.named_children
                path = self._within(_key(key), counts, node)
                if node.type == "table_array_element":
                    counts[path] += 1
                    path = (*path, counts[path] - 1)
                self._note(path, node)
                for pair in pairs:
                    if pair.type == "pair":
                        self._pair(path, pair)

    def line(self, path: Path) -> int:
        """The line of the value at ``path``, or of the nearest thing around it that is written in the file."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def __contains__(self, path: Path) -> bool:
        return path in self._lines

    def _within(self, keys: list[str], counts: Counter[Path], node: Node) -> Path:
        """``kit.a.device`` below the last element of every array of tables it passes through."""
        path: Path = ()
        for i, key in enumerate(keys):
            path = (*path, key)
            self._note(path, node)
            if counts[path] and i < len(keys) - 1:
                path = (*path, counts[path] - 1)
        return path

    def _pair(self, base: Path, pair: Node) -> None:
        key, value = (n for n in pair.named_children if n.type != "comment")
        path = base
        for part in _key(key):
            path = (*path, part)
            self._note(path, pair)
        self._value(path, value)

    def _value(self, path: Path, value: Node) -> None:
        if value.type == "inline_table":
            for child in value.named_children:
                if child.type == "pair":
                    self._pair(path, child)
        elif value.type == "array":
            for i, child in enumerate(n for n in value.named_children if n.type != "comment"):
                self._note((*path, i), child)
                self._value((*path, i), child)

    def _note(self, path: Path, node: Node) -> None:
        self._lines.setdefault(path, node.start_point[0] + 1)


def _key(node: Node) -> list[str]:
    return list(_parts(node))


def _parts(node: Node) -> Iterator[str]:
    if node.type == "dotted_key":
        for child in node.named_children:
            yield from _parts(child)
    elif node.text is not None:
        text = node.text.decode("utf-8")
        yield next(iter(tomllib.loads(f"{text} = 0"))) if node.type == "quoted_key" else text
