"""The table ``[messages]`` of the configuration file."""

from __future__ import annotations

from typing import Annotated, Self

from kampung_contract.errors import KampungError
from kampung_contract.villages import village
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from kampung_cloud.messages.classes import classes
from kampung_cloud.messages.phone import phone
from kampung_cloud.messages.quiet import Quiet, minute


def _time(value: str) -> str:
    minute(value)
    return value


def _phone(value: str) -> str:
    try:
        return phone(value)
    except KampungError as error:
        raise ValueError(error.message) from None


def _village(code: str) -> str:
    try:
        return village(code).code
    except KampungError as error:
        raise ValueError(error.message) from None


Time = Annotated[str, AfterValidator(_time)]
Minutes = Annotated[int, Field(ge=1, le=24 * 60)]


class Hours(BaseModel):
    """From ``from`` to ``to`` of the local day, over midnight where ``to`` is earlier."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begin: Annotated[Time, Field(alias="from")] = "21.00"
    end: Annotated[Time, Field(alias="to")] = "05.00"

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.begin == self.end:
            raise ValueError(f"from {self.begin} to {self.end} is no time at all; to do without quiet hours, give one minute of the day")
        return self


class Messages(BaseModel):
    """When people are told. ``contact`` is the number to call by village, ``regency`` the one of all others.

    ``digest`` is when farmers get their one message of the day, ``quiet`` when only what cannot wait is told. ``escalation`` gives for a
    class (acute, siaga) the minutes without an answer after which RT, village and BPBD are told, in place of those of the norm.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    contact: dict[Annotated[str, AfterValidator(_village)], Annotated[str, AfterValidator(_phone)]] = {}
    regency: Annotated[str, AfterValidator(lambda value: value and _phone(value))] = ""
    digest: Time = "05.30"
    quiet: Hours = Hours()
    escalation: dict[str, tuple[Minutes, ...]] = {}

    @model_validator(mode="after")
    def _levels(self) -> Self:
        known = {kind.name: kind for kind in classes() if kind.escalate}
        for name, minutes in self.escalation.items():
            if name not in known:
                raise ValueError(f"escalation names {name!r}; classes that are escalated: {', '.join(known)}")
            if len(minutes) != len(known[name].escalate) or sorted(set(minutes)) != list(minutes):
                named = ", ".join(level.role for level in known[name].escalate)
                raise ValueError(f"escalation.{name} = {list(minutes)}: give rising minutes for {named}")
        return self

    @property
    def hours(self) -> Quiet:
        """The norm's quiet hours, or those of the file."""
        return Quiet(minute(self.quiet.begin), minute(self.quiet.end))

    def call(self, code: str) -> str:
        """The number to call in a village; empty where none was given."""
        return self.contact.get(code, self.regency)
