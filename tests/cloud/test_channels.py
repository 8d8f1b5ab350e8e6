"""Messages reach people: through real servers on loopback, once, in spite of what channels do."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.channels import open_channels
from kampung_cloud.channels.channel import Limits, Outgoing, Rate, Sent
from kampung_cloud.channels.choice import Address, Attempt, choose, key_of, masked
from kampung_cloud.channels.lane import Done, Job, Lane
from kampung_cloud.channels.marks import hear
from kampung_cloud.channels.rates import Limit, free, use
from kampung_cloud.channels.sender import Sender
from kampung_cloud.channels.tools import Tools
from kampung_cloud.config import parse
from kampung_cloud.health import Health
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.message_models import DeliveryRow
from kampung_contract.errors import ConfigurationError
from kampung_sim.channels.mood import Mood
from kampung_sim.channels.service import SimulatedChannels
from kampung_sim.process import free_port
from sqlalchemy import select

from .conftest import until
from .messages import VILLAGE, alarm, message, now_ms, one, person, states, tried, write
from .simulated import TOKEN, phones, tables

NO_TOOLS = Tools(None, Path(), lambda: None)  # type: ignore[arg-type,return-value]
SAID = Outgoing("m", "raised", VILLAGE, 1, "flood", (), "id", "Kali Bomo naik", "Air 1,30 m.", "Kali Bomo naik", "7K2A", 1, 2)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = open_records("sqlite:records.sqlite", tmp_path)
    yield opened
    opened.close()


@contextlib.contextmanager
def sending(records: Records, channels: list[dict[str, Any]], folder: Path) -> Iterator[tuple[Sender, Health]]:
    """A running sender."""
    health = Health()
    sender = Sender(records, open_channels(parse({"channel": channels}, folder).channel, NO_TOOLS), health)
    sender.start()
    try:
        yield sender, health
    finally:
        sender.stop()


def test_messages_go_out_and_the_log_says_how(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    write(records, person("bu-sri", ("kait", "sri")), person("pak-rt", ("surel", "rt@desa.example")))
    write(records, message("bu-sri"), message("pak-rt"))
    with sending(records, tables(taken), tmp_path) as (_, health):
        until(lambda: states(records) == {"sent": 2})
        assert health.report()["channels"]["ok"]
    hook, mail = (taken.ledger.listed(name)[0] for name in ("webhook", "email"))
    assert hook.to == "sri" and hook.text.startswith("Air 1,30 m") and mail.to == "rt@desa.example" and mail.title == "Kali Bomo naik 1"
    row = one(records, message("pak-rt").id)
    (attempt,) = tried(records, row.id)
    assert (row.channel, attempt.outcome, attempt.attempt, attempt.address) == ("surel", "sent", 1, "r…@desa.example")
    assert attempt.provider == mail.key == f"<{attempt.key.partition('/')[0]}@desa.example>" and attempt.ended


def test_a_refused_address_leaves_the_turn_to_the_next(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    taken.moods.set("webhook", Mood(status=404))
    write(records, person("bu-sri", ("kait", "sri"), ("surel", "sri@desa.example")), message("bu-sri"))
    with sending(records, tables(taken), tmp_path):
        until(lambda: states(records) == {"sent": 1})
    first, second = tried(records, message("bu-sri").id)
    assert (first.channel, first.outcome, second.channel, second.outcome) == ("kait", "failed", "surel", "sent")
    assert first.detail == "kait answers 404"
    assert one(records, first.message).detail == "kait answers 404"


def test_nobody_left_to_ask_is_said(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    taken.moods.set("email", Mood(status=550))
    write(records, person("pak-rt", ("surel", "rt@desa.example")), message("pak-rt"), message("hilang"), person("tanpa"), message("tanpa"))
    write(records, person("lama", ("pager", "1")), message("lama"))
    with sending(records, tables(taken), tmp_path):
        until(lambda: states(records) == {"failed": 4})
    assert one(records, message("pak-rt").id).detail == "surel answers 550: simulated; every address refused it"
    assert one(records, message("hilang").id).detail == "the person is not here any more"
    assert one(records, message("tanpa").id).detail == "the person has no address"
    assert one(records, message("lama").id).detail == "no [[channel]] is named pager"


def test_an_unreachable_channel_falls_over_and_says_so(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    channels = tables(taken)
    channels[0]["url"] = f"http://127.0.0.1:{free_port()}/nobody"
    write(records, person("bu-sri", ("kait", "sri"), ("surel", "sri@desa.example")))
    write(records, *(message("bu-sri", number, severity=3) for number in range(6)))
    with sending(records, channels, tmp_path) as (_, health):
        until(lambda: states(records) == {"sent": 6})
        report = health.report()["channels"]
    assert not report["ok"] and report["detail"] == "kait: kait cannot be reached: Connection refused; messages go to the next address"
    attempts = tried(records, message("bu-sri", 0).id)
    assert [a.outcome for a in attempts if a.channel == "surel"] == ["sent"]
    assert {a.outcome for a in attempts if a.channel == "kait"} <= {"retry"}
    assert len(taken.ledger.listed("email")) == 6


def test_an_answer_that_is_lost_does_not_show_a_message_twice(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    for service in ("webhook", "email"):
        taken.moods.set(service, Mood(drop=True, count=1))
    write(records, person("bu-sri", ("kait", "sri")), person("pak-rt", ("surel", "rt@desa.example")))
    write(records, message("bu-sri", severity=3), message("pak-rt", severity=3))
    with sending(records, tables(taken), tmp_path):
        until(lambda: states(records) == {"sent": 2})
    for service, to in (("webhook", "bu-sri"), ("email", "pak-rt")):
        first, second = taken.ledger.listed(service)
        assert first.key == second.key and not first.repeated and second.repeated
        assert [a.outcome for a in tried(records, message(to).id)] == ["unknown", "sent"]


def test_a_channel_that_asks_for_patience_gets_it(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    taken.moods.set("webhook", Mood(status=429, retry_after=1, count=1))
    write(records, person("bu-sri", ("kait", "sri")), message("bu-sri"))
    with sending(records, tables(taken), tmp_path):
        until(lambda: states(records) == {"sent": 1})
    first, second = tried(records, message("bu-sri").id)
    assert (first.outcome, first.detail) == ("retry", "kait answers 429") and second.at - (first.ended or 0) >= 1_000


def test_a_slow_channel_holds_up_nobody_else(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    taken.moods.set("webhook", Mood(slow=20))
    write(records, person("bu-sri", ("kait", "sri")), person("pak-rt", ("surel", "rt@desa.example")))
    write(records, *(message("bu-sri", number, severity=3) for number in range(40)), *(message("pak-rt", number) for number in range(40)))
    with sending(records, tables(taken, timeout=0.5), tmp_path):
        until(lambda: len(taken.ledger.listed("email")) == 40)
        assert not taken.ledger.listed("webhook")


def test_the_worst_goes_first_and_what_is_too_late_does_not(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    write(records, person("bu-sri", ("kait", "sri")), *(message("bu-sri", number, severity=number % 3 + 1) for number in range(12)))
    write(records, message("bu-sri", 90, expires=now_ms() - 1), message("bu-sri", 91, due=now_ms() + 3_000_000))
    with sending(records, tables(taken, parallel=1), tmp_path):
        until(lambda: states(records) == {"sent": 12, "expired": 1, "waiting": 1})
    texts = [entry.title for entry in taken.ledger.listed("webhook")]
    order = sorted(range(12), key=lambda number: -(number % 3))
    assert {t.split()[-1] for t in texts[:4]} == {str(n) for n in order[:4]}
    assert one(records, message("bu-sri", 90).id).detail == "its time was over before it could be sent"


def test_what_is_over_before_its_turn_is_not_sent(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    write(records, alarm("selesai", until=now_ms()), alarm("berganti", became="selesai"), alarm("tegak"), person("bu-sri", ("kait", "sri")))
    write(records, message("bu-sri", 1, alarms=["selesai"]), message("bu-sri", 2, alarms=["berganti"]))
    write(records, message("bu-sri", 3, alarms=["selesai", "tegak"]), message("bu-sri", 4, alarms=["selesai"], kind="resolved"))
    with sending(records, tables(taken), tmp_path):
        until(lambda: states(records) == {"sent": 2, "dropped": 2})
    assert {entry.title[-1] for entry in taken.ledger.listed("webhook")} == {"3", "4"}


def test_limits_hold_for_all_and_for_each(records: Records) -> None:
    """On record, so that another process, or this one after a kill, goes on counting."""
    rates = (Rate(10, 1.0, burst=3), Rate(4, 1.0, each=True))
    write(records, person("a", ("lisan", "pak-a")), person("b", ("lisan", "bu-b")), *(message(who, n) for who in "ab" for n in range(6)))
    for _ in range(2):
        spoken = Spoken("lisan", lambda _: Sent(), recognises=True, rates=rates)
        sender = Sender(records, {"lisan": spoken}, Health())
        sender.start()
        until(lambda spoken=spoken: len(spoken.said) >= 6)
        sender.stop()
    with records.session() as session:
        rows = list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.at)))
    assert len(rows) == len({row.message for row in rows}) == 12
    for each, most in (([row.at for row in rows], 10), ([row.at for row in rows if row.address == rows[0].address], 4)):
        assert all(later - earlier >= 1_000 - 100 for earlier, later in zip(each, each[most:], strict=False))


def test_telegram_whatsapp_and_sms_say_it_in_their_own_way(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    write(records, *(person(name, (name, "+6281200001234" if name != "tele" else "-100200")) for name in ("tele", "wa", "sms")))
    write(records, *(message(name) for name in ("tele", "wa", "sms")))
    with records.session() as session:
        hear(session, "wa", "+6281200009999", now_ms())
    write(records, person("kenal", ("wa", "+6281200009999")), message("kenal"))
    with sending(records, phones(taken), tmp_path):
        until(lambda: states(records) == {"sent": 4})
    tele, sms = (taken.ledger.listed(name)[0] for name in ("telegram", "sms"))
    assert tele.text == "Kali Bomo naik 1\nAir 1,30 m di Kali Bomo, pesan 1. Jauhi tepi kali. Balas OK 7K2."
    assert (sms.to, sms.text) == ("+6281200001234", "Kali Bomo naik 1")
    stranger, known = sorted(taken.ledger.listed("whatsapp"), key=lambda each: each.to)
    assert stranger.title == "templat peringatan_desa" and stranger.to == "6281200001234" and "\n" in stranger.text
    assert not known.title and known.text.startswith("Kali Bomo naik 1\nAir")  # who wrote to us today is answered freely
    assert tried(records, message("tele").id)[0].provider == str(tele.number)


SERVICES = [
    ("telegram", "tele", 429, "retry", "tele answers 429: simulated"),
    ("telegram", "tele", 403, "failed", "tele answers 403: simulated"),
    ("telegram", "tele", 401, "retry", "tele answers 401: simulated; its token in cloud.toml is not taken"),
    ("telegram", "tele", 500, "unknown", "tele answers 500: simulated"),
    ("whatsapp", "wa", 400, "failed", "wa answers 400: 400: simulated"),
    ("whatsapp", "wa", 401, "retry", "wa answers 401, 401: simulated; its token in cloud.toml is not taken"),
    ("sms", "sms", 422, "failed", "sms answers 422"),
    ("sms", "sms", 301, "retry", "sms answers 301; its address in cloud.toml leads elsewhere"),
    ("sms", "sms", 503, "retry", "sms answers 503"),
    ("email", "surel", 451, "retry", "surel answers 451: simulated"),
]


def test_what_a_service_answers_decides_what_follows(records: Records, taken: SimulatedChannels, tmp_path: Path) -> None:
    """Each once: the first attempt's outcome, its words, and no key in them."""
    channels = open_channels(parse({"channel": [*phones(taken), *tables(taken)]}, tmp_path).channel, NO_TOOLS)
    addresses = {"tele": "1", "wa": "+6281200001234", "sms": "+6281200001234", "surel": "a@b.example"}
    for service, name, status, outcome, words in SERVICES:
        taken.moods.set(service, Mood(status=status, count=1))
        done: list[Done] = []
        lane = Lane(channels[name], done.append, time.monotonic)
        lane.send(Job("m", 1, addresses[name], "kunci", SAID))
        until(lambda done=done: done)
        assert (done[0].outcome, done[0].detail) == (outcome, words)
        assert TOKEN not in done[0].detail


class Spoken:
    """A channel that does what a test says, and remembers."""

    kind = "lisan"

    def __init__(self, name: str, does: Callable[[str], Sent], *, recognises: bool, rates: tuple[Rate, ...] = ()) -> None:
        self.name, self._does, self.recognises = name, does, recognises
        self.limits = Limits(rates)
        self.said: list[tuple[str, str, bool]] = []

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        self.said.append((to, said.title, said.again))
        return self._does(to)

    def group(self, to: str) -> bool:
        return to.startswith("-")

    def close(self) -> None:
        return None


@pytest.mark.parametrize(("severity", "times"), [(1, 1), (2, 2)])
def test_where_a_repetition_would_show_the_severity_decides(records: Records, severity: int, times: int) -> None:
    """The process that sent it ended: what is about life comes rather twice than never, the rest rather never than twice."""
    started, go_on = threading.Event(), threading.Event()

    def hangs(_: str) -> Sent:
        started.set()
        go_on.wait(30)
        return Sent()

    write(records, person("bu-sri", ("lisan", "1")), message("bu-sri", severity=severity))
    first = Spoken("lisan", hangs, recognises=False)
    killed = Sender(records, {"lisan": first}, Health())
    killed.look()
    assert started.wait(20)  # under way, and nothing more is heard of it
    second = Spoken("lisan", lambda _: Sent(), recognises=False)
    sender = Sender(records, {"lisan": second}, Health())
    sender.start()
    until(lambda: states(records) == {"sent": 1})
    sender.stop()
    go_on.set()
    assert len(first.said) + len(second.said) == times
    assert all(again for _, _, again in second.said)
    assert tried(records, message("bu-sri").id)[0].outcome == "unknown"
    killed.stop()
    assert states(records) == {"sent": 1}


CHANNELS = st.sampled_from(["telegram", "surel", "sms"])
ADDRESSES = st.lists(st.builds(Address, CHANNELS, st.sampled_from("abcd")), unique=True, max_size=6)


@given(ADDRESSES, st.data())
def test_a_turn_never_goes_to_who_refused_and_ends_only_with_refusals(listed: list[Address], data: st.DataObject) -> None:
    there = data.draw(st.sets(CHANNELS))
    down = data.draw(st.sets(CHANNELS))
    outcome = st.sampled_from(["retry", "unknown", "failed"])
    tried = (
        [Attempt(key_of("m", a), data.draw(outcome)) for a in data.draw(st.lists(st.sampled_from(listed), max_size=12)) if listed]
        if listed
        else []
    )
    found = choose("m", listed, tried, lambda name: 2 if name in there else None, down.__contains__)
    refused = {a.key for a in tried if a.outcome == "failed"}
    left = [a for a in listed if a.channel in there and key_of("m", a) not in refused]
    assert (found is None) == (not left)
    if found is not None:
        assert found in left
        fresh = [a for a in left if a.channel not in down and sum(t.key == key_of("m", a) for t in tried) < 2]
        assert not fresh or found == fresh[0]


@given(st.integers(1, 40), st.integers(1, 90), st.integers(1, 10), st.lists(st.integers(0, 3_000), min_size=1, max_size=120))
def test_a_limit_is_never_exceeded_in_any_window(count: int, seconds: int, burst: int, pauses: list[int]) -> None:
    """Whatever the moments at which somebody asks, and a message goes as soon as the limit says it may."""
    rate = Rate(count, seconds, burst=min(burst, count))
    session, now, gone = Kept(), 1_700_000_000_000, []
    for pause in pauses:
        now += pause
        now = free(session, [Limit("rate/x", rate)], now) or now  # type: ignore[arg-type]
        use(session, [Limit("rate/x", rate)], now)  # type: ignore[arg-type]
        gone.append(now)
    for first in range(len(gone)):
        assert sum(gone[first] <= at < gone[first] + seconds * 1000 for at in gone[first:]) <= count + 1


class Kept(dict[str, Any]):
    """As much of a session as limits use."""

    def get(self, _: object, key: str, **__: object) -> Any:  # type: ignore[override]
        return super().get(key)

    def add(self, row: Any) -> None:
        self[row.key] = row


@pytest.mark.parametrize("address", ["0812-0000-1234", "sri@desa.example", "-100200300", "7", "kios-1/sirene"])
def test_logs_do_not_hold_addresses(address: str) -> None:
    assert masked(address) != address and address not in masked(address)


HOOK = {"name": "a", "kind": "webhook", "url": "http://x.example/"}
WRONG = [
    ({"name": "a", "kind": "pos"}, "channel[1].kind = 'pos': expected apprise, email"),
    ({"name": "a"}, "channel[1].kind is missing; add it: apprise, email"),
    ({"name": "A b", "kind": "webhook", "url": "http://x.example/"}, "channel[1].name = 'A b'"),
    ({"name": "a", "kind": "webhook", "url": "ftp://x.example/"}, "channel[1].url = 'ftp://x.example/': expected http://HOST/PATH"),
    ({**HOOK, "tokn": "rahasia"}, "channel[1].tokn = …: unknown key; did you mean 'token'?"),
    ({**HOOK, "token": "file:tak-ada"}, "channel[1].token = …: tak-ada cannot be read"),
    ({**HOOK, "token": "ra\nhasia"}, "channel[1].token = …: expected the secret in one line"),
    ({"name": "a", "kind": "email", "host": "h", "sender": "siaga"}, "channel[1].sender = 'siaga': expected an e-mail address"),
    ({"name": "a", "kind": "email", "host": "h", "sender": "a@b.example", "username": "u"}, "channel[1]: password is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "said"), WRONG)
def test_a_wrong_channel_is_refused_by_key_and_value(table: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse({"channel": [table]}, tmp_path, "cloud.toml")
    assert f"cloud.toml: {said}" in refused.value.message and "rahasia" not in refused.value.message


def test_two_channels_of_one_name_are_refused(tmp_path: Path) -> None:
    table = {"name": "kait", "kind": "webhook", "url": "http://x.example/"}
    with pytest.raises(ConfigurationError, match="two \\[\\[channel\\]\\] tables have the name 'kait'"):
        parse({"channel": [table, table]}, tmp_path)


def test_a_secret_may_stand_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "kunci").write_text("sangat-rahasia\n", encoding="utf-8")
    config = parse({"channel": [{**HOOK, "token": "file:kunci"}]}, tmp_path)
    token = config.channel[0].token  # type: ignore[union-attr]
    assert token is not None and token.get_secret_value() == "sangat-rahasia" and "rahasia" not in repr(config)
