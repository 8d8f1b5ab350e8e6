"""What the routes work with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar, cast

from fastapi import Depends, Request
from kampung_contract.villages import village as find_village

from kampung_cloud.access.asking import bears, needs, whose
from kampung_cloud.bus import Bus
from kampung_cloud.channels.sender import Sender
from kampung_cloud.config import CloudConfig
from kampung_cloud.content import Contents
from kampung_cloud.health import Health
from kampung_cloud.letters import Replayed
from kampung_cloud.metrics import Metrics
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs.commands import Commands
from kampung_cloud.records import Records
from kampung_cloud.records.models import DeadLetterRow
from kampung_cloud.telemetry.store import Batch, Committed, TelemetryStore

T = TypeVar("T")


class Taking(Protocol):
    """What takes in: a thread of this process, or ingest processes beside it, to which readings go by way of the records."""

    def between(self, action: Callable[[], T]) -> Future[T]:
        """Run ``action`` where it crosses no commit of this process."""
        ...

    def take_in(self, batch: Batch) -> Committed:
        """Commit readings that did not come from a kiosk, and wait for it; for ``between``. Raises ``StorageUnavailable``."""
        ...

    def hand_in(self, batch: Batch) -> None:
        """Readings that the cloud works out itself: committed now, or soon. Raises ``StorageUnavailable`` when nobody can."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Parts of the process that the API shows.

    ``token`` lets announcements be changed, dead letters be replayed and outputs be switched.
    """

    config: CloudConfig
    store: TelemetryStore
    records: Records
    nodes: Nodes
    contents: Contents
    bus: Bus
    health: Health
    metrics: Metrics
    token: str
    replay: Callable[[DeadLetterRow], Future[Replayed]]
    commands: Commands
    worker: Taking
    sender: Sender


authorised = needs("operator", "officer", regency=True)
"""Raises ``Unauthorised`` without the token or an account, ``Forbidden`` for one that is not the regency's."""


async def _known(request: Request) -> bool:
    """Whether somebody of the regency asks, by token or session; where it only lifts a limit or shows names, so nothing is refused."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return bears(authorization, of(request).token)
    actor = await whose(request)
    return actor is not None and not actor.temporary and (actor.may("officer", None) or actor.may("operator", None))


KnownDep = Annotated[bool, Depends(_known)]


def of(request: Request) -> Services:
    """Those of the application that is asked."""
    return cast(Services, request.app.state.services)


async def _services(request: Request) -> Services:
    return of(request)  # asynchronous, like ``_village``: FastAPI would give plain functions to other threads, one after another


async def _village(village: str | None = None) -> str | None:
    """Kemendagri code, as 35.10.24.2008."""
    return None if village is None else find_village(village).code


ServicesDep = Annotated[Services, Depends(_services)]
VillageDep = Annotated[str | None, Depends(_village)]
