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
    """A working sensor moves by ``change`` within ``seconds``, unless all its values lie within ``but``, ends included: else it is suspect,
    and after ``fail`` seconds broken.
    """

    seconds: Positive
    change: Positive
    but: tuple[Finite, Finite] | None = None
    fail: Positive | None = None

    @model_validator(mode="after")
    def _later(self) -> StillSetting:
        if self.fail is not None and self.fail < self.seconds:
            raise ValueError(
                f"still: fail = {self.fail:g} comes before seconds = {self.seconds:g}; a sensor is suspect first and broken later"
            )
        return self


class SpikeSetting(_Model):
    """A reading that is further than ``suspect`` from the one before and the one after, both on the same side and at most ``within``
    seconds away, is suspect; further than ``fail``, it fails.
    """

    suspect: Positive
    within: Positive
    fail: Positive | None = None

    @model_validator(mode="after")
    def _further(self) -> SpikeSetting:
        if self.fail is not None and self.fail < self.suspect:
            raise ValueError(f"spike: fail = {self.fail:g} is nearer than suspect = {self.suspect:g}; give a larger one")
        return self


class CheckSetting(_Model):
    """Instead of the catalogue's numbers, for this device: ``range`` [lowest, highest], outside of which a reading fails; ``usual``,
    outside of which it is suspect; ``rate`` [[seconds, change], …], ``spike`` and ``still``. ``source`` says where the numbers come from.

    ``rate = []``, ``usual = false``, ``spike = false`` and ``still = false`` check nothing.
    """

    range: tuple[Finite, Finite] | None = None
    usual: tuple[Finite, Finite] | Literal[False] | None = None
    rate: tuple[tuple[Positive, Positive], ...] | None = None
    spike: SpikeSetting | Literal[False] | None = None
    still: StillSetting | Literal[False] | None = None
    source: str = Field(default="", max_length=300)

    @model_validator(mode="after")
    def _sane(self) -> CheckSetting:
        for key, span in (("range", self.range), ("usual", self.usual)):
            if span and span[0] >= span[1]:
                raise ValueError(f"{key} = {list(span)} is empty; give [lowest, highest]")
        if self.range and self.usual and not (self.range[0] <= self.usual[0] and self.usual[1] <= self.range[1]):
            raise ValueError(f"usual = {list(self.usual)} reaches out of range = {list(self.range)}; what is usual must be possible")
        for (before, less), (after, more) in itertools.pairwise(self.rate or ()):
            if before >= after or less > more:
                raise ValueError(
                    f"rate: [{after:g}, {more:g}] after [{before:g}, {less:g}]; longer times come later and allow no less change"
                )
        if (self.range or self.usual or self.rate or self.spike or self.still) and len(self.source.strip()) < 3:
            raise ValueError('source is missing; say where these numbers come from, such as source = "bank heights, survey of 3 May 2026"')
        return self
