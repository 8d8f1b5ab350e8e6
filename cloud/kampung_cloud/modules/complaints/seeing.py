"""Who sees which complaint, and who works on it.

The village's staff see their village's, but for those that go past them. The regency's inspectors see all, and alone read who wrote what
is kept from the office. A program's token reads nobody's name: whoever does is a person with an account.
"""

from __future__ import annotations

from kampung_contract.errors import Forbidden, NotFound

from kampung_cloud.access.actor import Actor
from kampung_cloud.modules.complaints.models import ComplaintRow
from kampung_cloud.modules.complaints.status import Act, Office, possible


def inspects(actor: Actor) -> bool:
    """Whether he is the regency's inspector; one of a village there is none."""
    return actor.may("inspektur", None)


def require(actor: Actor, row: ComplaintRow) -> None:
    """Raise ``NotFound`` for what is not his to see: another village's and what goes past his own, which nobody can so tell apart."""
    works_here = actor.may("petugas", row.village) or actor.may("kades", row.village)
    if not inspects(actor) and (row.past or not works_here):
        raise absent(row.id)


def acts(actor: Actor, row: ComplaintRow) -> list[Act]:
    """What he may do now: with what his own office has. An inspector may take any over."""
    found = possible(row.state, "office", office=row.office, objected=row.objected)
    mine: Office = "inspectorate" if inspects(actor) else "village"
    if row.office == mine:
        return found
    return [act for act in found if act == "forward"] if mine == "inspectorate" else []


def require_act(actor: Actor, row: ComplaintRow, act: Act) -> None:
    """Raise ``Forbidden`` where it is another office's to do; what the state forbids, the book says."""
    if act in possible(row.state, "office", office=row.office, objected=row.objected) and act not in acts(actor, row):
        raise Forbidden(f"complaint {row.id} is with {row.office}; {actor.id} can read it and not lead it on")


def reads_writer(actor: Actor, row: ComplaintRow) -> bool:
    """Whether he may read who wrote it."""
    if row.writer is None or actor.session is None:
        return False
    return inspects(actor) or (row.known == "office" and not row.past)


def absent(number: int) -> NotFound:
    """For what is not there, and for what he is not to know of."""
    return NotFound(f"no complaint {number}; GET /api/v1/complaints lists them")
