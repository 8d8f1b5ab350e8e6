"""Keys change while residents are written and read, survive a kill, and old ones go only when nothing is under them."""

from __future__ import annotations

import os
import subprocess
import threading
from datetime import date
from pathlib import Path

from kampung_cloud.health import Health
from kampung_cloud.key_fit import check, unfit
from kampung_cloud.main import cli
from kampung_cloud.modules import kept
from kampung_cloud.records import Records, open_records
from kampung_cloud.records.models import Base
from kampung_cloud.resealing import Kept, left, reseal
from kampung_cloud.residents.person import Person
from kampung_cloud.residents.registry import Registry
from kampung_cloud.sealing import Keyring
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from ..conftest import COMMAND, VILLAGE

NOW = 1_790_000_000_000
DAY = date(2026, 9, 21)


def filled(records: Records, ring: Keyring, count: int) -> Registry:
    registry = Registry(records, ring)
    with records.session() as session:
        registry.hold(session)
        known = registry.know(session, [Person(VILLAGE, "", nik=f"351099010190{n:04}") for n in range(count)])
        for n in range(count):
            nik = f"351099010190{n:04}"
            person = Person(VILLAGE, f"Orang {n}x", nik=nik, kk=nik, contacts={"phone": "0812-0000-0001"}, address="A")
            registry.put(session, person, NOW, known)
        registry.finish(session, known)
    return registry


def one(registry: Registry, session: Session, person: Person) -> None:
    known = registry.know(session, [person])
    registry.put(session, person, NOW, known)
    registry.finish(session, known)


def test_keys_change_on_every_database(records_url: str, tmp_path: Path) -> None:
    """Everything is found and read under the new key; one that runs beside, with the old ring in its hands, seals with the new one."""
    records = open_records(records_url, tmp_path)
    running = Keyring.open_at(tmp_path, NOW)
    registry = filled(records, running, 205)
    other = Keyring.open_at(tmp_path, NOW)
    assert left(records, other, kept()) == 0
    newest = other.rotated(NOW + 1)
    assert left(records, newest, kept()) == 410
    assert reseal(records, newest, kept()) == 410
    assert left(records, newest, kept()) == 0
    (number,) = registry.by_nik("3510990101900007", VILLAGE)
    assert registry.get(number).person.nik == "3510990101900007", "the running one reads what another sealed"
    with records.session() as session:
        registry.hold(session)
        one(registry, session, Person(VILLAGE, "Baru", nik="3510990101910001"))
    assert left(records, newest, kept()) == 0, "the running one seals with the new key"
    newest.without_old()
    assert Registry(records, Keyring.open_at(tmp_path, 1)).get(number).person.contacts == {"phone": "0812-0000-0001"}
    records.close()


def test_keys_that_do_not_fit_the_records_are_told(tmp_path: Path) -> None:
    """A restored cloud without its keys, and one that made others meanwhile. Where nothing is sealed nothing is told, nor a ring made."""
    records, elsewhere = open_records("sqlite:records.sqlite", tmp_path), tmp_path / "elsewhere"
    assert unfit(records, elsewhere, kept()) == ""
    filled(records, Keyring.open_at(tmp_path, NOW), 1)
    assert unfit(records, tmp_path, kept()) == ""
    assert "is missing, and resident" in unfit(records, elsewhere, kept())
    assert not elsewhere.exists()
    Keyring.open_at(elsewhere, NOW)
    health = Health()
    check(records, elsewhere, kept(), health)
    assert "records.json does not hold the key that sealed resident" in str(health.report()["keys"])
    records.close()


def test_a_rotation_that_is_killed_goes_on(tmp_path: Path) -> None:
    """While somebody writes: the command is killed after its first lots; all can be read; the next call ends it, with one new key."""
    (tmp_path / "cloud.toml").write_text('data = "."\n')
    records = open_records("sqlite:records.sqlite", tmp_path)
    ring = Keyring.open_at(tmp_path, NOW)
    registry = filled(records, ring, 600)
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.wait(0.02):
            n += 1
            with records.session() as session:
                registry.hold(session)
                one(registry, session, Person(VILLAGE, f"Sela {n}x", nik=f"351099020290{n:04}"))

    hand = threading.Thread(target=write)
    hand.start()
    command = [*COMMAND, "keys", "rotate", "--config", str(tmp_path / "cloud.toml")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=os.environ)
    assert process.stderr is not None
    process.stderr.read(4)
    process.kill()
    process.wait(30)
    process.stderr.close()
    remaining = left(records, ring, kept())
    assert remaining > 0
    assert len(registry.by_nik("3510990101900599", VILLAGE)) == len(registry.by_nik("3510990101900001", VILLAGE)) == 1
    assert registry.get(registry.by_nik("3510990101900599", VILLAGE)[0]).person.nik == "3510990101900599"
    run = CliRunner()
    told = run.invoke(cli, ["keys", "rotate", "--config", str(tmp_path / "cloud.toml")])
    assert told.exit_code == 0, told.output
    stop.set()
    hand.join()
    assert (left(records, ring, kept()), ring.count) == (0, 2)
    early = run.invoke(cli, ["keys", "forget", "--config", str(tmp_path / "cloud.toml")])
    assert early.exit_code == 2, "what was begun before the key was made may yet be written"
    assert "2 key(s), 0 rows" in run.invoke(cli, ["keys", "show", "--config", str(tmp_path / "cloud.toml")]).output
    records.close()


def test_every_sealed_column_is_gone_through_by_a_change_of_keys() -> None:
    """One that is forgotten would be lost when old keys are dropped."""
    known = {f"{each.table}.{column}" for each in kept() if isinstance(each, Kept) for column in each.columns}
    named = {str(column) for table in Base.metadata.sorted_tables for column in table.columns if column.name.endswith("_sealed")}
    assert named <= known
    assert "service_requests.body" in known
