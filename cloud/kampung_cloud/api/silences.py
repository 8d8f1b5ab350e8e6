"""Silences: alarms that tell nobody for a time."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from kampung_contract.errors import InvalidRequest
from kampung_contract.times import text
from kampung_contract.villages import village as find_village

from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas_messages import EndIn, SilenceIn, SilenceOut
from kampung_cloud.api.services import Services, ServicesDep, VillageDep, authorised
from kampung_cloud.api.times import instant
from kampung_cloud.health import now_ms
from kampung_cloud.messages import silences
from kampung_cloud.messages.silence import Silence
from kampung_cloud.telemetry.store import Selector

router = APIRouter(prefix="/silences", tags=["silences"])

WRITES: dict[str, Any] = {
    "response_model": SilenceOut,
    "dependencies": [Depends(authorised)],
    "responses": {401: {"model": Error, "description": "The token is missing or wrong"}},
}


@router.get("", response_model=list[SilenceOut])
def listed(services: ServicesDep, village: VillageDep, state: Literal["holds", "all"] = "holds") -> list[dict[str, Any]]:
    """Silences in force, the last to end first; ``all``: also those that are over, the last 1,000."""
    now = now_ms()
    return [_shown(each, now) for each in silences.listed(services.records, village, now, everything=state == "all")]


@router.post("", status_code=201, **WRITES)
def add(services: ServicesDep, wanted: SilenceIn) -> dict[str, Any]:
    """Let alarms tell nobody until a time. They are evaluated, shown and kept as ever; the trail of each says who hushed it and why."""
    now = now_ms()
    what = silences.Wanted(
        None if wanted.village is None else find_village(wanted.village).code,
        None if wanted.rule is None else _rule(services, wanted.rule),
        wanted.node,
        wanted.device,
    )
    _there(services, what)
    made = silences.add(services.records, what, until=instant("until", wanted.until), by=wanted.by, reason=wanted.reason, now=now)
    return _shown(made, now)


@router.post("/{name}/end", **WRITES | {"responses": WRITES["responses"] | {409: {"model": Error, "description": "It is over"}}})
def end(services: ServicesDep, name: Annotated[str, Path(max_length=63)], who: EndIn) -> dict[str, Any]:
    """End it now; alarms that it kept quiet are told if they still stand."""
    now = now_ms()
    return _shown(silences.end(services.records, name, who.by, now), now)


def _rule(services: Services, name: str) -> str:
    """Raises ``InvalidRequest`` for a name that no rule bears."""
    known = [rule.id for rule in services.config.rule]
    if any(rule == name or (name.endswith("*") and rule.startswith(name[:-1])) for rule in known):
        return name
    near = difflib.get_close_matches(name, known, n=1)
    raise InvalidRequest(f"rule = {name[:60]!r}: no rule has that id; {f'did you mean {near[0]!r}?' if near else 'GET /api/v1/rules'}")


def _there(services: Services, what: silences.Wanted) -> None:
    """Raises ``InvalidRequest`` for a kiosk or device that has never sent anything: a silence of it would silence nothing."""
    if what.node is None and what.device is None:
        return
    keys = [each.key for each in services.store.latest(Selector(village=what.village))]
    for key, wanted, known in (
        ("node", what.node, {k.node for k in keys}),
        ("device", what.device, {k.device for k in keys if what.node in (None, k.node)}),
    ):
        if wanted is not None and wanted not in known:
            near = difflib.get_close_matches(wanted, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "GET /api/v1/series lists what has sent something"
            raise InvalidRequest(f"{key} = {wanted[:60]!r}: nothing of that name has sent anything here; {hint}")


def _shown(each: Silence, now: int) -> dict[str, Any]:
    state = "holds" if each.holds(now) else "over" if each.ended is None else "ended"
    return {
        "id": each.id,
        "village": each.village,
        "rule": each.rule,
        "node": each.node,
        "device": each.device,
        "start": text(each.start),
        "until": text(each.until),
        "by": each.by,
        "reason": each.reason,
        "ended": None if each.ended is None else text(each.ended),
        "ended_by": each.ended_by,
        "state": state,
    }
