"""E-mail by SMTP. The same message to the same person has the same Message-ID, so that mail systems can tell a repetition."""

from __future__ import annotations

import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from kampung_cloud.channels.channel import Later, Limits, Outgoing, Refused, Sent, Unclear, Unreachable
from kampung_cloud.channels.settings import Email

SHOWN = 200


class EmailChannel:
    """A connection a message: servers close idle ones, and a repeated greeting costs less than a lost message."""

    kind = "email"
    recognises = True

    def __init__(self, settings: Email) -> None:
        self.name = settings.name
        self.limits = Limits(settings.rates(), settings.parallel, settings.tries)
        self._settings = settings
        self._domain = settings.sender.rpartition("@")[2]
        self._tls = ssl.create_default_context(cafile=settings.ca_file)

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """As the protocol says."""
        letter = self._letter(to, said, key)
        handed_over = False
        try:
            server = self._connect()
            try:
                server.ehlo_or_helo_if_needed()
                self._enter(server)
                self._envelope(server, to)
                handed_over = True
                code, words = server.data(letter.as_bytes(policy=SMTP))
            finally:
                _leave(server)
        except smtplib.SMTPResponseException as error:
            raise self._judged(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            raise Unreachable(f"{self.name}: the server does not offer what cloud.toml asks for: {error}") from None
        except (smtplib.SMTPException, OSError) as error:
            why = (isinstance(error, TimeoutError) and "it took too long") or getattr(error, "strerror", None) or "it hung up"
            kind = Unclear if handed_over else Unreachable
            raise kind(f"{self.name} {'broke off before it answered' if handed_over else 'cannot be reached'}: {why}") from None
        if code != 250:
            raise self._judged(code, words)
        return Sent(str(letter["Message-ID"]))

    def group(self, to: str) -> bool:
        """A list looks like a person."""
        return False

    def close(self) -> None:
        """Nothing is kept open."""

    def _connect(self) -> smtplib.SMTP:
        s = self._settings
        if s.security == "tls":
            return smtplib.SMTP_SSL(s.host, s.port, timeout=s.timeout, context=self._tls)
        server = smtplib.SMTP(s.host, s.port, timeout=s.timeout)
        if s.security == "starttls":
            server.starttls(context=self._tls)
        return server

    def _enter(self, server: smtplib.SMTP) -> None:
        s = self._settings
        if s.username is not None and s.password is not None:
            try:
                server.login(s.username, s.password.get_secret_value())
            except smtplib.SMTPAuthenticationError as error:
                raise Unreachable(f"{self.name} answers {error.smtp_code}; its username or password in cloud.toml is not taken") from None

    def _envelope(self, server: smtplib.SMTP, to: str) -> None:
        code, words = server.mail(self._settings.sender)
        if code != 250:
            raise self._judged(code, words)
        code, words = server.rcpt(to)
        if code not in (250, 251):
            raise self._judged(code, words)

    def _judged(self, code: int, words: bytes | str) -> Exception:
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        told = f"{self.name} answers {code}: {' '.join(said.split())[:SHOWN]}"
        if code == 421:
            return Later(told, whole=True)
        return Later(told) if 400 <= code < 500 else Refused(told)

    def _letter(self, to: str, said: Outgoing, key: str) -> EmailMessage:
        letter = EmailMessage()
        try:
            letter["From"] = Address(self._settings.sender_name, addr_spec=self._settings.sender)
            letter["To"] = Address(addr_spec=to)
        except (ValueError, IndexError):
            raise Refused(f"{self.name}: the address is no e-mail address") from None
        letter["Subject"] = " ".join(said.title.split())
        letter["Date"] = format_datetime(datetime.fromtimestamp(said.created / 1000, UTC))
        letter["Message-ID"] = f"<{key}@{self._domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Kampung-Message"] = said.id
        if said.severity >= 2:
            letter["Importance"] = "high"
        letter.set_content(f"{said.text}\n", cte="quoted-printable")
        return letter


def is_address(value: str) -> bool:
    """Whether it is one plain e-mail address."""
    name, address = parseaddr(value)
    local, at, domain = address.rpartition("@")
    return not name and address == value and bool(local and at and domain) and not any(c.isspace() for c in value)


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
