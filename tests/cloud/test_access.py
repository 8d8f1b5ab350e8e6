"""Accounts, sessions and attempts: a real cloud on loopback, and the records alone where time has to pass."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.access import accounts, attempts, passwords, sessions
from kampung_cloud.access.actor import ROLES, Actor
from kampung_cloud.access.settings import Access
from kampung_cloud.app import CloudApp
from kampung_cloud.config import parse
from kampung_cloud.main import cli
from kampung_cloud.records import Records, open_records
from kampung_contract.errors import Forbidden
from sqlalchemy import text
from typer.testing import CliRunner, Result

from .conftest import HTTP, VILLAGE, free_port
from .desk import GOOD, Desk, code, make

OTHER = "35.10.25.2006"
NOW = 1_800_000_000_000
HOUR = 3_600_000


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """A cloud whose broker is away: nothing here needs it."""
    folder = tmp_path_factory.mktemp("access")
    tables = {"broker": {"url": f"mqtt://127.0.0.1:{free_port()}"}, "api": {"port": 0}, "telemetry": {"url": "memory:"}}
    app = CloudApp(parse(tables, folder))
    app.start()
    (folder / "cloud.toml").write_text(f"[api]\nport = {app.port}\n")
    yield app
    app.stop()


def test_a_session_from_login_to_logout(cloud: CloudApp) -> None:
    """The cookie is for this site's pages alone and no script reads it; the records hold neither password nor secret; out is out."""
    make(cloud, "siti", ["petugas"])
    page = Desk(cloud)
    assert page.who is None
    answer = page.log_in("siti")
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={12 * 3600}"))
    told = {"id": "siti", "name": "Siti", "roles": ["petugas"], "village": VILLAGE, "village_name": "Tamansari"}
    told |= {"village_type": "desa", "temporary": False}
    assert page.who == told
    secret = page.cookie.partition("=")[2]
    kept = (cloud.config.data / "records.sqlite").read_bytes() + (cloud.config.data / "records.sqlite-wal").read_bytes()
    assert secret.encode() not in kept
    assert GOOD.encode() not in kept
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in kept
    (one,) = page.ask("GET", "session/all").json()
    assert one["this"]
    assert page.ask("DELETE", "session").status_code == 204
    assert page.who is None
    stolen = HTTP.get(f"{cloud.url}/api/v1/session/all", headers={"Cookie": f"kampung_session={secret}"})
    assert code(stolen) == (401, "unauthorised")


def test_logging_out_everywhere_and_a_new_password(cloud: CloudApp) -> None:
    """A changed password ends the other sessions; one session can be ended by its key; then all of them."""
    make(cloud, "joko", ["petugas"])
    first, second, third = Desk(cloud), Desk(cloud), Desk(cloud)
    for page in (first, second, third):
        assert page.log_in("joko").status_code == 200
    key = next(s["key"] for s in first.ask("GET", "session/all").json() if not s["this"])
    assert first.ask("DELETE", f"session/all/{key}").status_code == 204
    assert first.ask("DELETE", f"session/all/{key}").status_code == 404
    assert len(first.ask("GET", "session/all").json()) == 2
    change = {"old": GOOD, "new": "lain kali lebih panjang"}
    assert code(first.ask("POST", "session/password", change | {"old": "bukan ini saja"})) == (401, "wrong_password")
    assert code(first.ask("POST", "session/password", change | {"new": "joko123456"})) == (422, "weak_password")
    assert first.ask("POST", "session/password", change).status_code == 204
    assert [page.who is not None for page in (first, second, third)] == [True, False, False]
    assert code(second.log_in("joko")) == (401, "wrong_password")
    assert second.log_in("joko", change["new"]).status_code == 200
    assert second.ask("DELETE", "session/all").status_code == 204
    assert first.who is None


def test_a_password_that_somebody_gave_is_changed_first(cloud: CloudApp) -> None:
    make(cloud, "baru", ["operator"], None, temporary=True)
    page = Desk(cloud)
    assert page.log_in("baru").json()["actor"]["temporary"]
    assert code(page.ask("GET", "accounts")) == (403, "password_change")
    assert page.ask("POST", "session/password", {"old": GOOD, "new": "sekarang milik saya"}).status_code == 204
    assert page.ask("GET", "accounts").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://jahat.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_changes_nothing(cloud: CloudApp, headers: dict[str, str]) -> None:
    """Neither with the cookie of who is logged in, nor by logging somebody in."""
    page = Desk(cloud)
    if page.log_in("jauh").status_code == 401:
        make(cloud, "jauh", ["operator"], None)
        assert page.log_in("jauh").status_code == 200
    body = {"id": "x.y.z", "name": "X", "roles": ["officer"], "password": GOOD}
    assert code(page.ask("POST", "accounts", body, **headers)) == (403, "foreign_origin")
    assert code(page.ask("DELETE", "session", **headers)) == (403, "foreign_origin")
    assert code(page.ask("POST", "session", {"account": "jauh", "password": GOOD}, **headers)) == (403, "foreign_origin")
    assert page.ask("GET", "accounts", **headers).status_code == 200, "reading is what the browser keeps to this site's pages itself"
    assert page.ask("DELETE", "session", **{"Sec-Fetch-Site": "same-origin"}).status_code == 204


def test_operators_of_a_village_and_of_the_regency(cloud: CloudApp) -> None:
    """A village's operator has his own village's accounts and makes nobody an officer; disabling ends sessions at once."""
    make(cloud, "op-desa", ["operator"])
    make(cloud, "op-kab", ["operator"], None)
    make(cloud, "tetangga", ["petugas"], OTHER)
    desa, kab, victim = Desk(cloud), Desk(cloud), Desk(cloud)
    assert desa.log_in("op-desa").status_code == kab.log_in("op-kab").status_code == 200
    assert {a["village"] for a in desa.ask("GET", "accounts").json()} == {VILLAGE}
    assert {a["village"] for a in kab.ask("GET", "accounts").json()} >= {VILLAGE, OTHER, None}
    new = {"id": "pegawai.baru", "name": "Pegawai", "roles": ["petugas"], "password": GOOD}
    assert code(desa.ask("POST", "accounts", new)) == (403, "forbidden"), "no village is the whole regency"
    assert code(desa.ask("POST", "accounts", new | {"village": OTHER})) == (403, "forbidden")
    assert code(desa.ask("POST", "accounts", new | {"village": VILLAGE, "roles": ["officer"]})) == (403, "forbidden")
    assert desa.ask("POST", "accounts", new | {"village": VILLAGE, "temporary": False}).status_code == 201
    assert code(desa.ask("POST", "accounts", new | {"village": VILLAGE})) == (409, "conflict")
    assert code(desa.ask("PATCH", "accounts/tetangga", {"active": False})) == (403, "forbidden")
    assert code(desa.ask("PATCH", "accounts/op-desa", {"active": False})) == (422, "invalid_request")
    assert code(desa.ask("PATCH", "accounts/tidak-ada", {"active": False})) == (404, "not_found")
    assert victim.log_in("pegawai.baru").status_code == 200
    assert desa.ask("PATCH", "accounts/pegawai.baru", {"active": False}).json()["active"] is False
    assert victim.who is None
    assert code(victim.log_in("pegawai.baru")) == (401, "wrong_password")
    assert code(victim.ask("GET", "accounts")) == (401, "unauthorised")


def test_brute_force_waits_longer_and_longer(cloud: CloudApp) -> None:
    """Many at once are counted like one after another; the answer says when to come back, and the right password waits as well."""
    make(cloud, "sasaran", ["petugas"])
    with ThreadPoolExecutor(8) as hands:
        found = list(hands.map(lambda n: Desk(cloud).log_in("sasaran", f"tebakan {n} kali ini"), range(12)))
    states = [answer.status_code for answer in found]
    assert states.count(401) == 5
    assert states.count(429) == 7
    late = Desk(cloud).log_in("sasaran")
    assert code(late) == (429, "too_many_attempts")
    assert 1 <= int(late.headers["Retry-After"]) <= 5
    HTTP.post(
        f"{cloud.url}/api/v1/accounts/sasaran/password",
        json={"password": GOOD, "temporary": False},
        headers={"Authorization": f"Bearer {cloud.token}"},
    )
    assert Desk(cloud).log_in("sasaran").status_code == 200, "who is given a new password need not wait"


def test_who_is_not_there_is_not_told_from_a_wrong_password(cloud: CloudApp) -> None:
    make(cloud, "ada-orang", ["petugas"])
    answers = [Desk(cloud).log_in(name, "salah sekali lagi") for name in ("ada-orang", "tak-ada-orang", "Bukan Nama!", "a" * 63)]
    assert {(a.status_code, a.text) for a in answers} == {(401, answers[0].text)}
    assert Desk(cloud).log_in("nol\x00").status_code == 422


def test_the_command(cloud: CloudApp) -> None:
    """Adds by options or by what is asked for; the password is never an option."""

    def run(*words: str, typed: str | None = None) -> Result:
        file = str(cloud.config.data.parent / "cloud.toml")
        return CliRunner().invoke(cli, ["account", *words, "--config", file], input=typed, env={"KAMPUNG_PASSWORD": GOOD})

    made = run("add", "kades.desa", "--name", "Kepala Desa", "--role", "kades", "--role", "petugas", "--village", VILLAGE)
    assert (made.exit_code, made.stdout.split()[:3]) == (0, ["kades.desa", VILLAGE, "petugas,kades"]), made.stderr
    asked = run("add", typed=f"pak.rt\nPak RT\npetugas, verifikator\n{VILLAGE}\n")
    assert asked.exit_code == 0, asked.stderr
    assert run("roles", "pak.rt", "--role", "teknisi").stdout.split()[2] == "teknisi"
    assert "(disabled)" in run("disable", "pak.rt").stdout
    assert run("password", "pak.rt").exit_code == 0
    assert {"kades.desa", "pak.rt"} <= {line.split()[0] for line in run("list").stdout.splitlines()}
    wrong = run("add", "pak.rw", "--name", "Pak RW", "--role", "raja", "--village", VILLAGE)
    assert wrong.exit_code == 1
    assert "raja" in wrong.stderr
    assert stat.S_IMODE((cloud.config.data / "token").stat().st_mode) == 0o600


@pytest.fixture
def records(records_url: str, tmp_path: Path) -> Iterator[Records]:
    made = open_records(records_url, tmp_path)
    yield made
    made.close()


def test_a_session_ends_by_itself(records: Records) -> None:
    """After so long without a request, and so long after it began."""
    limits = Access(idle_minutes=30, longest_hours=2)
    accounts.add(records, accounts.Wanted("siti", "Siti", ["petugas"], VILLAGE), GOOD, temporary=False, now=NOW)
    secret = sessions.begin(records, limits, "siti", GOOD, address="::1", agent="", now=NOW).secret
    assert sessions.whose(records, limits, secret, NOW + 29 * 60_000) is not None
    assert sessions.whose(records, limits, secret, NOW + 58 * 60_000) is not None
    assert sessions.whose(records, limits, secret, NOW + 89 * 60_000) is None
    assert sessions.of(records, "siti") == []
    secret = sessions.begin(records, limits, "siti", GOOD, address="::1", agent="", now=NOW).secret
    last = [sessions.whose(records, limits, secret, NOW + n * 20 * 60_000) is not None for n in range(8)]
    assert last == [True] * 6 + [False] * 2
    assert sessions.whose(records, limits, "", NOW) is None


def test_waits_grow_and_are_forgotten(records: Records) -> None:
    """5 s after the fifth, twice as long each time, a quarter of an hour at most; a day later it begins anew; others do not wait."""
    now, waits = NOW, []
    for _ in range(15):
        with records.session() as session:
            while (left := attempts.count(session, attempts.ACCOUNT, "siti", now)) is not None:
                now += left * 1000
        with records.session() as session:
            waits.append(attempts.count(session, attempts.ACCOUNT, "siti", now) or 0)
            session.rollback()
    assert waits[4:] == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    with records.session() as session:
        assert attempts.count(session, attempts.ACCOUNT, "joko", now) is None
    with records.session() as session:
        assert attempts.count(session, attempts.ACCOUNT, "siti", now + 25 * HOUR) is None
    with records.session() as session:
        attempts.clear(session, now + 50 * HOUR)
        assert session.execute(text("SELECT count(*) FROM access_attempts")).scalar_one() == 0


@given(
    st.sampled_from(list(ROLES)),
    st.sets(st.sampled_from(list(ROLES))),
    st.sampled_from([None, VILLAGE]),
    st.sampled_from([None, VILLAGE, OTHER]),
)
def test_may_is_role_and_village(role: Any, has: set[Any], own: str | None, asked: str | None) -> None:
    """Never without the role; never outside the village; the whole regency only without one."""
    actor = Actor("a", "A", frozenset(has), own)
    allowed = role in has and (own is None or own == asked)
    assert actor.may(role, asked) is allowed
    if allowed:
        actor.require(asked, role)
    else:
        with pytest.raises(Forbidden):
            actor.require(asked, role)


@pytest.mark.parametrize(
    "word", ["pendek", "x" * 201, "aaaaaaaaaaaa", "abababababab", "banyuwangi", "siti.aminah123", "12345678901234567890"]
)
def test_weak_passwords(word: str) -> None:
    with pytest.raises(passwords.WeakPassword) as refused:
        passwords.check(word, "siti.aminah")
    assert word not in refused.value.message


@pytest.mark.parametrize("word", ["empat kata yang panjang", "säränghäë 2026 ✓", "🌋" * 5 + "abc"])
def test_a_password_fits_itself_alone(word: str) -> None:
    kept = passwords.hashed("empat kata yang panjang")
    assert passwords.fits(word, kept) is (word == "empat kata yang panjang")
    assert not passwords.fits(word + " ", kept)
    assert not passwords.fits(word, None)
    assert not passwords.outdated(kept)
