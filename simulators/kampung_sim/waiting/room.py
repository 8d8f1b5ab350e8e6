"""A waiting room: people come, take a number, and are called by a clerk at one counter, all over the kiosk's own API."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from random import Random
from typing import Any

COME_S = 75.0
"""Between two people, on average: a village office sees some forty a morning."""
WALK_S, SERVE_S = 15.0, 60.0
ABSENT, PRIORITY = 0.08, 0.12
MOST_WAITING = 8
"""Nobody else comes while so many wait: a visitor of the demo is to have his turn."""
PAUSE_S = 300.0
"""The clerk leaves the counter to a person who has begun to work at it."""


class Refused(Exception):
    """The kiosk's answer to what it did not do."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Room:
    """``step`` is called often, with seconds that only grow; it does what is due and returns."""

    def __init__(self, kiosk: str, code: str, counter: int, dice: Random) -> None:
        self._kiosk, self._code, self._counter, self._dice = kiosk.rstrip("/"), code, counter, dice
        self._key = ""
        self._comes = 0.0
        self._due = 0.0
        self._mine = ""
        """The number at the counter as this clerk left it; another one means that somebody else works there."""

    def step(self, now: float) -> None:
        """Raises ``OSError`` while the kiosk is not reached."""
        if now >= self._comes:
            self._comes = now + self._dice.expovariate(1 / COME_S)
            self._come()
        if now >= self._due:
            try:
                self._due = now + self._work()
            except Refused as refused:
                self._key = "" if refused.status == 401 else self._key
                self._due = now + (1.0 if refused.status == 401 else PAUSE_S)

    def _come(self) -> None:
        board = self._ask("/api/queue")
        if board["waiting"] >= MOST_WAITING:
            return
        line = self._dice.choice([each["letter"] for each in board["lines"]] + [board["lines"][0]["letter"]])
        self._ask("/api/queue/tickets", {"line": line, "priority": self._dice.random() < PRIORITY, "act": secrets.token_hex(8)})

    def _work(self) -> float:
        """Seconds until the clerk does something again."""
        if not self._key:
            self._key = self._ask("/api/queue/enter", {"code": self._code})["key"]
        desk = self._ask(f"/api/queue/counters/{self._counter}")
        here = desk["here"]
        number = here["number"] if here else ""
        if number != self._mine:
            self._mine = number  # another's; he is given time
            return PAUSE_S if number else 1.0
        if here is None:
            return self._act("next", "", WALK_S) if desk["next"] else 5.0
        if here["state"] == "serving":
            return self._act("served", number, 3.0)
        if self._dice.random() < ABSENT:
            return self._act("again", number, WALK_S) if here["calls"] < 2 else self._act("absent", number, 2.0)
        return self._act("serving", number, self._dice.gammavariate(3, SERVE_S / 3))

    def _act(self, kind: str, holding: str, mean: float) -> float:
        path = f"/api/queue/counters/{self._counter}/{kind}"
        desk = self._ask(path, {"act": secrets.token_hex(8), "holding": holding})
        self._mine = desk["here"]["number"] if desk["here"] else ""
        return mean * self._dice.uniform(0.7, 1.3)

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        head = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._kiosk}{path}", sent, head)  # noqa: S310 - the kiosk that was named
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.code) from None
