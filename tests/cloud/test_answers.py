"""What people answer, from any service, does what they mean and gets them one plain sentence back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.channels.reply import Reply, parse
from kampung_cloud.handling import book
from kampung_cloud.records.message_models import MessageRow, SilenceRow
from kampung_sim.channels.replies import Replies
from kampung_sim.channels.service import SimulatedChannels
from kampung_sim.process import free_port
from sqlalchemy import select

from .conftest import HTTP, get, until
from .messages import alarm, message, now_ms, person, write
from .simulated import SECRET, doors, phones, tables

WORDS = [
    ("OK", Reply("ok")),
    ("ok", Reply("ok")),
    ("Ok, terima kasih pak", Reply("ok", ("TERIMA", "KASIH", "PAK"))),
    ("OK 7K2A", Reply("ok", ("7K2A",))),
    ("7k2a ok", Reply("ok", ("7K2A",))),
    ("7K2A: salah", Reply("false", ("7K2A",))),
    ("👍🏽", Reply("ok")),
    ("✅ siap", Reply("ok", ("SIAP",))),
    ("Ｏｋ", Reply("ok")),
    ("nggih", Reply("ok")),
    ("SALAH!", Reply("false")),
    ("SENYAP 2 JAM", Reply("silence", (), 120)),
    ("senyap 90menit 7K2A", Reply("silence", ("7K2A",), 90)),
    ("SENYAP 7K2A 2 JAM", Reply("silence", ("7K2A",), 120)),
    ("Senyap", Reply("silence", (), 60)),
    ("senyap setengah jam", Reply("silence", ("JAM",), 30)),
    ("SENYAP 3467", Reply("silence", ("3467",), 60)),
    ("LANJUT 7K2A", Reply("resume", ("7K2A",))),
    ("/start", Reply("help")),
    ("bantuan", Reply("help")),
    ("?", Reply("help")),
    ("belum ok", Reply("unknown")),
    ("tidak ok", Reply("unknown")),
    ("banjirnya di mana pak", Reply("unknown")),
    ("", Reply("unknown")),
    ("7K2A", Reply("unknown")),
]


@pytest.mark.parametrize(("text", "means"), WORDS)
def test_words_mean_what_people_mean(text: str, means: Reply) -> None:
    assert parse(text) == means


@given(st.text(max_size=600))
def test_any_text_has_a_meaning(text: str) -> None:
    found = parse(text)
    assert 1 <= found.minutes <= 10_000 and all(3 <= len(code) <= 8 for code in found.codes)
    assert found.act not in {"help", "unknown"} or not found.codes


CODE = st.text("ACDEFGHJKMNPQRTUVWXY34679", min_size=4, max_size=4).filter(lambda c: not c.isdecimal() and parse(c).act == "unknown")
MARKS = st.sampled_from(["", ".", "!", ",", " ", "  ", " - ", ":", "\n"])


@given(CODE, MARKS, MARKS, st.booleans(), st.booleans())
def test_a_code_is_found_wherever_it_stands(code: str, between: str, after: str, first: bool, small: bool) -> None:
    first = first and any(c.isdigit() for c in code)
    said = f"{code}{between} OK{after}" if first else f"OK{between} {code}{after}"
    found = parse(said.lower() if small else said)
    assert found == Reply("ok", (code,))


@given(st.integers(1, 400), st.sampled_from([("JAM", 60), ("jam", 60), ("menit", 1), ("mnt", 1)]), CODE)
def test_a_silence_is_as_long_as_was_said(number: int, unit: tuple[str, int], code: str) -> None:
    for said in (f"SENYAP {number} {unit[0]} {code}", f"senyap {code} {number}{unit[0]}"):
        assert parse(said) == Reply("silence", (code,), min(number * unit[1], 10_000))


@pytest.fixture
def told(start_cloud: Callable[..., CloudApp], taken: SimulatedChannels) -> CloudApp:
    """A cloud whose people were told of alarms: Pak RT of two groups, Bu Sri, who is a resident, of one."""
    app = start_cloud(f"mqtt://127.0.0.1:{free_port()}", wait=False, channel=[*phones(taken), *tables(taken)])
    app._routing.stop()  # what people were told stands below, and they are told no more
    now = now_ms()
    write(app._services.records, alarm("banjir", severity=3), alarm("longsor", rule="lereng", about="landslide"))
    write(
        app._services.records,
        person("pak-rt", ("tele", "77"), ("sms", "+6281200001234")),
        person("bu-sri", ("tele", "88"), role="resident"),
    )
    flood = {"state": "sent", "channel": "tele", "alarms": ["banjir"], "title": "BANJIR SIAGA 1 Kali Bomo", "code": "7K2A", "group": "a"}
    slope = {"state": "sent", "channel": "tele", "alarms": ["longsor"], "title": "RAWAN LONGSOR Tamansari", "code": "M4XR", "group": "b"}
    write(app._services.records, message("pak-rt", 1, sent_at=now - 2_000, **flood), message("bu-sri", 1, sent_at=now - 1_000, **flood))
    write(app._services.records, message("pak-rt", 2, sent_at=now - 3_000, about="landslide", **slope))
    return app


def say(app: CloudApp, taken: SimulatedChannels, sender: str, words: str, service: str = "telegram") -> str:
    """What comes back to whoever said it."""
    before = len(taken.ledger.listed(service))
    status, answer = Replies(doors(app.url)).send(service, sender, words)
    assert status == 200 and json.loads(answer) == {"taken": 1, "unknown": 0}, answer
    until(lambda: len(taken.ledger.listed(service)) > before)
    entry = taken.ledger.listed(service)[-1]
    assert entry.to.removeprefix("+") == sender.replace("0812", "62812", 1) if service != "telegram" else entry.to == sender
    return entry.text


def test_an_ok_acknowledges_the_newest_and_names_the_others(told: CloudApp, taken: SimulatedChannels) -> None:
    words = say(told, taken, "77", "OK")
    assert words.startswith('Terima kasih, pak-rt. Jawaban Anda untuk "BANJIR SIAGA 1 Kali Bomo" dicatat pukul ')
    assert words.endswith("Masih menunggu: RAWAN LONGSOR Taman… (M4XR).")
    with told._services.records.session() as session:
        assert book.acknowledged(session, ["banjir", "longsor"]) == {"banjir"}
        (line,) = (h for h in book.handled(session, ["banjir"]).values())
        assert (line.acknowledged_by, line.acknowledged_via) == ("pak-rt", "message")
    assert say(told, taken, "77", "siap m4xr").startswith('Terima kasih, pak-rt. Jawaban Anda untuk "RAWAN LONGSOR Tamansari"')
    assert say(told, taken, "77", "OK 7K2A").startswith('Terima kasih. "BANJIR SIAGA 1 Kali Bomo" sudah ditangani pak-rt sejak ')
    assert (
        say(told, taken, "081200001234", "OK M4XR", "sms")
        == 'Terima kasih. "RAWAN LONGSOR Tamansari" sudah ditangani pak-rt sejak ' + _time(told, "longsor") + "."
    )


def _time(app: CloudApp, name: str) -> str:
    from kampung_contract.times import clock

    with app._services.records.session() as session:
        at = book.handled(session, [name])[name].acknowledged
    assert at is not None
    return clock(at)


def test_a_false_alarm_is_marked_by_staff_and_doubted_by_residents(told: CloudApp, taken: SimulatedChannels) -> None:
    assert "diteruskan ke petugas" in say(told, taken, "88", "salah")
    assert "Jawaban Anda" in say(told, taken, "88", "OK")
    with told._services.records.session() as session:
        assert not book.acknowledged(session, ["banjir"]) and not any(h.verdict for h in book.handled(session, ["banjir"]).values())
    assert say(told, taken, "77", "SALAH 7K2A") == 'Dicatat sebagai alarm palsu: "BANJIR SIAGA 1 Kali Bomo". Terima kasih, pak-rt.'
    with told._services.records.session() as session:
        assert book.handled(session, ["banjir"])["banjir"].verdict == "false"


def test_staff_silence_and_end_it_and_residents_do_not(told: CloudApp, taken: SimulatedChannels) -> None:
    assert say(told, taken, "88", "SENYAP 2 JAM").startswith("Hanya petugas")
    assert say(told, taken, "77", "SENYAP 2 HARI").startswith("SENYAP paling lama 24 jam")
    assert say(told, taken, "77", "SENYAP 2 JAM 7K2A").endswith("Kirim LANJUT 7K2A untuk mengakhirinya.")
    with told._services.records.session() as session:
        (silence,) = session.scalars(select(SilenceRow))
    assert silence.until - silence.start == 2 * 3_600_000 and (silence.rule, silence.by) == ("kali", "pak-rt")
    assert "tidak lagi disenyapkan" in say(told, taken, "77", "LANJUT 7K2A")
    assert "tidak sedang disenyapkan" in say(told, taken, "77", "LANJUT 7K2A")


def test_what_is_not_understood_gets_a_helpful_answer(told: CloudApp, taken: SimulatedChannels) -> None:
    assert say(told, taken, "77", "banjirnya di mana").startswith("Maaf, balasan itu belum kami pahami.")
    assert say(told, taken, "77", "OK 9Z9Z").startswith("Tidak ada pesan dengan kode 9Z9Z.") and say(told, taken, "77", "?").endswith(
        "OK 7K2A."
    )


def test_an_answer_that_comes_twice_is_one(told: CloudApp, taken: SimulatedChannels) -> None:
    update = {"update_id": 9, "message": {"message_id": 1, "chat": {"id": 77}, "text": "OK"}}
    for _ in range(3):
        assert post(told, "tele", update, {"X-Telegram-Bot-Api-Secret-Token": SECRET}).json() == {"taken": 1, "unknown": 0}
    until(lambda: taken.ledger.listed("telegram"))
    with told._services.records.session() as session:
        assert len(list(session.scalars(select(MessageRow).where(MessageRow.kind == "answer")))) == 1


def test_strangers_are_dead_letters_with_their_number_masked(told: CloudApp, taken: SimulatedChannels) -> None:
    status, answer = Replies(doors(told.url)).send("sms", "081200005678", "OK")
    assert (status, json.loads(answer)) == (200, {"taken": 0, "unknown": 1})
    (letter,) = get(told, "dead-letters", code="unknown_sender")
    assert (letter["topic"], letter["reason"]) == ("channels/sms", "message") and "0812…678" in _payload(letter)
    assert not taken.ledger.listed("sms")


def _payload(letter: dict[str, Any]) -> str:
    import base64

    return base64.b64decode(letter["bytes"]).decode()


def post(app: CloudApp, name: str, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    return HTTP.post(f"{app.url}/api/v1/channels/{name}/inbound", json=body, headers=headers)


def test_only_the_service_itself_is_listened_to(told: CloudApp) -> None:
    update = {"update_id": 9, "message": {"chat": {"id": 77}, "text": "OK"}}
    assert post(told, "tele", update).status_code == 401
    assert post(told, "tele", update, {"X-Telegram-Bot-Api-Secret-Token": "salah"}).status_code == 401
    assert post(told, "wa", {"entry": []}, {"X-Hub-Signature-256": "sha256=00"}).status_code == 401
    assert post(told, "kait", {"from": "a", "text": "OK"}, {"Authorization": "Basic x"}).status_code == 401
    assert post(told, "surel", {}).json()["error"]["message"] == "channel 'surel' is of kind 'email', through which nobody can answer"
    assert post(told, "pager", {}).status_code == 404
    wrong = post(told, "kait", {"text": "OK"}, {"Authorization": f"Bearer {SECRET}"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid_request")
    large = HTTP.post(f"{told.url}/api/v1/channels/kait/inbound", content=b" " * 300_000)
    assert large.json()["error"]["code"] == "too_much"
    hub = {"hub.mode": "subscribe", "hub.verify_token": "kata-uji", "hub.challenge": "4711"}
    assert HTTP.get(f"{told.url}/api/v1/channels/wa/inbound", params=hub).text == "4711"
    assert HTTP.get(f"{told.url}/api/v1/channels/wa/inbound", params=hub | {"hub.verify_token": "x"}).status_code == 401


def test_a_trial_goes_out_and_its_deliveries_are_shown(told: CloudApp, taken: SimulatedChannels) -> None:
    headers = {"Authorization": f"Bearer {told.token}"}
    url = f"{told.url}/api/v1/channels/sms/test"
    assert HTTP.post(url, json={"person": "pak-rt"}).status_code == 401
    assert HTTP.post(url, json={"person": "bu-sri"}, headers=headers).json()["error"]["message"].endswith("give one first")
    number = HTTP.post(url, json={"person": "pak-rt"}, headers=headers).json()["message"]
    (entry,) = until(lambda: taken.ledger.listed("sms"))
    assert "UJI COBA" in entry.text
    (delivery,) = until(lambda: [d for d in get(told, f"messages/{number}/deliveries") if d["outcome"] == "sent"])
    assert delivery["address"] == "+628…234" and delivery["provider"] == f"sms-{entry.number}"
    shown = {each["name"]: each for each in get(told, "channels")}
    assert shown["sms"]["state"] == "up" and shown["sms"]["last_sent"] and shown["tele"]["limits"][0]["count"] == 30
    assert SECRET not in json.dumps(shown) and "kunci" not in json.dumps(shown)
    assert get(told, "healthz")["checks"]["channels"]["ok"]
