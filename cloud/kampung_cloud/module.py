"""What a domain of the regency's side brings: one folder in ``modules/``, one shape (invariant: modules never import one another)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from fastapi import APIRouter

    from kampung_cloud.api.services import Services
    from kampung_cloud.calculator import Calculator
    from kampung_cloud.messages.digest import Advice
    from kampung_cloud.records import Records
    from kampung_cloud.regency.layer import Layer
    from kampung_cloud.regency.section import Section


Mark = Literal["V", "V2", "K"]


@dataclass(frozen=True, slots=True)
class Norm:
    """A number or a list of them that the module judges by. ``mark``: V read in a primary source, V2 in a
    secondary one, K well known and not re-read.

    Invariant 9: without ``source`` and ``mark`` it fails the tests.
    """

    id: str
    title: str
    value: Any
    unit: str
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Document:
    """What the module publishes to every kiosk of a village, at ``…/{desa}/all/content/{key}``.

    ``publish(services, now)`` (ms UTC) is called once a minute by one thread; it makes what is due and may raise ``StorageUnavailable``.
    ``hurried``: every two seconds, since somebody stands and waits. ``closed``: for the kiosks alone; the public API shows it to nobody.
    """

    key: str
    title: str
    publish: Callable[[Services, int], object] | None = None
    hurried: bool = False
    closed: bool = False


class Module(Protocol):
    """A domain. ``title`` is Indonesian. Nothing here reads a file or connects when it is imported; properties may, on first use."""

    @property
    def name(self) -> str:
        """As its folder: farming, environment."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def router(self) -> APIRouter | None:
        """Its routes below ``/api/v1``, or nothing."""
        ...

    @property
    def rules(self) -> Sequence[Norm]:
        """What it judges by, as data with sources."""
        ...

    @property
    def documents(self) -> Sequence[Document]:
        """What its kiosks get."""
        ...

    @property
    def calculators(self) -> Sequence[Calculator[Any]]:
        """How its numbers can be reproduced."""
        ...

    @property
    def layers(self) -> Sequence[Layer]:
        """What it shows on the regency's map; nothing, for some."""
        ...

    @property
    def sections(self) -> Sequence[Section]:
        """What it says in the monthly report; nothing, for some."""
        ...

    def advice(self, records: Records) -> Sequence[Advice]:
        """Who has something to say in people's morning digest; nobody, for most."""
        ...
