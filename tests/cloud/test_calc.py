"""Calculators: what the command and the API take, and how they refuse."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from kampung_cloud.api import calc as routes
from kampung_cloud.api import errors
from kampung_cloud.calculator import Calculator, find
from kampung_cloud.main import cli
from kampung_cloud.modules import MODULES, calculators
from kampung_contract.errors import InvalidRequest
from typer.testing import CliRunner

ALL = calculators()
NAMES = [c.name for c in ALL]


def run(*args: str, given: str = "") -> tuple[int, str, str]:
    """The command in this process."""
    out = CliRunner().invoke(cli, ["calc", *args], input=given)
    return out.exit_code, out.stdout, out.stderr


class Routes:
    """The routes alone, with the table of errors."""

    def __init__(self) -> None:
        self._app = FastAPI()
        errors.install(self._app)
        self._app.include_router(routes.router, prefix="/api/v1")

    def get(self, path: str) -> httpx.Response:
        """What a GET answers."""
        return asyncio.run(self._ask("GET", path, ""))

    def post(self, path: str, content: str) -> httpx.Response:
        """What a POST answers."""
        return asyncio.run(self._ask("POST", path, content))

    async def _ask(self, method: str, path: str, content: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://localhost") as client:
            return await client.request(method, f"/api/v1/{path}", content=content)


@pytest.fixture(scope="module")
def api() -> Routes:
    """The API's calculators."""
    return Routes()


@pytest.mark.parametrize("calculator", ALL, ids=NAMES)
def test_example(calculator: Calculator[Any], api: Routes) -> None:
    """Each calculator takes its own example, by command and by API alike, and says value, unit, method and source."""
    example = json.dumps(dict(calculator.example))
    code, out, _ = run(calculator.name, given=example)
    assert code == 0
    answer = json.loads(out)
    assert list(answer)[:4] == ["value", "unit", "method", "source"]
    assert answer["method"]
    assert len(answer["source"]) > 10
    posted = api.post(f"calc/{calculator.name}", content=example)
    assert posted.status_code == 200
    assert posted.json() == answer


@pytest.mark.parametrize("calculator", ALL, ids=NAMES)
def test_schema(calculator: Calculator[Any]) -> None:
    """The schema is one, takes the example, and names a description and a unit for each input."""
    code, out, _ = run(calculator.name, "--schema")
    assert code == 0
    schema = json.loads(out)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(dict(calculator.example))
    for name, described in schema["properties"].items():
        assert described.get("description"), name
        assert "unit" in described, name


@pytest.mark.parametrize("calculator", ALL, ids=NAMES)
def test_missing_and_unknown(calculator: Calculator[Any]) -> None:
    """Without a field, or with one too many, the fields are listed."""
    required = [f for f in calculator.fields() if not f.endswith("?")]
    for name in required:
        code, out, err = run(calculator.name, given=json.dumps({k: v for k, v in calculator.example.items() if k != name}))
        assert (code, out) == (2, "")
        assert f"{name} is missing" in err
        assert ", ".join(calculator.fields()) in err
    code, out, err = run(calculator.name, given=json.dumps({**calculator.example, "colour": "blue"}))
    assert (code, out) == (2, "")
    assert "colour = 'blue': unknown field" in err
    assert ", ".join(calculator.fields()) in err
    assert "Traceback" not in err


NUMBERS = [(c, n) for c in ALL for n, v in c.example.items() if isinstance(v, int | float) and not isinstance(v, bool)]


@pytest.mark.parametrize(("calculator", "name"), NUMBERS, ids=[f"{c.name}-{n}" for c, n in NUMBERS])
@pytest.mark.parametrize("wrong", ['"12"', "true", "null", "[1]", "NaN", "Infinity", "-Infinity", "1e999", "1e300", "-1e300"])
def test_wrong_numbers(calculator: Calculator[Any], name: str, wrong: str) -> None:
    """A number is a finite number within reason; anything else is refused by name."""
    text = json.dumps({**calculator.example, name: "@"}).replace('"@"', wrong)
    if wrong == "null" and f"{name}?" in calculator.fields():
        return
    with pytest.raises(InvalidRequest) as refused:
        calculator.answer(text)
    assert name in refused.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing was given"),
        ("[]", "not a JSON object"),
        ("5", "not a JSON object"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"tmin": 1, "tmin": 2}', "'tmin' is given twice"),
        ("{}" + " " * 2**20, "at most 1,048,576"),
    ],
)
def test_no_object(text: str, words: str, api: Routes) -> None:
    """What is no object is told, with an example of one."""
    code, out, err = run("gdd", given=text)
    assert (code, out) == (2, "")
    assert words in err
    answer = api.post("calc/gdd", content=text)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] in ("invalid_request", "too_much")


def test_names(api: Routes) -> None:
    """A wrong name gets the right ones; the list has all; without a name it is told how to get it."""
    code, _, err = run("heat_indx", given="{}")
    assert code == 2
    assert "did you mean 'heat_index'?" in err
    code, out, _ = run("--list")
    assert code == 0
    assert all(name in out for name in NAMES)
    assert run()[0] == 2
    assert api.post("calc/heat_indx", content="{}").status_code == 404
    listed = api.get("calc").json()
    assert [c["name"] for c in listed] == NAMES
    assert len(set(NAMES)) == len(NAMES)


def test_program() -> None:
    """As a program of its own: bytes that are no text end with 2 and words, too."""
    done = subprocess.run([sys.executable, "-m", "kampung_cloud.main", "calc", "gdd"], input=b"\xff\xfe{", capture_output=True, check=False)
    assert done.returncode == 2
    assert b"not JSON" in done.stderr
    assert b"Traceback" not in done.stderr


@settings(max_examples=30)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json(value: Any) -> None:
    """No JSON makes a calculator fall over: a result, or a refusal."""
    for calculator in ALL:
        for given_ in (value, {**calculator.example, next(iter(calculator.example)): value}):
            try:
                calculator.answer(json.dumps(given_))
            except InvalidRequest as refused:
                assert refused.message


def test_modules(api: Routes) -> None:
    """Every module's numbers name a source and how sure it is (invariant 9); names are unique."""
    shown = api.get("modules").json()
    assert [m["name"] for m in shown] == [m.name for m in MODULES]
    for module in MODULES:
        ids = [rule.id for rule in module.rules]
        assert len(set(ids)) == len(ids)
        for rule in module.rules:
            assert len(rule.source) >= 10, rule.id
            assert rule.mark in ("V", "V2", "K")
    keys = [d.key for m in MODULES for d in m.documents]
    assert len(set(keys)) == len(keys)
    assert find(ALL, "et0") in ALL
