"""Telephone numbers: as people write them in, E.164 on record."""

from __future__ import annotations

import phonenumbers
from kampung_contract.errors import InvalidRequest
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

REGION = "ID"
"""Numbers without a country's code are Indonesia's."""
EXAMPLE = "write it as 0812-0000-1234 or +6281200001234"
_WHY = {
    ValidationResult.TOO_SHORT: "too short",
    ValidationResult.TOO_LONG: "too long",
    ValidationResult.INVALID_LENGTH: "of no length that numbers have",
    ValidationResult.INVALID_COUNTRY_CODE: "of no country",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "without its area code",
}


def phone(text: str) -> str:
    """``+6281200001234`` for ``0812-0000-1234``. Raises ``InvalidRequest`` naming the number and what is wrong with it."""
    try:
        number = phonenumbers.parse(text, REGION)
    except NumberParseException:
        raise InvalidRequest(f"{text[:40]!r} is no telephone number; {EXAMPLE}") from None
    if not phonenumbers.is_valid_number(number):
        why = _WHY.get(phonenumbers.is_possible_number_with_reason(number), "in no range that numbers are given from")
        raise InvalidRequest(f"telephone number {text[:40]!r} is {why}; {EXAMPLE}")
    if number.extension:
        raise InvalidRequest(f"telephone number {text[:40]!r} has an extension, and no message goes there; give a number without one")
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def masked_phone(number: str) -> str:
    """``+62812…234``: enough to recognise one's own."""
    return f"{number[:6]}…{number[-3:]}" if len(number) > 9 else "…"
