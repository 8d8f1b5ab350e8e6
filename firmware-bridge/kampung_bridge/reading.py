"""One measured value of one device: what every decoder delivers."""

from typing import Final, NamedTuple

# QARTOD flags, as on the wire. A larger number is never a better value, so `max` joins two judgements.
GOOD: Final = 1
NOT_EVALUATED: Final = 2
SUSPECT: Final = 3
FAIL: Final = 4
MISSING: Final = 9


class Reading(NamedTuple):
    """`unit` is a SenML unit (RFC 8428 and its IANA registry): "%", "Cel", "%RH", "m" …; `quality` a QARTOD flag.

    FAIL: outside what the instrument can measure (gross range test). SUSPECT: the bytes leave a doubt.
    """

    quantity: str
    value: float
    unit: str
    quality: int = GOOD
