"""The tables ``[cap]`` and ``[bmkg]`` of the configuration file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

ADDRESS = r"^(https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+)?$"
UNSET = "smart-kampung.invalid"
"""A name that nobody can have (RFC 2606)."""
TRIAL = "Uji coba Smart Kampung; bukan peringatan, jangan disebarkan"


def _sender(value: str) -> str:
    bad = next((c for c in value if c.isspace() or not c.isprintable() or c in ",<&"), None)
    if bad is not None or not value:
        raise ValueError(f"has {bad!r} in it; no blank, comma, < or & may stand in it" if bad else "expected an office's name or address")
    return value


def _feed(value: str) -> str:
    if value:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ValueError("expected https://HOST/PATH")
        _ = parts.port
    return value


class Cap(BaseModel):
    """How alarms are told as CAP. Test and Restricted until BPBD has agreed to more.

    ``sender`` is unique in the world, as a mail address or a host name; ``restriction`` says whom a Restricted alert is for;
    ``url`` is where readers reach the cloud, where that is not the address they ask. ``exercises`` names rules (``*`` for the rest of a
    name) whose alarms are drills; ``ispu`` gives for a rule about air the ISPU it stands for, so that its band decides the severity.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sender: Annotated[str, Field(max_length=200), AfterValidator(_sender)] = UNSET
    sender_name: Annotated[str, Field(min_length=1, max_length=200)] = "Smart Kampung Banyuwangi (uji coba)"
    contact: Annotated[str, Field(max_length=200)] = ""
    web: Annotated[str, Field(pattern=ADDRESS, max_length=500)] = ""
    status: Literal["Actual", "Exercise", "Test"] = "Test"
    scope: Literal["Public", "Restricted"] = "Restricted"
    restriction: Annotated[str, Field(max_length=500)] = TRIAL
    url: Annotated[str, Field(pattern=ADDRESS, max_length=500)] = ""
    exercises: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    ispu: dict[str, Annotated[int, Field(ge=101)]] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.status == "Actual":
            if self.sender == UNSET:
                raise ValueError("status = 'Actual' needs a sender: an address of the office that answers for it, as bpbd@…")
            for name in ("sender_name", "contact"):
                if name not in self.model_fields_set or not getattr(self, name).strip():
                    raise ValueError(f"status = 'Actual' needs {name}: who is warned must know who warns and whom to call")
            if self.scope == "Restricted" and "restriction" not in self.model_fields_set:
                raise ValueError("status = 'Actual' and scope = 'Restricted' need restriction: say whom the alerts are for")
        if self.scope == "Public" and "restriction" in self.model_fields_set:
            raise ValueError("restriction is for scope = 'Restricted' only; remove it, or change the scope")
        if self.scope == "Restricted" and not self.restriction.strip():
            raise ValueError("scope = 'Restricted' needs restriction: say whom the alerts are for")
        return self

    def check_rules(self, rules: Iterable[str]) -> None:
        """That every rule named here is there. Raises ``ValueError``."""
        known = list(rules)
        for key, names in (("exercises", self.exercises), ("ispu", tuple(self.ispu))):
            lost = next((n for n in names if not any(_fits(rule, n) for rule in known)), None)
            if lost is not None:
                raise ValueError(f"cap.{key} names {lost!r}, and no [[rule]] has that id; correct it or remove it")

    def drill(self, rule: str) -> bool:
        """Whether that rule's alarms are drills."""
        return any(_fits(rule, name) for name in self.exercises)


def _fits(rule: str, name: str) -> bool:
    return rule == name or (name.endswith("*") and rule.startswith(name[:-1]))


class Bmkg(BaseModel):
    """BMKG's warnings are read where ``url`` names their RSS feed (https://www.bmkg.go.id/alerts/nowcast/id); off without it.

    ``every`` in seconds; BMKG allows 60 requests a minute, ``per_minute`` is what we take of them at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(max_length=500), AfterValidator(_feed)] = ""
    every: Annotated[int, Field(ge=60, le=3_600)] = 300
    per_minute: Annotated[int, Field(ge=1, le=60)] = 30
