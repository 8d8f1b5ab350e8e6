"""What is said of alarms, by language, and what of it a native speaker has read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from kampung_cloud.words.command import chosen
from kampung_cloud.words.coverage import coverage, sentences

router = APIRouter(prefix="/words", tags=["words"])


class LanguageOut(BaseModel):
    """``own`` of ``strings`` are said in the language, the rest in Indonesian; ``reviewed`` were read by a native speaker.

    ``places`` of an SMS's 160 are taken by the longest message when all that may go has gone.
    """

    language: str
    name: str
    speech: str
    strings: int
    own: int
    reviewed: int
    places: int


class SentenceOut(BaseModel):
    """A sentence and its Indonesian; ``text`` is null where Indonesian is said. ``by``: who read it, and when."""

    key: str
    indonesian: str
    text: str | None
    reviewed: bool
    by: str


@router.get("", response_model=list[LanguageOut])
def languages() -> list[dict[str, Any]]:
    """How far each language is, Indonesian first."""
    return [asdict(one) for one in coverage()]


@router.get("/{language}", response_model=list[SentenceOut])
def strings(language: str) -> list[dict[str, Any]]:
    """Every sentence of a language."""
    return [asdict(one) for one in sentences(chosen(language))]
