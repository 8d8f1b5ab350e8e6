"""Public services: from the kiosk to a signed letter in ten minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kampung_cloud.module import Document, Norm

if TYPE_CHECKING:
    from fastapi import APIRouter

    from kampung_cloud.api.services import Services
    from kampung_cloud.calculator import Calculator
    from kampung_cloud.messages.digest import Advice
    from kampung_cloud.records import Records
    from kampung_cloud.regency.layer import Layer
    from kampung_cloud.regency.section import Section


class PublicServices:
    """The module."""

    name = "services"
    title = "Layanan publik"
    layers: tuple[Layer, ...] = ()
    sections: tuple[Section, ...] = ()
    calculators: tuple[Calculator[Any], ...] = ()

    @property
    def router(self) -> APIRouter:
        """Catalogue, requests, letters, their codes."""
        from kampung_cloud.modules.services.api import router

        return router

    @property
    def documents(self) -> Sequence[Document]:
        """What the kiosks offer, and how their requests stand; what they sent is taken in on the way."""
        requests = Document("requests", "Status permohonan", _tell, closed=True)
        letters = Document("letters", "Surat yang dicetak di kios", _print, hurried=True, closed=True)
        return (Document("services", "Layanan", _offer), requests, Document("roll", "Daftar PIN kios", _roll, closed=True), letters)

    @property
    def rules(self) -> Sequence[Norm]:
        """What it judges by."""
        from kampung_cloud.modules.services.norms import norms

        return norms()

    def advice(self, records: Records) -> Sequence[Advice]:
        """Nothing for the morning's digest."""
        return ()


def _offer(services: Services, now: int) -> None:
    from kampung_cloud.modules.services.kiosks import offer

    offer(services, now)


def _roll(services: Services, now: int) -> None:
    from kampung_cloud.modules.services.rolling import publish

    publish(services, now)


def _print(services: Services, now: int) -> None:
    from kampung_cloud.modules.services.kiosk_letters import answer

    answer(services, now)


def _tell(services: Services, now: int) -> None:
    from kampung_cloud.modules.services.kiosks import take_in, tell

    take_in(services, now)
    tell(services, now)
