"""The command ``kampung-cloud calc``: any index or advice from a JSON object on standard input."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from kampung_contract.errors import ConfigurationError, KampungError

from kampung_cloud.refusing import refusing


def calc(
    name: Annotated[str | None, typer.Argument(help="Which; --list shows all.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="JSON Schema of its inputs, with units.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="All calculators, with their inputs.")] = False,
) -> None:
    """Reproduce a number: a JSON object on standard input, the value with unit, method and source on standard output."""
    from kampung_cloud.calculator import MOST_BYTES, find
    from kampung_cloud.modules import calculators

    with refusing():
        try:
            if listing:
                for each in calculators():
                    typer.echo(f"{each.name:<18} {each.title}\n{'':<18} {', '.join(each.fields())}")
                return
            if name is None:
                raise ConfigurationError("name a calculator; 'kampung-cloud calc --list' shows them")
            found = find(calculators(), name)
            if schema:
                _print(found.schema())
            else:
                _print(found.answer(sys.stdin.buffer.read(MOST_BYTES + 1)))
        except ConfigurationError:
            raise
        except KampungError as error:
            raise ConfigurationError(f"calc{'' if name is None else ' ' + name}: {error.message}") from None


def _print(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
