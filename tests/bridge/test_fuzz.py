"""The fuzz targets themselves, on a few inputs: `python -m tests.bridge.fuzz` runs them guided by coverage."""

import random

import pytest

from tests.bridge.fuzz.__main__ import NAMES, check

# Inputs that failed once, found by atheris.
FOUND = [
    ("nmea", "00 21 57494D57562C3039302E302C522C31302E302C4E2C412A3142 0C 0A"),  # a form feed behind the checksum
    ("sdi12-crc", "00 303030313032 09 0A"),  # a tab behind an announcement
]


@pytest.mark.parametrize(("name", "found"), FOUND)
def test_what_was_found_once_stays_mended(name: str, found: str) -> None:
    check(name, bytes.fromhex(found))


@pytest.mark.parametrize("name", NAMES)
def test_a_fuzz_target_runs(name: str) -> None:
    source = random.Random(name)
    for _ in range(20):
        check(name, source.randbytes(source.randrange(300)))
