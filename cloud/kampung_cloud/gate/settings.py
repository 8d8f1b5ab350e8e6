"""``[gate]`` in cloud.toml."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class GateSettings(BaseModel):
    """``policy``: a file beside cloud.toml (docs/trees.md shows one), or none, and then no letter asks for a tree."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Path | None = None
