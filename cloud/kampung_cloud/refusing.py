"""How commands say no."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from kampung_contract.errors import ConfigurationError, KampungError


@contextmanager
def refusing() -> Iterator[None]:
    """A wrong configuration is told in words and ends with 2, any other trouble we know with 1."""
    try:
        yield
    except ConfigurationError as error:
        sys.stderr.write(f"{error.message}\n")
        raise typer.Exit(2) from None
    except KampungError as error:
        sys.stderr.write(f"{error.message}\n")
        raise typer.Exit(1) from None
