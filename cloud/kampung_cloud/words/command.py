"""The command ``kampung-cloud words``: how far each language is, and what a reviewer has to read."""

from __future__ import annotations

from typing import Annotated

import typer
from kampung_contract.errors import NotFound

from kampung_cloud.refusing import refusing
from kampung_cloud.words.book import Book, books
from kampung_cloud.words.coverage import Shelves, coverage, sentences
from kampung_cloud.words.gsm import MOST

cli = typer.Typer(help="What is said of alarms and to farmers, by language.", no_args_is_help=True)


@cli.command()
def check() -> None:
    """Say how far each language is, and which of its sentences no native speaker has read; the files themselves are checked, too."""
    with refusing():
        shelves = _shelves()
        found = coverage(shelves)
    for one in found:
        typer.echo(f"{one.language:<4} {one.name}{f' ({one.speech})' if one.speech else ''}")
        typer.echo(f"     said {one.own} of {one.strings}, reviewed {one.reviewed}, longest short form {one.places} of {MOST}")
        unread = [s.key for s in sentences(books()[one.language], shelves) if s.text is not None and not s.reviewed]
        missing = [s.key for s in sentences(books()[one.language], shelves) if s.text is None]
        if unread and len(unread) == one.own:
            typer.echo(f"     needs review: all of it; kampung-cloud words list {one.language}")
        elif unread:
            typer.echo(f"     needs review: {', '.join(unread)}")
        if missing:
            typer.echo(f"     in Indonesian: {', '.join(missing)}")


@cli.command("list")
def list_(
    language: Annotated[str, typer.Argument(help="Such as jv.")],
    unread: Annotated[bool, typer.Option("--unread", help="Only what needs review.")] = False,
) -> None:
    """Every sentence of a language beside the Indonesian, for the one who reads it."""
    with refusing():
        book, shelves = chosen(language), _shelves()
    for sentence in sentences(book, shelves):
        if unread and (sentence.reviewed or sentence.text is None):
            continue
        mark = "   " if sentence.reviewed else "   (in Indonesian)" if sentence.text is None else "   (needs review)"
        typer.echo(f"{sentence.key}{mark}{f' {sentence.by}' if sentence.by else ''}".rstrip())
        typer.echo(f"    id  {sentence.indonesian}")
        if sentence.text is not None and book.language != "id":
            typer.echo(f"    {book.language:<3} {sentence.text}")


def chosen(language: str) -> Book:
    """The language's file. Raises ``NotFound``."""
    found = books().get(language)
    if found is None:
        raise NotFound(f"there is no message file of {language[:40]!r}; there are {', '.join(books())}")
    return found


def _shelves() -> Shelves:
    from kampung_cloud.modules import shelves  # not before it is asked for: a command about words needs no module

    return shelves()
