"""The simulator's page as a person uses it: the form that answers, and what is wrong with an answer."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from kampung_sim.channels.service import SimulatedChannels
from kampung_sim.process import free_port


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    simulated = SimulatedChannels("127.0.0.1", port := free_port(), free_port())
    simulated.start()
    yield f"http://127.0.0.1:{port}"
    simulated.stop()


def post(url: str, **form: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{url}/reply", urllib.parse.urlencode(form).encode(), timeout=180) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_an_answer_that_lacks_something_or_goes_nowhere_is_told(page: str) -> None:
    assert post(page, service="telegram", text="OK")[0] == 400
    status, said = post(page, service="telegram", **{"from": "100001"}, text="OK")
    assert (status, "no door is configured" in said) == (400, True)
