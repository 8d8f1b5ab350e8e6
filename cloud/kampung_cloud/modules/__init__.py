"""The domains. Adding one touches its folder, this tuple and its screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kampung_cloud.calculator import Calculator
from kampung_cloud.module import Module
from kampung_cloud.modules.complaints import Complaints
from kampung_cloud.modules.environment import Environment
from kampung_cloud.modules.farming import Farming
from kampung_cloud.modules.feedback import Feedback
from kampung_cloud.modules.population import Population
from kampung_cloud.modules.queueing import Queueing
from kampung_cloud.modules.reports import Reports
from kampung_cloud.modules.rivers import Rivers
from kampung_cloud.modules.services import PublicServices
from kampung_cloud.modules.trees import Trees
from kampung_cloud.modules.waterquality import WaterQuality

if TYPE_CHECKING:
    from kampung_cloud.breach.source import Source
    from kampung_cloud.resealing import Held
    from kampung_cloud.retention.kind import Kind
    from kampung_cloud.words.book import Book

MODULES: tuple[Module, ...] = (
    Farming(),
    Environment(),
    WaterQuality(),
    Trees(),
    Reports(),
    PublicServices(),
    Feedback(),
    Complaints(),
    Queueing(),
    Rivers(),
    Population(),
)


def calculators() -> tuple[Calculator[Any], ...]:
    """Those of all modules, by name."""
    return tuple(sorted((c for module in MODULES for c in module.calculators), key=lambda c: c.name))


def kept() -> tuple[Held, ...]:
    """Everything with sealed fields: what a change of keys has to go through."""
    from kampung_contract.complaint import TYPES
    from kampung_contract.service_request import TYPE

    from kampung_cloud.breach.book import KEPT as BREACHES
    from kampung_cloud.modules.complaints.models import KEPT as COMPLAINTS
    from kampung_cloud.modules.reports.models import KEPT as REPORTS
    from kampung_cloud.modules.services.models import KEPT as REQUESTS
    from kampung_cloud.refused_events import RefusedEvents
    from kampung_cloud.residents.sealed import KEPT as RESIDENTS
    from kampung_cloud.roll.pins import KEPT as PINS

    return (*RESIDENTS, *REQUESTS, *REPORTS, *COMPLAINTS, *PINS, *BREACHES, RefusedEvents((TYPE, *TYPES)))


def ageing() -> tuple[Kind, ...]:
    """Everything that is kept for a time and then destroyed (``retention``)."""
    from kampung_contract import citizen, farm_field, farming, planting, service_request
    from kampung_contract.complaint import TYPES

    from kampung_cloud.modules.complaints.ageing import Suggestions, Words, Writers
    from kampung_cloud.modules.farming.ageing import GivenUpFields, LeafPhotos
    from kampung_cloud.modules.reports.ageing import ReporterContacts, ReportWords
    from kampung_cloud.modules.services.ageing import LetterTexts, Requests
    from kampung_cloud.modules.trees.ageing import Planters, TreePhotos
    from kampung_cloud.residents.ageing import DataRequests
    from kampung_cloud.sent_events import SentEvents

    sent = SentEvents((farming.TYPE, farm_field.TYPE, planting.TYPE), (service_request.TYPE, citizen.TYPE, *TYPES))
    return (
        Requests(), LetterTexts(), ReporterContacts(), ReportWords(), Writers(), Words(), Suggestions(), LeafPhotos(), GivenUpFields(),
        TreePhotos(), Planters(), sent, DataRequests(),
    )  # fmt: skip


def concerned() -> tuple[Source, ...]:
    """Where those whose data got out are found (``breach``)."""
    from kampung_cloud.modules.services.concerned import Applicants
    from kampung_cloud.residents.concerned import Readings, Register

    return (Readings(), Applicants(), Register())


def shelves() -> dict[str, Mapping[str, Book]]:
    """The message files of modules that speak to people themselves, by module."""
    from kampung_cloud.modules.farming.advice.words import sentences

    return {"farming": sentences()}
