"""The ``[[channel]]`` tables of the configuration file: one model a kind. Secrets may stand in a file of their own: ``file:NAME``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from kampung_contract.errors import KampungError
from kampung_contract.villages import village
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo, model_validator

from kampung_cloud.channels.channel import Rate

SECRETS = frozenset({"token", "password", "inbound_token", "app_secret", "verify_token", "service"})
"""Keys whose values are never shown."""
FILE = "file:"


def _secret(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    if value.startswith(FILE):
        path = Path(value.removeprefix(FILE))
        folder = (info.context or {}).get("folder")
        try:
            value = (folder / path if folder else path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise ValueError(f"{path} cannot be read: {why}; put the secret into that file, and nothing else") from None
    if not value or not value.isprintable() or value != value.strip():
        raise ValueError("expected the secret in one line, or file:NAME of a file that holds it")
    return value


Secret = Annotated[SecretStr, BeforeValidator(_secret)]


def _http(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or not value.isascii() or " " in value:
        raise ValueError("expected http://HOST/PATH or https://HOST/PATH, without a name or password in it")
    _ = parts.port
    return value


def _mail(value: str) -> str:
    from kampung_cloud.channels.mail import is_address

    if not is_address(value):
        raise ValueError("expected an e-mail address, as peringatan@banyuwangi.example")
    return value


def _place(code: str) -> str:
    try:
        return village(code).code
    except KampungError as error:
        raise ValueError(error.message) from None


Url = Annotated[str, Field(max_length=500), AfterValidator(_http)]


class _Channel(BaseModel):
    """At most ``per_minute`` messages, ``parallel`` at once; ``tries`` at an address before the next one's turn; ``timeout`` in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    per_minute: Annotated[float, Field(gt=0, le=600_000)] | None = None
    parallel: Annotated[int, Field(ge=1, le=32)] = 4
    tries: Annotated[int, Field(ge=1, le=20)] = 4
    timeout: Annotated[float, Field(ge=0.5, le=30)] = 10.0

    def rates(self) -> tuple[Rate, ...]:
        """What the table says."""
        return () if self.per_minute is None else (Rate(self.per_minute, 60.0, burst=max(1, round(self.per_minute / 60))),)


class Webhook(_Channel):
    """``token`` goes along as ``Authorization: Bearer …``; answers come to ``/api/v1/channels/NAME/inbound`` with ``inbound_token``."""

    kind: Literal["webhook"]
    url: Url
    token: Secret | None = None
    inbound_token: Secret | None = None


class Email(_Channel):
    """An SMTP server that takes mail for everybody. ``ca_file``: an authority of its own."""

    kind: Literal["email"]
    host: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^\S+$")]
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    sender: Annotated[str, AfterValidator(_mail)]
    sender_name: Annotated[str, Field(max_length=100)] = "Smart Kampung"
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.username is None) != (self.password is None):
            missing = "password" if self.password is None else "username"
            raise ValueError(f"{missing} is missing; give username and password, or neither")
        if self.password is not None and self.security == "none" and self.host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("security = 'none' would send the password for everybody to read; use 'starttls' or 'tls'")
        return self


ChannelConfig = Annotated[Webhook | Email, Field(discriminator="kind")]
KINDS: dict[str, type[BaseModel]] = {"email": Email, "webhook": Webhook}


def check_names(channels: tuple[Any, ...]) -> None:
    """That no name comes twice. Raises ``ValueError``."""
    seen: set[str] = set()
    for channel in channels:
        if channel.name in seen:
            raise ValueError(f"two [[channel]] tables have the name {channel.name!r}; give each its own")
        seen.add(channel.name)
