"""The bridge's one error base: a machine code, and a message with what, the offending value and the remedy."""


class BridgeError(ValueError):
    """A `ValueError`, so that pydantic reports it with the key it belongs to."""

    code = "bridge"


class UnknownProfileError(BridgeError):
    """No device profile has this id; the message names the nearest ones."""

    code = "unknown_profile"


class BadProfileError(BridgeError):
    """A profile file does not fit the schema; the message names the file and the key."""

    code = "bad_profile"


class BadValueError(BridgeError):
    """A number that does not fit the frame it is to be encoded in."""

    code = "bad_value"


class BadFileError(BridgeError):
    """A configuration file that cannot be read or changed."""

    code = "bad_file"
