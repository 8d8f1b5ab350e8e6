"""What the routes work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from kampung_contract.villages import village as find_village

from kampung_cloud.bus import Bus
from kampung_cloud.config import CloudConfig
from kampung_cloud.content import Contents
from kampung_cloud.health import Health
from kampung_cloud.metrics import Metrics
from kampung_cloud.nodes import Nodes
from kampung_cloud.records import Records
from kampung_cloud.telemetry.store import TelemetryStore


@dataclass(frozen=True, slots=True)
class Services:
    """Parts of the process that the API shows; ``token`` lets announcements be changed."""

    config: CloudConfig
    store: TelemetryStore
    records: Records
    nodes: Nodes
    contents: Contents
    bus: Bus
    health: Health
    metrics: Metrics
    token: str


def _services(request: Request) -> Services:
    return cast(Services, request.app.state.services)


def _village(village: str | None = None) -> str | None:
    """Kemendagri code, as 35.10.24.2008."""
    return None if village is None else find_village(village).code


ServicesDep = Annotated[Services, Depends(_services)]
VillageDep = Annotated[str | None, Depends(_village)]
