"""Browsers of the farmer's page that want to be told. Nobody need say who he is; only the browser's own address can end it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from kampung_contract.errors import InvalidRequest, NotFound
from kampung_contract.villages import village as find_village
from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.api.services import Services, ServicesDep
from kampung_cloud.channels import subscriptions
from kampung_cloud.channels.settings import Push
from kampung_cloud.channels.subscriptions import Subscription
from kampung_cloud.health import now_ms
from kampung_cloud.messages.person import LANGUAGES

router = APIRouter(prefix="/push", tags=["messages"])

Word = Annotated[str, Field(min_length=1, max_length=200)]


class KeysIn(BaseModel):
    """As the browser gives them."""

    p256dh: Word
    auth: Word


class PushIn(BaseModel):
    """``endpoint`` and ``keys`` are the browser's ``PushSubscription``; ``fields`` are ids of the village's fields."""

    model_config = ConfigDict(extra="forbid")

    village: Annotated[str, Field(max_length=40)]
    fields: Annotated[list[Word], Field(max_length=50)] = []
    language: Annotated[str, Field(max_length=8)] = "id"
    endpoint: Annotated[str, Field(min_length=1, max_length=2_000)]
    keys: KeysIn


class PushOut(BaseModel):
    """By ``id`` it is ended."""

    id: str


class KeyOut(BaseModel):
    """Our public key, for ``applicationServerKey``; none where the cloud sends no web push."""

    key: str | None


@router.get("/key", response_model=KeyOut)
def key(services: ServicesDep) -> KeyOut:
    """What a browser needs to subscribe."""
    found = _found(services)
    return KeyOut(key=None if found is None else services.sender.lanes[found.name].channel.public)  # type: ignore[attr-defined]


@router.post("", response_model=PushOut)
def subscribe(services: ServicesDep, wanted: PushIn) -> PushOut:
    """Tell this browser of the village's alarms, and of these fields. Saying it again changes what it is told of."""
    settings, code = _settings(services), find_village(wanted.village).code
    known = [field.id for field in services.config.field if field.village == code]
    lost = next((name for name in wanted.fields if name not in known), None)
    if lost is not None:
        raise InvalidRequest(f"fields = {lost[:40]!r}: no field of {code} has that id; known: {', '.join(known) or 'none'}")
    if wanted.language not in LANGUAGES:
        raise InvalidRequest(f"language = {wanted.language!r}: known: {', '.join(LANGUAGES)}")
    browser = subscriptions.check(Subscription(wanted.endpoint, wanted.keys.p256dh, wanted.keys.auth), settings.services)
    return PushOut(id=subscriptions.put(services.records, browser, settings.name, code, wanted.fields, wanted.language, now_ms()))


@router.delete("/{name}", status_code=204)
def unsubscribe(services: ServicesDep, name: str) -> None:
    """Tell this browser nothing more."""
    subscriptions.remove(services.records, name)


def _found(services: Services) -> Push | None:
    return next((each for each in services.config.channel if isinstance(each, Push)), None)


def _settings(services: Services) -> Push:
    found = _found(services)
    if found is None:
        raise NotFound("this cloud sends no web push: cloud.toml has no [[channel]] of kind push")
    return found
