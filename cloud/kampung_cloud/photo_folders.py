"""Folders of pictures below the data folder. A file in them never changes; backups take it along, retention removes it."""

from __future__ import annotations

FARMS = "farm-photos"
TREES = "tree-photos"
PHOTOS = (FARMS, TREES)
