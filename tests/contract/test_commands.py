"""Commands down and what is told of them: nothing that contradicts itself gets through, and every error is ours."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from kampung_contract.command import LIFE_MS, LONGEST_S, Command, decode_command, encode_command
from kampung_contract.errors import InvalidCommand, InvalidEvent, KampungError
from kampung_contract.pack import EARLIEST
from kampung_contract.schema import schemas
from kampung_contract.switching import TYPES, Reply, Switching, event, parse_event
from kampung_contract.topics import Address, Topic

SCHEMAS = {name: Draft202012Validator(schema) for name, schema in schemas().items()}
NOW = 1_795_225_200_000
names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True).filter(lambda n: n != "all")
words = st.text(min_size=1, max_size=80)
moments = st.integers(0, 2**48 - 1)
untils = st.none() | moments
codes = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)


@st.composite
def commands(draw: st.DrawFn) -> Command:
    on = draw(st.booleans())
    at = draw(st.integers(EARLIEST, 2**47))
    seconds = draw(st.none() | st.integers(1, LONGEST_S)) if on else None
    return Command(draw(names), at, at + draw(st.integers(1, LIFE_MS)), draw(names), on, draw(words), draw(words), seconds)


states = st.sampled_from(["on", "off", "unknown"])
replies = st.builds(
    Reply, names, names, st.sampled_from(["done", "refused", "failed"]), codes, moments, states, st.text(max_size=500), untils
)
causes = st.sampled_from(["start", "stop", "command", "limit", "guard", "storage", "line", "local"])
switchings = st.builds(
    Switching, names, states, causes, moments, st.integers(1, 2**53 - 1), codes, st.text(max_size=500), st.none() | names, untils
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(commands())
def test_a_command_comes_back_as_it_went(command: Command) -> None:
    """And fits its published schema."""
    assert decode_command(encode_command(command)) == command
    SCHEMAS["command.json"].validate(msgspec.to_builtins(command))


@given(st.binary(max_size=200) | json_values.map(msgspec.json.encode))
def test_any_bytes_are_a_command_or_an_error_of_ours(payload: bytes) -> None:
    """Whatever is published below a node's ``down/command`` cannot stop its edge."""
    with contextlib.suppress(KampungError):
        decode_command(payload)


@given(commands(), st.sampled_from(["id", "at", "expires", "output", "on", "actor", "reason", "seconds"]), json_values)
def test_a_command_with_one_field_changed_is_whole_or_refused(command: Command, field: str, value: Any) -> None:
    """What is accepted holds to every rule of the schema."""
    body = msgspec.to_builtins(command) | {field: value}
    try:
        accepted = decode_command(msgspec.json.encode(body))
    except KampungError:
        return
    SCHEMAS["command.json"].validate(msgspec.to_builtins(accepted))
    assert 0 < accepted.expires - accepted.at <= LIFE_MS
    assert accepted.on or accepted.seconds is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"expires": NOW}, "lives 0 ms"),
        ({"expires": NOW + LIFE_MS + 1}, "at most"),
        ({"on": False}, "seconds go with switching on only"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": LONGEST_S + 1}, "seconds"),
        ({"output": "all"}, "cannot stand in a topic"),
        ({"id": "a/b"}, "id"),
        ({"id": "ab\n"}, "cannot stand in a topic"),
        ({"actor": ""}, "actor"),
        ({"reason": "x" * 301}, "reason"),
        ({"on": 1}, "bool"),
    ],
)
def test_what_contradicts_itself_is_refused(change: dict[str, Any], says: str) -> None:
    """With the field named."""
    good = {"id": "c1", "at": NOW, "expires": NOW + 60_000, "output": "pompa", "on": True, "actor": "Sari", "reason": "r", "seconds": 60}
    decode_command(msgspec.json.encode(good))
    with pytest.raises(InvalidCommand, match=says):
        decode_command(msgspec.json.encode(good | change))


def test_unknown_fields_are_ignored() -> None:
    """A later cloud may say more."""
    command = Command("c1", NOW, NOW + 1, "siren", False, "Sari", "latihan")
    assert decode_command(msgspec.json.encode(msgspec.to_builtins(command) | {"colour": "red"})) == command


@given(replies | switchings)
def test_an_event_comes_back_as_it_went(message: Reply | Switching) -> None:
    """Out of a pack's plain objects, within its schema."""
    body = event(message)
    assert parse_event(msgspec.json.decode(msgspec.json.encode(body))) == message
    SCHEMAS[f"event-{body['type']}.json"].validate(body)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_another_type_is_no_event_of_outputs(body: dict[str, Any]) -> None:
    """Requests, gaps and clocks pass by."""
    assert body.get("type") in tuple(TYPES) or parse_event(body) is None


@given(replies | switchings, st.sampled_from(["output", "state", "cause", "at", "order", "command", "answer", "until"]), json_values)
def test_a_changed_event_is_whole_or_an_error_of_ours(message: Reply | Switching, field: str, value: Any) -> None:
    """A kiosk that speaks nonsense is refused, never crashed on."""
    try:
        parsed = parse_event(event(message) | {field: value})
    except InvalidEvent:
        return
    assert parsed is not None


def test_a_command_has_its_own_topic() -> None:
    """Named by its id."""
    address = Address("35.10.24.2008", "kiosk-1")
    assert address.command("c1") == "kampung/v1/351024/2008/kiosk-1/down/command/c1"
    assert Topic.parse(address.command("c1")) == Topic("35.10.24.2008", "kiosk-1", "command", "c1")
    for bad in ("", "a/b", "+", "all"):
        with pytest.raises(KampungError):
            address.command(bad)
