"""Accounts and sessions, as the API takes and gives them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kampung_cloud.access.actor import Role

AccountId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{2,62}$", description="Such as siti.aminah")]
Secret = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LoginIn(_In):
    """An account and its password."""

    account: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00]+$")]
    password: Secret


class ActorOut(BaseModel):
    """Who is logged in. ``village`` is null for the whole regency; ``temporary``: the password is to be changed first."""

    id: str
    name: str
    roles: list[Role]
    village: str | None
    village_name: str | None
    village_type: str | None
    temporary: bool


class WhoOut(BaseModel):
    """Null where nobody is logged in."""

    actor: ActorOut | None


class PasswordIn(_In):
    """The old password, and the new one twice as long as one thinks."""

    old: Secret
    new: Secret


class HelperPinIn(_In):
    """Another PIN by which to help somebody at a kiosk; ``password``: the account's, so that it is he."""

    password: Secret
    pin: Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")]


class HelperPinOut(BaseModel):
    """Whether he has one."""

    there: bool


class SessionOut(BaseModel):
    """A browser that is logged in; ``this``: the one that asks. ``key`` names it."""

    key: str
    begun: str
    last: str
    ends: str
    address: str
    agent: str
    this: bool


class AccountIn(_In):
    """A new account. Its password is temporary: it is changed at the first login, unless ``temporary`` is false."""

    id: AccountId
    name: Annotated[str, Field(min_length=1, max_length=80)]
    roles: Annotated[list[Role], Field(min_length=1)]
    village: Annotated[str | None, Field(max_length=40)] = None
    password: Secret
    temporary: bool = True


class AccountChangeIn(_In):
    """What is to be another; what is left out stays."""

    name: Annotated[str | None, Field(min_length=1, max_length=80)] = None
    roles: Annotated[list[Role] | None, Field(min_length=1)] = None
    active: bool | None = None


class AccountPasswordIn(_In):
    """A new password for somebody, who changes it at his next login."""

    password: Secret
    temporary: bool = True


class AccountOut(BaseModel):
    """An account; ``created`` in WIB."""

    id: str
    name: str
    roles: list[Role]
    village: str | None
    temporary: bool
    active: bool
    created: str
