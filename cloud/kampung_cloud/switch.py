"""The commands ``kampung-cloud switch`` and ``kampung-cloud commands``: ask the running cloud, with its token."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from kampung_contract.conditions import duration
from kampung_contract.errors import ConfigurationError

from kampung_cloud.refusing import refusing
from kampung_cloud.running import ConfigOption, PortOption, RunningCloud

POLL_S = 0.2
PATIENCE_S = 1.0
"""An answer that comes within this is all that is said."""
OPEN = ("queued", "sent")


class Wanted(StrEnum):
    """What an output can be told."""

    ON = "on"
    OFF = "off"


def switch(
    *,
    node: Annotated[str, typer.Argument(help="The kiosk, such as tamansari-kios-1.")],
    output: Annotated[str, typer.Argument(help="Its output, such as pompa-cabai.")],
    wanted: Annotated[Wanted, typer.Argument(help="on or off.")],
    by: Annotated[str, typer.Option("--by", help="Who switches; goes on record.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; goes on record.")],
    length: Annotated[str | None, typer.Option("--for", help="How long it stays on, such as 10m; as long as its kiosk allows.")] = None,
    within: Annotated[str, typer.Option("--within", help="The command is void after this, such as 5m.")] = "5m",
    wait: Annotated[bool, typer.Option(help="Wait for the answer.")] = True,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Switch an output of a village. Ends with 0 when its device has confirmed, 1 when it was refused, failed or expired."""
    with refusing():
        body: dict[str, Any] = {"on": wanted is Wanted.ON, "by": by, "reason": reason, "expires_in": _seconds("--within", within)}
        if length is not None:
            body["seconds"] = _seconds("--for", length)
        cloud = RunningCloud(config, port)
        command = cloud.ask("POST", f"outputs/{quote(node, safe='')}/{quote(output, safe='')}/commands", body=body)
        typer.echo(f"{command['id']}  on record; void after {command['expires']}")
        begun, told = time.monotonic(), ""
        while wait and command["state"] in OPEN:
            if time.monotonic() - begun > PATIENCE_S and command["state"] != told:
                told = command["state"]
                typer.echo(f"{command['id']}  {outcome(command)}")
            time.sleep(POLL_S)
            command = cloud.ask("GET", f"commands/{command['id']}")
    if wait:
        typer.echo(f"{command['id']}  {outcome(command)}")
        if command["state"] != "done":
            raise typer.Exit(1)


def commands(
    node: Annotated[str | None, typer.Option("--node", help="Only of this kiosk.")] = None,
    log: Annotated[bool, typer.Option("--log", help="The audit trail instead: also what went on and off by itself.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    config: ConfigOption = Path("cloud.toml"),
    port: PortOption = None,
) -> None:
    """Commands to outputs, the last given first: when, which, by whom and why, and what became of it."""
    with refusing():
        cloud = RunningCloud(config, port)
        only: dict[str, Any] = {} if node is None else {"node": node}
        if log:
            for line in cloud.ask("GET", "output-log", limit=limit, **only):
                typer.echo(f"{line['at']}  {line['node']}/{line['output']}  {line['kind']:<8}  {_told(line)}")
            return
        for command in cloud.ask("GET", "commands", limit=limit, **only):
            typer.echo(f"{command['at']}  {command['id']}  {command['node']}/{command['output']}  {_asked(command)}")
            typer.echo(f"    {outcome(command)}")


def outcome(command: dict[str, Any]) -> str:
    """What became of a command, in a line."""
    state, detail = command["state"], command["detail"] or ""
    match state:
        case "queued":
            return "waits for the kiosk"
        case "sent":
            return "sent, not answered yet" + (f" ({command['sends']} times)" if command["sends"] > 1 else "")
        case "expired" if command["sends"]:
            return "expired: sent, but no answer came; when the kiosk is back, its answer or its outputs' state will tell"
        case "expired":
            return "expired: the kiosk was not there, and nothing was sent"
        case "replaced":
            return "replaced by a later command to the same output"
        case "done":
            return "done" + (f": off again by itself at {command['until']}" if command["until"] else "")
        case _:
            return f"{state}, {command['code']}: {detail}"


def _asked(command: dict[str, Any]) -> str:
    what = "on" if command["on"] else "off"
    length = f" for {command['seconds']} s" if command["seconds"] else ""
    return f"{what}{length}, by {command['actor']}: {command['reason']}"


def _told(line: dict[str, Any]) -> str:
    match line["kind"]:
        case "asked":
            return _asked(line)
        case "answered":
            words = f"{line['code']}: {line['detail']}" if line["answer"] != "done" else line["detail"]
            return f"{line['answer']}, {words}".rstrip(", ")
        case "switched":
            until = f", until {line['until']}" if line["until"] else ""
            code = "" if line["code"] == "done" else f", {line['code']}"
            return f"{line['state']} ({line['cause']}{code}){until} {line['detail'] or ''}".rstrip()
        case "replaced":
            return f"by {line['replaced_by']}"
        case "expired":
            return "sent without an answer" if line["sends"] else "never sent"
        case _:
            return ""


def _seconds(option: str, text: str) -> int:
    try:
        milliseconds = duration(text)
    except ValueError:
        raise ConfigurationError(f"{option} = {text!r}: write a time such as 90s, 10m or 1h") from None
    return max(1, round(milliseconds / 1000))
