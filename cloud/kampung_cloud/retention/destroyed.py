"""By which certificate something was destroyed: what pages say in its place."""

from __future__ import annotations

from sqlalchemy import Select, select

from kampung_cloud.records import Records
from kampung_cloud.records.retention_models import DestructionItemRow, DestructionRow


def destroyed(village: str, kind: str, subject: str) -> Select[str]:
    """Numbers of the certificates by which it was, the last first."""
    item = DestructionItemRow
    return (
        select(DestructionRow.number)
        .join(item, item.destruction == DestructionRow.id)
        .where(DestructionRow.village == village, item.kind == kind, item.subject == subject, item.done)
        .order_by(DestructionRow.n.desc())
    )


def certificate_of(records: Records, village: str, kind: str, subject: str) -> str | None:
    """Number of the certificate, None for what was never destroyed. Raises ``StorageUnavailable``."""
    with records.session() as session:
        return session.scalar(destroyed(village, kind, subject).limit(1))
