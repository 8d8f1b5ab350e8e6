"""What the edge's file may say of quality control: ``[port.device.check.QUANTITY]``."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StillSetting(_Model):
    """A working sensor moves by ``change`` within ``seconds``, unless all its values lie within ``but``, ends included."""

    seconds: Positive
    change: Positive
    but: tuple[Finite, Finite] | None = None


class CheckSetting(_Model):
    """Instead of the catalogue's numbers, for this device: ``range`` [lowest, highest], outside of which a reading fails; ``rate``
    [[seconds, change], …] and ``still``, beyond which it is suspect. ``rate = []`` and ``still = false`` check nothing.
    """

    range: tuple[Finite, Finite] | None = None
    rate: tuple[tuple[Positive, Positive], ...] | None = None
    still: StillSetting | Literal[False] | None = None

    @model_validator(mode="after")
    def _sane(self) -> CheckSetting:
        if self.range is not None and self.range[0] >= self.range[1]:
            raise ValueError(f"range = {list(self.range)} is empty; give [lowest, highest]")
        for (before, less), (after, more) in itertools.pairwise(self.rate or ()):
            if before >= after or less > more:
                raise ValueError(
                    f"rate: [{after:g}, {more:g}] after [{before:g}, {less:g}]; longer times come later and allow no less change"
                )
        return self
