"""The fuzz targets themselves, on a few inputs: `python -m tests.bridge.fuzz` runs them guided by coverage."""

import random

import pytest

from tests.bridge.fuzz.__main__ import NAMES, check


@pytest.mark.parametrize("name", NAMES)
def test_a_fuzz_target_runs(name: str) -> None:
    source = random.Random(name)
    for _ in range(20):
        check(name, source.randbytes(source.randrange(300)))
