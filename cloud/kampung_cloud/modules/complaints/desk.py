"""What the routes and the minute's pass work with."""

from __future__ import annotations

from kampung_cloud.api.services import Services
from kampung_cloud.calendar import Calendar, configured
from kampung_cloud.health import now_ms
from kampung_cloud.modules.complaints.book import Book
from kampung_cloud.sealing import Keyring


def calendar(services: Services) -> Calendar:
    """The office's working days."""
    return configured(services.config.data, services.config.services.holidays)


def ring(services: Services) -> Keyring:
    """The keys of what is sealed."""
    return Keyring.open_at(services.config.data, now_ms())


def book(services: Services) -> Book:
    """The book of complaints."""
    return Book(services.records, calendar(services), ring(services))
