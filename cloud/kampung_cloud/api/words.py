"""What is said of alarms and to farmers, by language, and what of it a native speaker has read."""

from __future__ import annotations

from fastapi import APIRouter

from kampung_cloud.modules import shelves
from kampung_cloud.words.command import chosen
from kampung_cloud.words.coverage import Coverage, Sentence, coverage, sentences

router = APIRouter(prefix="/words", tags=["words"])


@router.get("", response_model=list[Coverage])
def languages() -> tuple[Coverage, ...]:
    """How far each language is, Indonesian first."""
    return coverage(shelves())


@router.get("/{language}", response_model=list[Sentence])
def strings(language: str) -> tuple[Sentence, ...]:
    """Every sentence of a language."""
    return sentences(chosen(language), shelves())
