"""Outputs of the villages, commands to them, and the audit trail."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas_outputs import CommandIn, CommandOut, LogLineOut, OutputOut
from kampung_cloud.api.services import ServicesDep, VillageDep, authorised
from kampung_cloud.health import now_ms
from kampung_cloud.outputs import log, register

router = APIRouter(tags=["outputs"])

State = Literal["queued", "sent", "done", "refused", "failed", "expired", "replaced"]
Limit = Annotated[int, Query(ge=1, le=1_000)]


@router.get("/outputs", response_model=list[OutputOut])
def outputs(services: ServicesDep, village: VillageDep, node: str | None = None) -> list[dict[str, Any]]:
    """Every output that a kiosk has now, with its last known state and the age of that knowledge."""
    return register.listed(services.records, services.nodes, now_ms(), village, node)


@router.post(
    "/outputs/{node}/{output}/commands",
    status_code=202,
    response_model=CommandOut,
    dependencies=[Depends(authorised)],
    responses={
        401: {"model": Error, "description": "The token is missing or wrong"},
        409: {"model": Error, "description": "Two kiosks bear this name"},
    },
)
def switch(services: ServicesDep, node: str, output: str, wanted: CommandIn) -> dict[str, Any]:
    """Command an output on or off. The answer says that it is on record; ask for the command, or listen, for what became of it.

    It is sent while the kiosk is there and again when it comes back, until it is answered or has expired. It replaces an earlier
    command to the same output that is not answered yet.
    """
    return services.commands.give(
        node, output, on=wanted.on, seconds=wanted.seconds, actor=wanted.by, reason=wanted.reason, life_s=wanted.expires_in
    )


@router.get("/outputs/{node}/{output}/commands", response_model=list[CommandOut])
def commands_of_output(services: ServicesDep, node: str, output: str, limit: Limit = 50) -> list[dict[str, Any]]:
    """Commands to one output, the last given first."""
    return services.commands.listed(node=node, output=output, limit=limit)


@router.get("/commands", response_model=list[CommandOut])
def commands(
    services: ServicesDep, village: VillageDep, node: str | None = None, state: State | None = None, limit: Limit = 50
) -> list[dict[str, Any]]:
    """Commands to all outputs, the last given first."""
    return services.commands.listed(village=village, node=node, state=state, limit=limit)


@router.get("/commands/{number}", response_model=CommandOut)
def command(services: ServicesDep, number: str) -> dict[str, Any]:
    """One command and what became of it."""
    return services.commands.find(number)


@router.get("/output-log", response_model=list[LogLineOut])
def output_log(
    *,
    services: ServicesDep,
    village: VillageDep,
    node: str | None = None,
    output: str | None = None,
    before: Annotated[int | None, Query(ge=1, description="The id of the last line of the page before")] = None,
    limit: Limit = 100,
) -> list[dict[str, Any]]:
    """The audit trail, the last line first: who asked for what and why, what the kiosk answered, and what changed by itself."""
    return log.listed(services.records, village=village, node=node, output=output, before=before, limit=limit)
