"""Somebody at a desk of the cloud: a browser's side of a session, over the client that all tests share."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import httpx
from kampung_cloud.app import CloudApp

from .conftest import HTTP, VILLAGE

GOOD = "empat kata yang panjang"


class Desk:
    """Keeps the session's cookie and says where its page is from."""

    def __init__(self, app: CloudApp, account: str = "", password: str = GOOD) -> None:
        self.app = app
        self.cookie = ""
        if account:
            answer = self.log_in(account, password)
            assert answer.status_code == 200, answer.text

    def ask(self, method: str, path: str, body: Any = None, *, content: bytes | None = None, **headers: str) -> httpx.Response:
        headers = {"Origin": self.app.url} | ({"Cookie": self.cookie} if self.cookie else {}) | headers
        answer = HTTP.request(method, f"{self.app.url}/api/v1/{path}", json=body, content=content, headers=headers)
        HTTP.cookies.clear()
        for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
            self.cookie = f"{name}={morsel.value}" if morsel.value else ""
        return answer

    def log_in(self, account: str, password: str = GOOD) -> httpx.Response:
        return self.ask("POST", "session", {"account": account, "password": password})

    @property
    def who(self) -> Any:
        return self.ask("GET", "session").json()["actor"]


def make(app: CloudApp, name: str, roles: list[str], village: str | None = VILLAGE, **more: Any) -> None:
    """An account with the good password."""
    body = {"id": name, "name": name.title(), "roles": roles, "village": village, "password": GOOD, "temporary": False, **more}
    answer = HTTP.post(f"{app.url}/api/v1/accounts", json=body, headers={"Authorization": f"Bearer {app.token}"})
    assert answer.status_code == 201, answer.text


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and the error's code."""
    return answer.status_code, answer.json()["error"]["code"]
