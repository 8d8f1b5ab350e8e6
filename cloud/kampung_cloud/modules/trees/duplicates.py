"""Whether a photo is there already, the same or nearly, of any tree."""

from __future__ import annotations

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from kampung_cloud.modules.trees.photos import ReadPhoto
from kampung_cloud.modules.trees.thresholds import Thresholds
from kampung_cloud.records.tree_models import TreePhotoRow


def find_alike(session: Session, photo: ReadPhoto, by: Thresholds) -> tuple[str, str] | None:
    """The photo's SHA-256 and tree where one is the same, or differs by few bits of 256; None for a new one.

    All photos that count are compared: 32 bytes each, so a hundred thousand are three megabytes.
    """
    same = session.get(TreePhotoRow, photo.sha)
    if same is not None and same.counts:
        return same.sha, same.tree
    rows = session.execute(select(TreePhotoRow.hash, TreePhotoRow.sha, TreePhotoRow.tree).where(TreePhotoRow.counts)).all()
    if not rows or photo.quality < by.photo_quality:
        return None
    known = np.frombuffer(b"".join(row[0] for row in rows), dtype=np.uint64).reshape(len(rows), 4)
    least = np.full(len(rows), 256, dtype=np.int64)
    for one in photo.hashes:
        mine = np.frombuffer(one, dtype=np.uint64)
        least = np.minimum(least, np.bitwise_count(known ^ mine).sum(axis=1, dtype=np.int64))
    best = int(least.argmin())
    return (rows[best][1], rows[best][2]) if least[best] <= by.photo_distance else None
