"""The regency's API, asked from outside."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import numpy as np
from kampung_contract.errors import ConfigurationError, NotFound
from numpy.typing import NDArray

from kampung_sim.score.compare import Held

ALARMS = 1_000
"""The API gives no more at once."""
PAGE = 8_000
"""Readings asked for at once; the API gives at most 10,000."""


class Cloud:
    """``url`` as ``http://127.0.0.1:8080``. Everything raises ``ConfigurationError`` when it does not answer."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def ask(self, path: str) -> Any:
        """JSON of ``/api/v1/…``. Raises ``NotFound``, ``ConfigurationError``."""
        try:
            with urllib.request.urlopen(f"{self._url}/api/v1/{path}", timeout=60) as answer:  # noqa: S310 - the scheme is checked by the command
                return json.load(answer)
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace")
            if error.code == 404:
                raise NotFound(said) from None
            raise ConfigurationError(f"{self._url}/api/v1/{path}: answers {error.code}: {said[:300]}") from None
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{self._url} does not answer: {error}; name the regency's address with --cloud") from None

    def figure(self, name: str) -> float:
        """One of its figures for Prometheus, 0 for one that it does not have."""
        try:
            with urllib.request.urlopen(f"{self._url}/api/v1/metrics", timeout=60) as answer:  # noqa: S310 - the scheme is checked by the command
                lines = answer.read().decode("utf-8").splitlines()
        except OSError as error:
            raise ConfigurationError(f"{self._url} does not answer: {error}; name the regency's address with --cloud") from None
        return next((float(value) for line in lines for at, _, value in [line.partition(" ")] if at == name), 0.0)

    def readings(self, series: str, t: NDArray[np.int64], slack: int = 0) -> Held:
        """All readings of a series between the first and the last of ``t``, rising times that are expected, and ``slack`` ms around."""
        parts: list[dict[str, Any]] = []
        cuts = [int(t[0]) - slack, *(int(x) for x in t[PAGE::PAGE]), int(t[-1]) + slack + 1]
        for start, stop in pairwise(cuts):
            if start < stop:
                parts += self._between(series, start, stop)
        times = np.array([x for p in parts for x in p["t"]], np.int64)
        return Held(times, np.array([x for p in parts for x in p["v"]], np.float64))

    def alarms(self, village: str, start: int, stop: int) -> list[dict[str, Any]]:
        """All alarms of a village that began from ``start`` to before ``stop``, ms UTC, whatever their number."""
        found: list[dict[str, Any]] = self.ask(f"alarms?state=all&village={village}&start={start}&stop={stop}")
        if len(found) < ALARMS or stop - start < 2:
            return found
        middle = (start + stop) // 2
        return self.alarms(village, start, middle) + self.alarms(village, middle, stop)

    def _between(self, series: str, start: int, stop: int) -> list[dict[str, Any]]:
        try:
            return [self.ask(f"series/{quote(series)}/window?start={start}&stop={stop}&every=raw")]
        except NotFound:
            return []
        except ConfigurationError as error:
            if "more than" not in error.message or stop - start < 2:
                raise
            middle = (start + stop) // 2
            return self._between(series, start, middle) + self._between(series, middle, stop)
