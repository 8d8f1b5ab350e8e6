"""Trees and kiosks: registrations out of the events of packs, and the document by which a kiosk checks trees and pledges without a line.

The document ``trees`` of a village: ``codes`` with ``statuses`` (a letter each, in the same order: d, h, t, m, g for diganti), ``pledges``
(code, last day, letter's name, whether it is kept), ``plots``, ``species``, ``standing`` and the ``policy`` in force. No person is in it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import structlog
from kampung_contract.errors import InvalidEvent, KampungError, StorageUnavailable
from kampung_contract.planting import TYPE, parse_event
from kampung_contract.times import text
from sqlalchemy import func, select

from kampung_cloud.api.services import Services
from kampung_cloud.gate.catalogue import catalogue
from kampung_cloud.gate.policy import Policy, load_policy
from kampung_cloud.keyed import Hashes
from kampung_cloud.local_day import day_of
from kampung_cloud.modules.trees.observing import Person
from kampung_cloud.modules.trees.photos import PhotoFolder
from kampung_cloud.modules.trees.register import Planting, Register
from kampung_cloud.modules.trees.species import species
from kampung_cloud.modules.trees.standing import standings, total
from kampung_cloud.records.models import EventRow, NodeRow
from kampung_cloud.records.tree_models import TreePledgeRow, TreePlotRow, TreeRefusalRow, TreeRow

log = structlog.get_logger()

KEY = "trees"
LOOK_BACK_MS = 8 * 24 * 3_600_000
"""By the time it was received: so long this process may have been away."""
LETTERS = {"ditanam": "d", "hidup": "h", "tumbuh": "t", "mati": "m", "diganti": "g"}
MOST_CODES = 20_000
"""Of one village, 250 kB: the newest stay, and the document says that some are missing."""


def publish(services: Services, now: int) -> None:
    """Take what came, and tell the villages of which something is new. Raises ``StorageUnavailable``."""
    take(services, now)
    for village, state in _states(services).items():
        known = services.contents.get(village, KEY)
        if known is None or known.document.get("state") != state:
            services.contents.put(village, KEY, document(services, village, state, now))


def take(services: Services, now: int) -> int:
    """Registrations from kiosks that were not taken yet. One that cannot be is kept as refused, with the reason."""
    since = now - LOOK_BACK_MS
    with services.records.session() as session:
        query = select(EventRow).where(EventRow.type == TYPE, EventRow.received >= since).order_by(EventRow.received)
        events = [(f"{r.node}/{r.epoch}/{r.seq}/{r.position}", r.village, r.body) for r in session.scalars(query)]
        if not events:
            return 0
        taken = set(session.scalars(select(TreeRow.event).where(TreeRow.source == "kiosk", TreeRow.at >= since)))
        taken |= set(session.scalars(select(TreeRefusalRow.event).where(TreeRefusalRow.at >= since)))
    fresh = [event for event in events if event[0] not in taken]
    for name, village, body in fresh:
        _one(services, name, village, body, now)
    return len(fresh)


def _one(services: Services, name: str, village: str, body: dict[str, Any], now: int) -> None:
    try:
        said = parse_event(body)
        if said is None:
            raise InvalidEvent(f"not a {TYPE} event")
        planter = Person(phone=Hashes(services.config.data).phone(said.phone), name=said.by)
        planting = Planting(
            event=name, code=said.code, village=village, species=said.species, planted=date.fromisoformat(said.planted), planter=planter,
            source="kiosk", public=said.public, height=said.height, plot=said.plot, replaces=said.replaces,
        )  # fmt: skip
        Register(services.records, PhotoFolder(services.config.data)).put(planting, None, None, now, day_of(now))
    except StorageUnavailable:
        raise
    except (KampungError, ValueError) as error:
        why = getattr(error, "message", str(error))
        log.warning("a tree from a kiosk was refused", event_name=name, reason=why)
        with services.records.session() as session:
            session.add(TreeRefusalRow(event=name, village=village, why=why[:400], at=now))


def document(services: Services, village: str, state: str, now: int) -> dict[str, Any]:
    """What its kiosks are told."""
    with services.records.session() as session:
        query = select(TreeRow.code, TreeRow.status).where(TreeRow.village == village).order_by(TreeRow.at.desc()).limit(MOST_CODES)
        trees = session.execute(query).all()
        plots = [{"id": p.id, "name": p.name} for p in session.scalars(select(TreePlotRow).where(TreePlotRow.village == village))]
        pledges = [
            {"code": p.code, "due": p.due, "letter": _letter(p.service), "kept": bool(p.tree)}
            for p in session.scalars(select(TreePledgeRow).where(TreePledgeRow.village == village).order_by(TreePledgeRow.at))
        ]
    return {
        "state": state, "address": services.config.open_data.url.rstrip("/"), "made": text(now),
        "codes": [code for code, _ in trees], "statuses": "".join(LETTERS[s] for _, s in trees),
        "pledges": pledges, "plots": plots, "species": [{"name": s.name, "title": s.title} for s in species().values()],
        "standing": total(standings(services.records, "village", village)).shown(), "policy": policy_shown(services, now),
    }  # fmt: skip


def policy_shown(services: Services, now: int) -> dict[str, Any] | None:
    """The policy in force today, in short."""
    file = services.config.gate.policy
    found: Policy | None = load_policy(file) if file is not None else None
    if found is None or not found.in_force(day_of(now)):
        return None
    letters = [found.service(name).title for name in found.services]
    return {"title": found.title, "decree": found.decree, "dated": found.dated.isoformat(), "grace_days": found.grace_days,
            "letters": letters, "binding": found.binding}  # fmt: skip


def _letter(service: str) -> str:
    known = catalogue().get(service)
    return known.title if known is not None else service


def _states(services: Services) -> dict[str, str]:
    """What the document of each village with a kiosk or trees would be made of, in a few characters."""
    policy = services.config.gate.policy
    mark = str(policy.stat().st_mtime_ns) if policy is not None and policy.exists() else ""
    with services.records.session() as session:
        villages = set(session.scalars(select(NodeRow.village).distinct()))
        parts: dict[str, list[str]] = {}
        for kind, row, changed in (
            ("p", TreePlotRow, TreePlotRow.at),
            ("j", TreePledgeRow, TreePledgeRow.changed),
            ("t", TreeRow, TreeRow.changed),
        ):
            for village, count, newest in session.execute(select(row.village, func.count(), func.max(changed)).group_by(row.village)):
                parts.setdefault(village, []).append(f"{kind}{count}.{newest}")
    return {village: "/".join([mark, *parts.get(village, [])]) for village in villages | set(parts)}
