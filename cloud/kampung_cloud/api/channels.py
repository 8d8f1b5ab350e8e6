"""Channels: how they do, what was delivered, and what people answer."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from kampung_contract.errors import InvalidRequest, NotFound, TooMuch
from starlette.concurrency import run_in_threadpool

from kampung_cloud.api.errors import Error
from kampung_cloud.api.schemas_channels import ChannelOut, DeliveryOut, InboundOut, TestIn, TestOut
from kampung_cloud.api.services import Services, ServicesDep, authorised
from kampung_cloud.bus import Event
from kampung_cloud.channels import inbound, listing
from kampung_cloud.channels.answering import answer
from kampung_cloud.channels.choice import addresses, masked
from kampung_cloud.channels.inbound import Inbound
from kampung_cloud.handling import telling
from kampung_cloud.health import now_ms
from kampung_cloud.letters import Letter, Letters
from kampung_cloud.records.message_models import MessageRow, PersonRow
from kampung_cloud.words import Saying, render

router = APIRouter(tags=["messages"])

TEST_MS = 3_600_000
WRONG: dict[int | str, dict[str, Any]] = {401: {"model": Error, "description": "A token or secret is missing or wrong"}}
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@router.get("/channels", response_model=list[ChannelOut])
def channels(services: ServicesDep) -> list[dict[str, Any]]:
    """Every configured channel: whether it is up, its limits, how much waits for it."""
    return listing.channels(services.sender, services.records)


@router.get("/messages/{number}/deliveries", response_model=list[DeliveryOut])
def deliveries(services: ServicesDep, number: str) -> list[dict[str, Any]]:
    """Every attempt to deliver a message, the first first."""
    return listing.deliveries(services.records, number)


@router.post("/channels/{name}/test", status_code=202, response_model=TestOut, dependencies=[Depends(authorised)], responses=WRONG)
def test(services: ServicesDep, name: str, wanted: TestIn) -> TestOut:
    """Send somebody a message that says it is a trial, through this channel first. What became of it, its deliveries tell."""
    _settings(services, name)
    now = now_ms()
    with services.records.session() as session:
        person = session.get(PersonRow, wanted.person)
        if person is None:
            raise NotFound(f"person {wanted.person!r} is not here; GET /api/v1/people lists who is")
        if all(a.channel != name for a in addresses(person.addresses)):
            raise InvalidRequest(f"person {wanted.person!r} has no address on {name!r}; give one first")
        said = render(Saying("test", (), person.village), person.language)
        number = hashlib.sha256(f"test/{name}/{person.id}/{now}".encode()).hexdigest()
        row = MessageRow(
            id=number, person=person.id, village=person.village, kind="test", group=f"test/{person.id}", alarms=[], severity=1,
            about="other", language=person.language, title=said.title, text=said.text, short=said.short, code="", created=now, due=now,
            expires=now + TEST_MS, state="waiting", channel=name,
        )  # fmt: skip
        session.add(row)
        village = person.village
    services.bus.publish(Event("message", village, {}))
    return TestOut(message=number)


@router.get("/channels/{name}/inbound", response_class=Response, responses={200: {"content": {"text/plain": {}}}, **WRONG})
def verify(services: ServicesDep, name: str, request: Request) -> Response:
    """WhatsApp asks here whether the address is ours."""
    return Response(inbound.verified(_settings(services, name), dict(request.query_params)), media_type="text/plain")


@router.post("/channels/{name}/inbound", response_model=InboundOut, responses=WRONG, openapi_extra=BODY)
async def answered(services: ServicesDep, name: str, request: Request) -> InboundOut:
    """What people answer, as the service behind the channel brings it: with its secret, in its own form."""
    settings, body = _settings(services, name), b""
    async for piece in request.stream():
        body += piece
        if len(body) > inbound.MOST_BYTES:
            raise TooMuch(f"more than {inbound.MOST_BYTES // 1024} KB; answers are short")
    said = inbound.read(settings, dict(request.headers), body)
    return await run_in_threadpool(_take, services, settings, said)


def _take(services: Services, settings: Any, said: list[Inbound]) -> InboundOut:
    unknown, village = 0, ""
    for each in said:
        with services.records.session() as session:
            done = answer(session, settings.name, settings.kind, each, now_ms())
            if done is None:
                unknown += 1
                letters = Letters(services.records, services.config.dead_letters.most, services.config.dead_letters.most_bytes)
                letters.keep(session, [_letter(settings.name, each)])
        for handling in done.handled if done is not None else []:
            services.bus.publish(telling.event(handling))
            village = handling.village
    services.bus.publish(Event("message", village, {}))
    return InboundOut(taken=len(said) - unknown, unknown=unknown)


def _letter(channel: str, said: Inbound) -> Letter:
    """Dead letters are for everybody who looks after the cloud, so the number that wrote is masked in it."""
    body = {"from": masked(said.sender), "text": said.text[:500], "id": said.id}
    detail = "nobody who was told anything has that address; add the person, or let it be"
    return Letter(f"channels/{channel}", json.dumps(body, ensure_ascii=False).encode(), "message", "unknown_sender", detail, now_ms())


def _settings(services: Services, name: str) -> Any:
    found = next((each for each in services.config.channel if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in services.config.channel)
        raise NotFound(f"no channel is named {name[:63]!r}; {f'there are {known}' if known else 'cloud.toml has no [[channel]]'}")
    return found
