"""A kiosk that was stolen: withdrawn from one place, refused by a real mosquitto and by ourselves, and taken back with a new key."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from kampung_cloud import mail
from kampung_cloud.app import CloudApp
from kampung_cloud.broker import ACCESS, find_mosquitto, run, written
from kampung_cloud.config import parse
from kampung_cloud.health import Health
from kampung_cloud.main import cli
from kampung_cloud.modules.services import rolling
from kampung_cloud.nodes import Nodes
from kampung_cloud.records import open_records
from kampung_cloud.records.resident_models import AccessLogRow
from kampung_cloud.records.withdrawal_models import WithdrawalRow
from kampung_cloud.withdrawals.asking import refuse, see_to
from kampung_contract.documents import State
from kampung_contract.documents import encode as encode_document
from kampung_contract.errors import ConfigurationError
from kampung_contract.pack import column, encode
from kampung_contract.topics import Address, Lane
from sqlalchemy import select
from typer.testing import CliRunner

from .conftest import VILLAGE, BrokerProcess, EdgeClient, accepts, free_port, get, make_pack, now_ms, until
from .desk import Desk, code, make

GONE, STAYS = "kiosk-1", "kiosk-2"
PASSWORD = "kata sandi contoh"
WHY = "dicuri dari balai desa"
TAKEN_AWAY = ["sed", "-i", "/^{node}:/d"]
"""As cloud.toml and docs/brokers.md advise."""


class Guarded(BrokerProcess):
    """What ``kampung-cloud broker --passwords`` runs: accounts, and to each node its own topics."""

    def __init__(self, folder: Path) -> None:
        self.passwords = folder.parent / "passwords"
        for number, name in enumerate(("cloud", GONE, STAYS)):
            self.let_in(name, new=not number)
        super().__init__(folder, "mosquitto")

    def let_in(self, name: str, *, new: bool = False) -> None:
        """An account, as a technician makes it."""
        made = ["-c"] if new else []
        subprocess.run(["mosquitto_passwd", "-b", *made, str(self.passwords), name, PASSWORD], check=True, capture_output=True)

    def start(self) -> None:
        """Start and wait until it listens."""
        program = find_mosquitto()
        assert program, "mosquitto is missing: apt install mosquitto"
        self.process = subprocess.Popen([program, "-c", str(written(self.port, self.folder, self.passwords))], stderr=subprocess.DEVNULL)
        assert until(lambda: accepts(self.port), 60), "the broker does not listen"

    @property
    def refusing(self) -> list[list[str]]:
        """``[broker] refuse``."""
        hang_up = f"kill -HUP $(cat {self.folder}/mosquitto.pid)"
        return [[*TAKEN_AWAY, str(self.passwords)], ["sh", "-c", hang_up]]


@dataclass
class World:
    """A regency with two kiosks in one village."""

    broker: Guarded
    app: CloudApp
    officer: Desk
    file: Path

    def edge(self, node: str, account: str | None = None) -> EdgeClient:
        return EdgeClient(self.broker.port, node, account=(account or node, PASSWORD))

    def kiosk(self, node: str) -> Any:
        answer = self.officer.ask("GET", "kiosks")
        assert answer.status_code == 200, answer.text
        return next((each for each in answer.json() if each["node"] == node), None)

    def act(self, node: str, what: str, **body: Any) -> Any:
        answer = self.officer.ask("POST", f"kiosks/{node}/{what}", {"reason": WHY, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def run(self, *words: str) -> Any:
        return CliRunner().invoke(cli, ["nodes", *words, "--config", str(self.file), "--port", str(self.app.port)])

    def roll_for(self) -> set[str]:
        """Kiosks for which the village's roll is sealed."""
        rolling.publish(self.app._services, now_ms())
        found = self.app._services.contents.get(VILLAGE, "roll")
        return set(found.document["keys"]) if found is not None else set()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("withdrawals")
    broker = Guarded(folder / "broker")
    reach = {"url": broker.url, "username": "cloud", "password": PASSWORD, "refuse": broker.refusing}
    app = CloudApp(parse({"data": "data", "broker": reach, "api": {"port": 0}, "telemetry": {"url": "memory:"}}, folder))
    app.start()
    assert until(lambda: get(app, "healthz")["checks"]["broker"]["ok"])
    make(app, "kabupaten", ["officer"], None)
    file = folder / "cloud.toml"
    file.write_text(f'data = "{folder / "data"}"\n')
    yield World(broker, app, Desk(app, "kabupaten"), file)
    app.stop()
    broker.stop()


def born(key: bytes, epoch: str = "aabbccdd", run: str = "r1") -> State:
    return State(True, epoch, run, key=key)


def key() -> bytes:
    return X25519PrivateKey.generate().public_key().public_bytes_raw()


def reading() -> Any:
    return column("soil-1/soil_moisture", "%", [(now_ms() - 10, 30.0, 1)])


def test_from_the_theft_to_a_kiosk_that_is_back(world: World) -> None:
    """Withdrawn while it is connected: the broker ends its line, the roll and letters are for the other kiosk alone, and what comes all the
    same is set aside. Found again: its old key and spool stay refused, new ones are taken.
    """
    old, edges = key(), [world.edge(GONE), world.edge(STAYS)]
    for edge, public in zip(edges, (old, key()), strict=True):
        edge.state(born(public))
        edge.pack(1, reading())
        assert until(lambda e=edge: e.receipted() == {1})  # type: ignore[misc]
    gone, stays = edges
    other = Address(VILLAGE, STAYS)
    gone.send(other.up(Lane.LIVE), encode(make_pack(9, reading())))  # the broker keeps a node to its own topics
    assert until(lambda: world.roll_for() == {GONE, STAYS}) and not world.kiosk(GONE)["only"]

    shown = world.act(GONE, "withdraw")
    assert (shown["state"], shown["withdrawals"][0]["broker"], shown["withdrawals"][0]["by"]) == ("withdrawn", "refused", "Kabupaten")
    assert until(lambda: not gone.connected) and world.kiosk(STAYS)["only"]
    assert world.roll_for() == {STAYS}
    with world.app._services.records.session() as session:
        for number, node in (("a" * 32, GONE), ("b" * 32, STAYS)):
            mail.put(session, number, VILLAGE, Address(VILLAGE, node).letter(number), b"letter", now_ms() + 60_000)
    postman = world.edge(GONE, account="cloud")  # whom the broker lets in all the same
    assert until(lambda: [t for t, _, _ in stays.got if "/down/letter/" in t])
    assert not [t for t, _, _ in postman.got if "/down/letter/" in t]

    postman.state(born(key(), run="thief"))
    postman.pack(2, reading())
    postman.pack(3, events=[{"type": "service-request", "name": "Warga Contoh"}], lane=Lane.EVENT)
    stays.pack(2, reading())
    assert until(lambda: stays.receipted() == {1, 2})
    assert until(lambda: len(get(world.app, "dead-letters", code="withdrawn")) == 2)
    letters = get(world.app, "dead-letters", code="withdrawn")
    assert not postman.receipts and not any(each["bytes"] for each in letters)
    assert all(each["bytes"] for each in world.officer.ask("GET", "dead-letters?code=withdrawn").json())
    assert [(n["state"] == "withdrawn", n["readings"]) for n in get(world.app, "nodes")] == [(True, 1), (False, 2)]
    postman.send(Address(VILLAGE, "kios-baru").state, encode_document(born(old)))  # its old self under another name
    assert until(lambda: world.kiosk("kios-baru"))["key"] == "old" and world.roll_for() == {STAYS}
    number = next(each["id"] for each in letters if each["topic"].endswith("live"))
    again = world.officer.ask("POST", f"dead-letters/{number}/replay").json()
    assert (again["stored"], again["code"]) == (False, "withdrawn")
    assert world.app._services.nodes.get(GONE).public == old  # type: ignore[union-attr]

    world.act(GONE, "restore", reason="ditemukan polisi")
    world.broker.let_in(GONE)
    world.broker.process.send_signal(signal.SIGHUP)
    postman.state(born(old, run="r2"))
    postman.pack(4, reading())
    assert until(lambda: len(get(world.app, "dead-letters", code="withdrawn")) == 3) and not postman.receipts
    assert world.kiosk(GONE)["key"] == "old" and world.roll_for() == {STAYS}
    postman.close()
    back = world.edge(GONE)
    back.state(born(key(), "eeeeeeee", "r3"))
    back.pack(1, reading(), epoch="eeeeeeee")
    assert until(lambda: back.receipted("eeeeeeee") == {1})
    assert world.kiosk(GONE)["key"] == "good" and world.roll_for() == {GONE, STAYS}
    assert world.officer.ask("POST", f"dead-letters/{number}/replay").json()["new"] == 1  # somebody has looked, and trusts it
    with world.app._services.records.session() as session:
        log = session.scalars(select(AccessLogRow).where(AccessLogRow.purpose == "keamanan").order_by(AccessLogRow.n)).all()
    assert [(line.actor, line.what, line.resident) for line in log] == [("kabupaten", "withdraw", None), ("kabupaten", "restore", None)]
    assert WHY in log[0].detail and "ditemukan polisi" in log[1].detail
    for edge in (gone, stays, back):
        edge.close()


def test_what_cannot_be_done_is_said(world: World) -> None:
    """No such kiosk, no reason, twice, nothing to restore; the command says what it means for the village before it does it."""
    desk, edge = world.officer, world.edge("cloud")
    edge.address = Address("35.10.25.2006", "kios-sendiri")
    edge.state(born(key()))
    assert until(lambda: [k for k in desk.ask("GET", "kiosks").json() if k["node"] == "kios-sendiri"])
    edge.close()
    for node, what, body, said, words in (
        ("kios-sendir", "withdraw", {"reason": WHY}, (404, "not_found"), "maksud Anda 'kios-sendiri'?"),
        ("kios-sendiri", "withdraw", {"reason": "  x "}, (422, "invalid_request"), "tulis sebabnya"),
        ("kios-sendiri", "restore", {"reason": WHY}, (409, "conflict"), "tidak sedang ditarik"),
        ("kios-sendiri", "withdraw", {"reason": WHY, "oleh": "x"}, (422, "invalid_request"), "oleh"),
    ):
        answer = desk.ask("POST", f"kiosks/{node}/{what}", body)
        assert code(answer) == said and words in answer.json()["error"]["message"]
    said_by = ("kios-sendiri", "--by", "Bu Sari", "--reason", WHY)
    assert world.run("withdraw", "kios-lain", *said_by[1:], "--yes").exit_code == 1
    asked = world.run("withdraw", *said_by)  # nobody answers the question
    assert asked.exit_code == 1 and "only kiosk of 35.10.25.2006" in asked.output
    done = world.run("withdraw", *said_by, "--yes")
    assert done.exit_code == 0 and "withdrawn" in done.output and "by Bu Sari" in done.output, done.output
    twice = desk.ask("POST", "kiosks/kios-sendiri/withdraw", {"reason": WHY})
    assert code(twice) == (409, "conflict") and "Bu Sari" in twice.json()["error"]["message"]
    assert "kios-sendiri" in world.run("list", "--withdrawn").output
    back = world.run("restore", *said_by, "--mistake")
    assert back.exit_code == 0 and "a mistake" in back.output
    assert world.kiosk("kios-sendiri")["key"] == "good"


def test_a_broker_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    """The withdrawal holds; health says that the broker may still let it in, until it does not."""
    records, health, flag = open_records("sqlite:r.sqlite", tmp_path), Health(), tmp_path / "kiosk-1"
    with records.session() as session:
        session.add(
            WithdrawalRow(
                node="kiosk-1", village=VILLAGE, at=1, by="a", name="A", why=WHY, public=b"k", epoch="e", broker="none", broker_note=""
            )
        )  # fmt: skip
    accounts = tmp_path / "accounts"
    accounts.write_text("cloud:$7$a\nkiosk-1:$7$b\nkiosk-10:$7$c\n", encoding="utf-8")
    commands = [[*TAKEN_AWAY, str(accounts)], ["test", "-e", str(tmp_path / "{node}")]]  # the second, as a reload, fails
    see_to(records, commands, health)
    assert not health.ok and "may still let in kiosk-1;" in str(health.report()["withdrawals"]["detail"])
    with records.session() as session:
        row = session.scalars(select(WithdrawalRow)).one()
    assert (row.broker, row.broker_note) == ("asked", "test ends with 1")
    assert accounts.read_text(encoding="utf-8") == "cloud:$7$a\nkiosk-10:$7$c\n"
    flag.touch()
    see_to(records, commands, health, only="kiosk-10")
    assert not health.ok
    see_to(records, commands, health, only="kiosk-1")
    assert health.ok
    with records.session() as session:
        assert session.scalar(select(WithdrawalRow.broker)) == "refused"
    assert "No such file" in refuse([["kampung-no-such-program", "{node}"]], "kiosk-1")
    assert parse({"broker": {"refuse": commands}}, tmp_path).broker.refuse == commands
    with pytest.raises(ConfigurationError, match="refuse"):
        parse({"broker": {"refuse": [["systemctl", "reload", "mosquitto"]]}}, tmp_path)
    with pytest.raises(ConfigurationError, match="mosquitto_passwd -c"):
        run(free_port(), tmp_path / "broker", passwords=tmp_path / "none")
    records.close()


def test_the_rules_of_access_stand_in_the_documentation() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "brokers.md").read_text(encoding="utf-8")
    assert [line for line in ACCESS.splitlines()[1:] if line not in page] == []
    advised = json.dumps(TAKEN_AWAY)[:-1]
    assert advised in page and advised in (root / "cloud" / "cloud.toml").read_text(encoding="utf-8")


def test_what_the_broker_kept_gives_a_node_that_was_away_no_key(tmp_path: Path) -> None:
    """A retained birth may be from the time in which it was in other hands; one that comes now is from whoever has its account now."""
    from kampung_cloud.bus import Bus

    records = open_records("sqlite:r.sqlite", tmp_path)
    nodes = Nodes(records, Bus())
    nodes.heard(VILLAGE, "kiosk-1", born(b"a" * 32), 1, retained=True)
    with records.session() as session:
        nodes.save(session)
        row = WithdrawalRow(node="kiosk-1", village=VILLAGE, at=2, by="a", name="A", why=WHY, broker="none", broker_note="")
        session.add(row)
        row.restored, row.mistake = 3, False
    nodes.refresh(records)
    nodes.heard(VILLAGE, "kiosk-1", born(b"b" * 32, run="r2"), 4, retained=True)
    assert nodes.get("kiosk-1").public == b"a" * 32  # type: ignore[union-attr]
    nodes.heard(VILLAGE, "kiosk-1", born(b"c" * 32, run="r2"), 5, retained=False)
    assert nodes.get("kiosk-1").public == b"c" * 32  # type: ignore[union-attr]
    records.close()
