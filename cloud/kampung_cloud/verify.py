"""``kampung-cloud verify``: whether the code on a letter is genuine, with nothing but the villages' public keys."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from kampung_contract.errors import ConfigurationError

from kampung_cloud.health import now_ms
from kampung_cloud.refusing import refusing

CodeArgument = Annotated[str, typer.Argument(help="What the QR code says, SK1:…; - reads it from standard input.")]
KeysOption = Annotated[Path, typer.Option("--keys", help="Public keys, as /api/v1/letters/keys gives them.")]


def verify(code: CodeArgument, keys: KeysOption = Path("keys.json")) -> None:
    """Check a letter without a line: exit 0 when it is genuine and holds, 1 when not. Prints the verdict as JSON."""
    with refusing():
        from kampung_cloud.modules.services.requests.book import day_of
        from kampung_cloud.modules.services.verifying import verdict

        public, revoked = _read(keys)
        text = sys.stdin.read() if code == "-" else code
        found = verdict(text, public, revoked, day_of(now_ms()))
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    raise typer.Exit(0 if found["verdict"] == "good" else 1)


def _read(path: Path) -> tuple[Any, set[str]]:
    from kampung_cloud.modules.services.signing import PublicKeys

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return PublicKeys.read(found["keys"]), set(found["revoked"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path}: {error}; fetch it once with curl -o {path.name} http://…/api/v1/letters/keys") from None
