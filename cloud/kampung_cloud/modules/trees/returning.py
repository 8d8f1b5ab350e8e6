"""A photo whose file was destroyed, or is to be, and that is sent again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kampung_cloud.modules.trees.photos import PhotoFolder, ReadPhoto, path_of
from kampung_cloud.records.tree_models import TreePhotoRow
from kampung_cloud.retention.discarding import wanted_again


def taken_back(session: Session, row: TreePhotoRow, folder: PhotoFolder, photo: ReadPhoto, now: int) -> None:
    """In the caller's transaction: it is here again, and its time begins anew. Does nothing for one that never went.

    Written once more, after whoever removes the old one has had his turn: he may have taken the one that the caller wrote, too.
    Raises ``StorageUnavailable``.
    """
    if row.kept:
        return
    row.kept, row.at = True, now
    wanted_again(session, path_of(photo.sha))  # waits for a removal that is under way; from here on there is none
    folder.keep(photo)
