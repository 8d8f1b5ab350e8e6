"""``kampung-edge status``: the health object as lines for people."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

from kampung_contract.errors import KampungError


def ask(host: str, port: int) -> dict[str, Any]:
    """The health of the edge that listens there. Raises ``KampungError`` with code ``not_running``."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        answer = connection.getresponse()
        health = json.loads(answer.read())
        if answer.status != 200 or "link" not in health:
            raise ValueError(f"status {answer.status}")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise KampungError(
            f"no edge answers at http://{host}:{port} ({error}); start it with kampung-edge run --config, or give its --kiosk-port",
            code="not_running",
        ) from None
    finally:
        connection.close()
    return dict(health)


def lines(health: dict[str, Any]) -> Iterator[str]:
    """A few lines, the worst first."""
    spool, saving, link, clock = health["spool"], health["saving"], health["link"], health["clock"]
    yield f"edge    {health['status']}, version {health['version']}"
    for trouble in health["troubles"]:
        yield f"  !     {trouble}"
    yield f"link    {link['state']} since {link['since']}: {link['detail']}"
    if not saving["saves"]:
        yield f"saving  NOT since {saving['since']}: {saving['waiting']} readings wait in memory"
    yield f"spool   {spool['packs']} packs ({spool['bytes']} bytes) wait, oldest {spool['oldest'] or '-'}"
    yield f"        next {spool['next_seq']}, epoch {spool['epoch'] or '-'}"
    if spool["rejected"]:
        yield f"        {spool['rejected']} packs were rejected by the cloud and are kept"
    yield f"clock   {'synchronised' if clock['synchronised'] else 'NOT synchronised'}, boot {clock['boot']}"
    for port in health["ports"]:
        counts = f"{port['frames']} frames, {port['errors']} errors"
        yield f"port    {port['name']} {port['state']} since {port['since']}: {counts} {port['detail']}".rstrip()
        for device in port["devices"]:
            yield f"        {device['name']} ({device['profile']}) {device['state']}: {device['frames']} frames {device['detail']}".rstrip()
        if (search := port.get("discovery")) is not None and search["state"] != "done":
            yield f"        {search['state']} for devices: {search['asked']} of {search['of']} addresses"
    for output in health.get("outputs", ()):
        until = f" until {output['until']}" if output["until"] else ""
        yield f"output  {output['name']} {output['state']}{until} since {output['since']} ({output['cause']}) {output['detail']}".rstrip()
