"""The command ``kampung-cloud dead-letters``: asks the running cloud, with its token."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from kampung_contract.errors import ConfigurationError, KampungError

from kampung_cloud.refusing import refusing

cli = typer.Typer(help="What could not be taken: list it, or take it up again.", no_args_is_help=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file (TOML) of the running cloud.")]
PortOption = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="In place of [api] port.")]
CodeOption = Annotated[str | None, typer.Option("--code", help="Only letters with this code, such as wrong_unit.")]
AT_ONCE = 500


class _Cloud:
    def __init__(self, config: Path, port: int | None) -> None:
        from kampung_cloud.app import TOKEN_FILE
        from kampung_cloud.config import load

        loaded = load(config, port)
        self._host, self._port = loaded.api.host, loaded.api.port
        try:
            self._token = (loaded.data / TOKEN_FILE).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{loaded.data / TOKEN_FILE}: {error.strerror}; 'kampung-cloud serve' makes it") from None

    def ask(self, method: str, path: str, **query: Any) -> Any:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        try:
            connection.request(method, f"/api/v1/{path}?{urlencode(query)}", headers={"Authorization": f"Bearer {self._token}"})
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise KampungError(f"http://{self._host}:{self._port}: {error}; is 'kampung-cloud serve' running with this file?") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise KampungError(body["error"]["message"])
        return body

    def waiting(self, code: str | None) -> Iterator[int]:
        """Letters that were never replayed; each is, before the next piece is asked for."""
        only = {} if code is None else {"code": code}
        while found := self.ask("GET", "dead-letters", limit=AT_ONCE, replayed="false", **only):
            yield from [letter["id"] for letter in found]


@cli.command("list")
def show(
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
    code: CodeOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 50,
) -> None:
    """The last to come first: number, time, how often, size, code, topic, and what became of it."""
    with refusing():
        _show(config, port, code, limit)


def _show(config: Path, port: int | None, code: str | None, limit: int) -> None:
    for letter in _Cloud(config, port).ask("GET", "dead-letters", limit=limit, **({} if code is None else {"code": code})):
        typer.echo(f"{letter['id']:>6}  {letter['at']}  {letter['count']}x  {letter['size']:,} B  {letter['code']}  {letter['topic']}")
        typer.echo(f"        {letter['detail']}")
        if letter["result"]:
            typer.echo(f"        {letter['replayed_at']}: {letter['result']}")


@cli.command()
def replay(
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
    number: Annotated[int | None, typer.Option("--id", min=1, help="This letter, even if it was replayed before.")] = None,
    code: CodeOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Every letter that was not replayed yet.")] = False,
) -> None:
    """Take letters up again through the same intake; ends with 1 when one is still refused."""
    with refusing():
        _replay(config, port, number, code, everything)


def _replay(config: Path, port: int | None, number: int | None, code: str | None, everything: bool) -> None:
    if sum((number is not None, code is not None, everything)) != 1:
        raise ConfigurationError("say which: one of --id, --code and --all")
    cloud = _Cloud(config, port)
    stored = refused = 0
    for each in [number] if number is not None else cloud.waiting(code):
        done = cloud.ask("POST", f"dead-letters/{each}/replay")
        stored, refused = stored + done["stored"], refused + (not done["stored"])
        typer.echo(f"{each:>6}  {'stored: ' if done['stored'] else 'refused, ' + done['code'] + ': '}{done['detail']}")
    typer.echo(f"{stored} stored, {refused} refused again")
    if refused:
        raise typer.Exit(1)
