"""One error base for the whole platform: a machine code, and a message that gives what, the offending value and the remedy."""

from __future__ import annotations


class KampungError(Exception):
    """Something a person or a program at the other end can act on.

    ``code`` is stable and goes over the wire; ``message`` is for people. Anything that is not a ``KampungError`` is internal:
    it is logged and never shown.
    """

    code = "internal"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class UnknownVillage(KampungError):
    """A village code that Kemendagri's list of Banyuwangi does not hold."""

    code = "unknown_village"


class InvalidTopic(KampungError):
    """A topic outside the wire contract."""

    code = "invalid_topic"


class InvalidPack(KampungError):
    """Bytes that are no pack. ``identity`` is ``(epoch, seq)`` where that much could be read, so that the edge can be told."""

    code = "invalid_pack"

    def __init__(self, message: str, *, code: str | None = None, identity: tuple[str, int] | None = None) -> None:
        super().__init__(message, code=code)
        self.identity = identity


class InvalidColumn(KampungError):
    """One column of a pack that cannot be stored as it is; the pack's other columns can."""

    code = "invalid_column"


class InvalidAnnouncement(KampungError):
    """An event that says which calibrations are in force, and cannot be read."""

    code = "invalid_calibration"


class InvalidReceipt(KampungError):
    """Bytes on a receipt topic that are no receipt."""

    code = "invalid_receipt"


class InvalidCommand(KampungError):
    """Bytes that are no command, or one that contradicts itself."""

    code = "invalid_command"


class InvalidEvent(KampungError):
    """A typed event that is not what its type says."""

    code = "invalid_event"


class InvalidSenml(KampungError):
    """A foreign device's message that is no SenML of RFC 8428."""

    code = "invalid_senml"


class InvalidRule(KampungError):
    """An alarm rule that contradicts itself or names no source."""

    code = "invalid_rule"


class InvalidCheck(KampungError):
    """A test of quality control that contradicts itself or names no source."""

    code = "invalid_check"


class InvalidCorrection(KampungError):
    """A correction that does not exist, or numbers that it cannot put right."""

    code = "invalid_correction"


class ConfigurationError(KampungError):
    """A configuration file that cannot be used; the message names file, key, value and remedy. Commands exit with 2."""

    code = "configuration"


class NotFound(KampungError):
    """A thing that is asked for by name and is not there."""

    code = "not_found"


class InvalidRequest(KampungError):
    """A request whose parameters do not fit."""

    code = "invalid_request"


class TooMuch(KampungError):
    """A request whose answer would be larger than one answer may be; the message says how to ask in pieces."""

    code = "too_much"


class Unauthorised(KampungError):
    """A request without the token that it needs, or with another."""

    code = "unauthorised"


class Forbidden(KampungError):
    """A request of somebody who is known, and may not: another role, or another village's."""

    code = "forbidden"


class StorageUnavailable(KampungError):
    """A store that cannot take or give data now; nothing is acknowledged while this lasts."""

    code = "storage_unavailable"
