"""Whether two names are written alike: capitals and spaces do not tell people apart."""

from __future__ import annotations


def plain(name: str) -> str:
    """As it is compared."""
    return " ".join(name.casefold().split())
