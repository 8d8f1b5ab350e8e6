"""``[registers.…]`` of cloud.toml: where registers of others and BSrE are reached. What is not named is not connected."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from kampung_contract.errors import ConfigurationError
from pydantic import BaseModel, ConfigDict, Field

Url = Annotated[str, Field(pattern=r"^https?://[^\s#?]+$", max_length=300)]


class Connection(BaseModel):
    """``key_file`` holds the secret alone, readable for its owner; ``simulated`` labels every page that shows what came from there.

    ``ca_file``: who signed the server's certificate, where that is no public authority; it is always checked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Url
    key_file: Path
    ca_file: Path | None = None
    simulated: bool = False
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 6.0

    def key(self) -> str:
        """The secret, read anew, since it may have been changed. Raises ``ConfigurationError``."""
        try:
            found = self.key_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"key_file = {str(self.key_file)!r}: cannot be read: {error}") from None
        if not found:
            raise ConfigurationError(f"key_file = {str(self.key_file)!r}: is empty; put the secret in it")
        if not (found.isascii() and found.isprintable()):  # headers carry no others
            raise ConfigurationError(
                f"key_file = {str(self.key_file)!r}: holds more than one line of plain letters; put the secret alone in it"
            )
        return found


class DukcapilSettings(Connection):
    """``url`` to where ``CALL_VERIFY_BY_ELEMEN`` is appended; ``user`` and ``ip`` as Dukcapil gave them to the office.

    ``threshold``: percent from which Dukcapil calls two spellings the same.
    """

    user: Annotated[str, Field(min_length=1, max_length=100)]
    ip: Annotated[str, Field(max_length=45)] = ""
    threshold: Annotated[int, Field(ge=1, le=100)] = 90


class DtsenSettings(Connection):
    """``url`` to where ``desil`` is appended."""


class BsreSettings(Connection):
    """``url`` of the office's e-sign client service; ``user`` and the key are the application's, never the official's.

    ``roots_file``: certificates (PEM) that the official's has to come from; without one it is followed to none, and pages say so.
    """

    user: Annotated[str, Field(pattern=r"^[!-9;-~]+$", max_length=100)]  # what Basic authentication can say
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 60.0
    roots_file: Path | None = None

    def roots(self) -> bytes:
        """What is in ``roots_file``, nothing without one. Raises ``ConfigurationError``."""
        if self.roots_file is None:
            return b""
        try:
            found = self.roots_file.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"roots_file = {str(self.roots_file)!r}: cannot be read: {error}") from None
        if b"-----BEGIN CERTIFICATE-----" not in found:
            raise ConfigurationError(f"roots_file = {str(self.roots_file)!r}: holds no certificate in PEM; ask BSrE for its root")
        return found


class RegisterSettings(BaseModel):
    """``[registers.dukcapil]``, ``[registers.dtsen]``, ``[registers.bsre]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dukcapil: DukcapilSettings | None = None
    dtsen: DtsenSettings | None = None
    bsre: BsreSettings | None = None

    def within(self, folder: Path) -> RegisterSettings:
        """With ``key_file`` below ``folder`` where it is not absolute, each read once. Raises ``ConfigurationError`` that names the key."""
        placed: dict[str, Connection] = {}
        for name in type(self).model_fields:
            found: Connection | None = getattr(self, name)
            if found is None:
                continue
            authority = None if found.ca_file is None else (folder / found.ca_file).resolve()
            placed[name] = found.model_copy(update={"key_file": (folder / found.key_file).resolve(), "ca_file": authority})
            if authority is not None and not authority.is_file():
                raise ConfigurationError(f"registers.{name}.ca_file = {str(authority)!r}: there is no such file")
            if isinstance(found, BsreSettings) and found.roots_file is not None:
                placed[name] = placed[name].model_copy(update={"roots_file": (folder / found.roots_file).resolve()})
            try:
                placed[name].key()
                if isinstance(own := placed[name], BsreSettings):
                    own.roots()
            except ConfigurationError as error:
                raise ConfigurationError(f"registers.{name}.{error.message}") from None
        return self.model_copy(update=placed)
