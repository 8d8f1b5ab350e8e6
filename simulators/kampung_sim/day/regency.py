"""The real programs under the standing clock: a broker, and the regency with its database; and who works there."""

from __future__ import annotations

import http.client
import json
import secrets
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import tomlkit
from kampung_contract.errors import KampungError

from kampung_sim.channels.service import SimulatedChannels
from kampung_sim.day.agenda import StandingClock
from kampung_sim.process import Process, answers, free_port, listening

CHANNEL = "sms"
PATIENCE_S = 60.0
IDLE_S = 2.0
"""A server closes a connection that nobody used for a few seconds: one older than this is made anew."""


class NotTaken(KampungError):
    """The regency refused something that the simulation takes to be possible."""

    code = "not_taken"


class Programs:
    """Broker, regency, and what stands in for people's phones; everything they keep is in ``folder``."""

    def __init__(self, folder: Path, clock: StandingClock) -> None:
        self._folder = folder
        ports: set[int] = set()
        while len(ports) < 4:  # free ones may be the same until somebody listens
            ports.add(free_port())
        self._mqtt, self._port, pages, mail = ports
        self._channels = SimulatedChannels("127.0.0.1", pages, mail)
        self._listening = False
        for name in ("broker", "log"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        table = {
            "data": "cloud",
            "broker": {"url": f"mqtt://127.0.0.1:{self._mqtt}"},
            "telemetry": {"url": "memory:"},
            "api": {"host": "127.0.0.1", "port": self._port},
            "channel": [{"name": CHANNEL, "kind": "sms", "url": f"{self._channels.url}/sms", "recognises_key": True}],
        }
        (folder / "cloud.toml").write_text(tomlkit.dumps(table), encoding="utf-8")
        program, ready = str(Path(sys.executable).with_name("kampung-cloud")), f"http://127.0.0.1:{self._port}/api/v1/healthz"
        broker = [program, "broker", "--port", str(self._mqtt), "--data", str(folder / "broker")]
        serve = [program, "serve", "--config", str(folder / "cloud.toml")]
        self._broker = Process("broker", broker, folder / "log" / "broker.log", lambda: listening(self._mqtt))
        self._cloud = Process("cloud", serve, folder / "log" / "cloud.log", lambda: answers(ready), clock.env)

    def start(self) -> Regency:
        """Returns when both answer. Raises ``ProcessFailed``."""
        self._channels.start()
        self._listening = True
        self._broker.start()
        self._broker.wait_ready(60)
        self._cloud.start()
        self._cloud.wait_ready(90)
        return Regency(self._port, self._mqtt, (self._folder / "cloud" / "token").read_text(encoding="utf-8").strip(), tells=True)

    def stop(self) -> None:
        """All end."""
        self._cloud.stop()
        self._broker.stop()
        if self._listening:
            self._channels.stop()


class Regency:
    """A running one, by the ports of its API and of its broker, and its token. ``office`` asks with the token; ``tells``: it has a channel
    to people's phones, a simulated one."""

    def __init__(self, port: int, mqtt: int, token: str, *, tells: bool = False) -> None:
        self._port, self.mqtt, self._tells = port, mqtt, tells
        self.office = Caller(port, {"Authorization": f"Bearer {token}"})
        self._callers = [self.office]

    def account(self, name: str, title: str, role: str, village: str) -> Caller:
        """Somebody of a village's office, logged in."""
        password = secrets.token_urlsafe(18)
        body = {"id": name, "name": title, "roles": [role], "village": village, "password": password, "temporary": False}
        self.office.ask("POST", "accounts", body)
        self._callers.append(Caller(self._port, {"Origin": f"http://127.0.0.1:{self._port}"}, (name, password)))
        return self._callers[-1]

    def people(self, village: str) -> None:
        """Who hears of late work by message: a clerk, and the village's secretary and head."""
        code = village.replace(".", "")
        persons = [
            {
                "id": f"{role}-{code}",
                "name": f"{name} (contoh)",
                "role": role,
                "village": village,
                "addresses": [{"channel": CHANNEL, "address": f"0812-0000-{number}{code[-3:]}"}],
            }
            for number, (role, name) in enumerate((("petugas", "Petugas"), ("desa", "Kantor desa")), 1)
        ]
        if self._tells:
            self.office.ask("POST", "people", {"people": persons})

    def told(self, village: str) -> dict[str, int]:
        """Messages about late work by the role of whoever got them."""
        rows = self.office.ask("GET", f"messages?village={village}&limit=1000")
        return dict(Counter(row["role"] for row in rows if row["kind"] == "duty"))

    def minute(self) -> None:
        """What the regency does once a minute, now."""
        self.office.ask("POST", "publishing")

    def close(self) -> None:
        """Nobody asks any more."""
        for caller in self._callers:
            caller.close()


class Caller:
    """The API as somebody has it before him: a program with its token, or an account that logs in again when its session is over."""

    def __init__(self, port: int, headers: dict[str, str], account: tuple[str, str] | None = None) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self._used = 0.0
        self._headers, self._account = headers | {"Content-Type": "application/json"}, account
        if account is not None:
            self._log_in()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON answer. Raises ``NotTaken`` with the regency's words."""
        status, answer = self._once(method, path, body)
        if status == 401 and self._account is not None:
            self._log_in()
            status, answer = self._once(method, path, body)
        if status >= 400:
            raise NotTaken(f"{method} /api/v1/{path}: {status}, {answer.get('error', {}).get('message', answer)}")
        return answer

    def close(self) -> None:
        """The connection ends."""
        self._line.close()

    def _once(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if time.monotonic() - self._used > IDLE_S:
            self._line.close()
        try:
            self._line.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body), self._headers)
            answer = self._line.getresponse()
            read = answer.read()
            self._used = time.monotonic()
        except (OSError, http.client.HTTPException) as error:
            self._line.close()
            raise NotTaken(f"{method} /api/v1/{path}: the regency does not answer ({error})") from None
        cookie = answer.getheader("Set-Cookie")
        if cookie is not None:
            self._headers["Cookie"] = cookie.partition(";")[0]
        return answer.status, json.loads(read) if read else {}

    def _log_in(self) -> None:
        assert self._account is not None
        self._headers.pop("Cookie", None)
        status, answer = self._once("POST", "session", {"account": self._account[0], "password": self._account[1]})
        if status != 200:
            raise NotTaken(f"{self._account[0]} cannot log in: {answer}")
