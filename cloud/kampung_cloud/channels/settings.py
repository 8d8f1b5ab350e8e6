"""The ``[[channel]]`` tables of the configuration file: one model a kind. Secrets may stand in a file of their own: ``file:NAME``."""

from __future__ import annotations

import re
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


def _bot(value: SecretStr) -> SecretStr:
    if re.fullmatch(r"\d{3,20}:[\w-]{20,}", value.get_secret_value(), re.ASCII) is None:
        raise ValueError("expected a bot's token as BotFather gives it: digits, a colon, letters")
    return value


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


class Telegram(_Channel):
    """A bot. ``inbound_token`` is the ``secret_token`` of its ``setWebhook``, with which Telegram brings answers."""

    kind: Literal["telegram"]
    token: Annotated[Secret, AfterValidator(_bot)]
    api: Url = "https://api.telegram.org"
    inbound_token: Secret | None = None


class WhatsApp(_Channel):
    """A number of WhatsApp's Cloud API. ``template`` is the name of an approved one with two parameters, a title and a text.

    ``per_day``: a new number may begin 250 conversations in 24 hours. ``app_secret`` signs what comes in, ``verify_token`` is what the
    service shows when it is told of our address.
    """

    kind: Literal["whatsapp"]
    phone_id: Annotated[str, Field(pattern=r"^\d{5,20}$")]
    token: Secret
    template: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,512}$")] = ""
    template_language: Annotated[str, Field(pattern=r"^[a-z]{2}(_[A-Z]{2})?$")] = "id"
    per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 250
    api: Url = "https://graph.facebook.com/v21.0"
    app_secret: Secret | None = None
    verify_token: Secret | None = None


class Sms(_Channel):
    """A gateway: a POST of ``to_field``, ``text_field`` and, where ``sender`` is set, ``sender_field``; its answer's ``id_field`` is kept.

    ``recognises_key``: the gateway sends once what comes twice with one ``Idempotency-Key``.
    """

    kind: Literal["sms"]
    url: Url
    format: Literal["json", "form"] = "json"
    token: Secret | None = None
    header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")] = "Authorization"
    scheme: Annotated[str, Field(max_length=20)] = "Bearer"
    to_field: Annotated[str, Field(min_length=1, max_length=63)] = "to"
    text_field: Annotated[str, Field(min_length=1, max_length=63)] = "text"
    sender_field: Annotated[str, Field(min_length=1, max_length=63)] = "from"
    sender: Annotated[str, Field(max_length=20)] = ""
    id_field: Annotated[str, Field(min_length=1, max_length=63)] = "id"
    recognises_key: bool = False
    inbound_token: Secret | None = None
    per_minute: Annotated[float, Field(gt=0, le=600_000)] | None = 60


class Anything(_Channel):
    """A service of Apprise by its address, ``{to}`` where the person's stands, as ``ntfys://ntfy.example/{to}``."""

    kind: Literal["apprise"]
    service: Secret


class Output(_Channel):
    """A siren or lamp: ``output`` of a ``node`` in a ``village``, on for ``seconds`` at alarms ``about`` these, of ``least`` or more."""

    kind: Literal["output"]
    village: Annotated[str, AfterValidator(_place)]
    node: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    output: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    seconds: Annotated[int, Field(ge=1, le=3_600)] = 60
    about: tuple[Literal["flood", "landslide", "air", "heat", "water", "weather", "volcano", "other"], ...] = ("flood", "landslide")
    least: Annotated[int, Field(ge=1, le=3)] = 3


SERVICES = ("fcm.googleapis.com", "*.push.services.mozilla.com", "*.notify.windows.com", "web.push.apple.com", "*.push.apple.com")
"""Push services of Chrome, Firefox, Edge and Safari."""


class Push(_Channel):
    """Web push to the farmer's page. ``contact`` is whom a push service may ask (mailto: or https:); no other ``services`` are asked."""

    kind: Literal["push"]
    contact: Annotated[str, Field(pattern=r"^(mailto:[^@\s]+@[^@\s]+|https://\S+)$", max_length=200)]
    services: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z0-9.*-]+$")], ...], Field(min_length=1)] = SERVICES


ChannelConfig = Annotated[Webhook | Email | Telegram | WhatsApp | Sms | Anything | Output | Push, Field(discriminator="kind")]
KINDS: dict[str, type[BaseModel]] = {
    "apprise": Anything,
    "email": Email,
    "output": Output,
    "push": Push,
    "sms": Sms,
    "telegram": Telegram,
    "webhook": Webhook,
    "whatsapp": WhatsApp,
}


def check_names(channels: tuple[Any, ...]) -> None:
    """That no name comes twice. Raises ``ValueError``."""
    seen: set[str] = set()
    for channel in channels:
        if channel.name in seen:
            raise ValueError(f"two [[channel]] tables have the name {channel.name!r}; give each its own")
        seen.add(channel.name)
