"""``[volcano]`` of the cloud's configuration; here, since modules are not imported by it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _service(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or value.endswith("/")):
        raise ValueError("expected https://host without a path's end and a query, as https://magma.esdm.go.id")
    return value


class Volcano(BaseModel):
    """A volcano by PVMBG's code, and the villages (Kemendagri codes, or beginnings of them) that are told of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    villages: tuple[Annotated[str, Field(pattern=r"^35\.10(\.\d\d(\.\d{4})?)?$")], ...] = ("35.10",)

    def concerns(self, village: str) -> bool:
        """Whether a village is told of it."""
        return any(village.startswith(begin) for begin in self.villages)


class VolcanoSettings(BaseModel):
    """``url`` names MAGMA Indonesia (https://magma.esdm.go.id); without it nothing is asked and nothing relayed.

    It is asked every ``every`` seconds. A notice older than ``stale_hours`` is shown as old.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(max_length=200), AfterValidator(_service)] = ""
    every: Annotated[int, Field(ge=300, le=86_400)] = 1_800
    stale_hours: Annotated[int, Field(ge=6, le=720)] = 48
    simulated: bool = False
    """Whether ``url`` is a simulator: then everything that comes from it says so."""
    watch: tuple[Volcano, ...] = (Volcano(code="IJE", name="Ijen"), Volcano(code="RAU", name="Raung"))
