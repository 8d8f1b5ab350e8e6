"""A request that the policy asks a tree of: what holds it up, what lets it go on, and that a change of policy punishes nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.calendar import national
from kampung_cloud.gate import Policy, parse_policy
from kampung_cloud.keyed import Hashes
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.modules.services.gating import Gate, standing, told
from kampung_cloud.modules.services.models import ServiceRequestRow
from kampung_cloud.modules.services.requests.book import Asked, Book, Conflict
from kampung_cloud.modules.services.settings import Settings
from kampung_cloud.records.tree_models import TreePledgeRow, TreeRow
from kampung_cloud.sealing import Keyring
from kampung_contract.errors import ConfigurationError, InvalidRequest, NotFound
from kampung_contract.tree_code import new_code
from sqlalchemy import select

from tests.cloud.modules.services.conftest import VILLAGE

TEXT = (Path(__file__).resolve().parents[4] / "cloud" / "sedekah-oksigen.toml").read_text(encoding="utf-8")
BINDING = parse_policy(TEXT.replace('mark = "V2"', 'mark = "V"') + "\non_letter = true\n")
NOW = 1_796_000_000_000
"""30 November 2026, a Monday's morning"""
ANSWERS = {"usaha": "Warung kopi", "alamat_usaha": "Dusun Krajan", "keperluan": "Pinjaman modal"}


class World:
    """A book whose policy can be changed."""

    def __init__(self, records: Any, folder: Path) -> None:
        self.policy: Policy | None = BINDING
        self.broken = False
        self.records = records
        self.gate = Gate(self.today, Hashes(folder))
        self.book = Book(records, Catalogue(), national(), Keyring.open_at(folder, 1), Settings(), self.gate)

    def today(self) -> Policy | None:
        if self.broken:
            raise ConfigurationError("policy.toml: not TOML")
        return self.policy

    def asks(self, name: str, service: str = "keterangan-usaha", answers: Any = None) -> str:
        ref = self.book.take_in(Asked(VILLAGE, service, ANSWERS if answers is None else answers, {"nama": name}), NOW)
        self.book.act(ref, "take", "petugas", "siti", NOW)
        return ref

    def shows(self, ref: str, name: str, *, trees: tuple[str, ...] = (), pledges: bool = False, exemptions: tuple[str, ...] = ()) -> None:
        with self.records.session() as session:
            self.gate.named(session, ref, name, trees=trees, pledges=pledges, exemptions=exemptions, phone="", by="siti", now=NOW)

    def approves(self, ref: str) -> str:
        return str(self.book.act(ref, "approve", "petugas", "siti", NOW).row.state)

    def signs(self, ref: str) -> list[str]:
        notes: list[str] = []
        self.book.act(
            ref, "sign", "kades", "kades", NOW, issue=lambda s, r, _: notes.append(self.gate.signed(s, r.row, "kades", NOW))
        )  # fmt: skip
        return notes

    def plants(self, code: str, name: str, status: str = "hidup") -> str:
        with self.records.session() as session:
            columns = {c.name: c for c in TreeRow.__table__.columns}
            given: dict[str, Any] = {"code": code, "planter_name": name, "status": status, "village": VILLAGE, "event": code}
            for key, column in columns.items():
                if key not in given and not column.nullable and column.default is None:
                    given[key] = {str: "", int: 1, float: 1.0, bool: False}.get(column.type.python_type, "")
            session.add(TreeRow(**given))
        return code


@pytest.fixture
def world(records: Any, folder: Path) -> World:
    return World(records, folder)


def test_without_a_tree_it_waits_and_says_how(world: World) -> None:
    ref = world.asks("Warga Satu")
    with pytest.raises(Conflict, match=r"berjanji menanam dalam 90 hari.*Daftarkan pohon di kios"):
        world.approves(ref)
    assert world.book.get(ref).row.state == "checking"


def test_a_tree_lets_it_on_serves_once_and_stands_on_the_letter(world: World) -> None:
    code = world.plants("K7QM2X9W", "Warga Dua")
    ref, other = world.asks("Warga Dua"), world.asks("Warga Dua")
    world.shows(ref, "Warga Dua", trees=(code,))
    assert world.approves(ref) == "waiting_signature"
    world.shows(other, "Warga Dua", trees=(code,))
    with pytest.raises(Conflict, match="sudah dipakai untuk surat lain"):
        world.approves(other)
    assert world.signs(ref) == ["Sedekah Oksigen: pohon K7QM-2X9W."]
    with world.records.session() as session:
        assert [r.service for r in session.scalars(select(TreePledgeRow).where(TreePledgeRow.tree == code))] == ["surat-keterangan-usaha"]
        assert told(standing(session, [ref])[ref])["trees"] == ["K7QM-2X9W"]


def test_a_rejected_request_gives_its_tree_back(world: World) -> None:
    code = world.plants(new_code(), "Warga Tiga")
    ref = world.asks("Warga Tiga")
    world.shows(ref, "Warga Tiga", trees=(code,))
    world.book.act(ref, "reject", "petugas", "siti", NOW, note="Usahanya di desa lain")
    second = world.asks("Warga Tiga")
    world.shows(second, "Warga Tiga", trees=(code,))
    assert world.approves(second) == "waiting_signature"


def test_a_pledge_or_an_exemption_lets_it_on(world: World) -> None:
    pledged, poor = world.asks("Warga Empat"), world.asks("Warga Lima")
    world.shows(pledged, "Warga Empat", pledges=True)
    world.shows(poor, "Warga Lima", exemptions=("poor",))
    assert world.approves(pledged) == world.approves(poor) == "waiting_signature"
    assert "berjanji menanam paling lambat" in world.signs(pledged)[0]
    assert world.signs(poor) == [""]


@pytest.mark.parametrize("change", ["to none", "to one that only asks"])
def test_a_kinder_policy_helps_a_running_request(world: World, change: str) -> None:
    ref = world.asks("Warga Enam")
    world.policy = None if change == "to none" else parse_policy(TEXT)
    assert world.approves(ref) == "waiting_signature"


def test_a_stricter_policy_does_not_touch_it_and_a_broken_one_loses_nothing(world: World) -> None:
    world.policy = None
    ref = world.asks("Warga Tujuh")
    world.policy, world.broken = BINDING, False
    assert world.approves(ref) == "waiting_signature"
    world.broken = True
    assert world.approves(world.asks("Warga Delapan")) == "waiting_signature"


def test_a_right_is_never_asked_and_nothing_is_written_of_it(world: World) -> None:
    for service in ("permohonan-ktp", "domisili"):
        found = world.book._catalogue.services(VILLAGE).get(service)
        if found is None:
            continue
        row = ServiceRequestRow(id=f"R-{service}"[:20], village=VILLAGE, opened=NOW)
        with world.records.session() as session:
            world.gate.opened(session, row, found, "Warga")
            assert standing(session, [row.id]) == {}
    with pytest.raises(NotFound, match="tidak diminta pohon"):
        world.shows("TIDAK-ADA", "Warga", pledges=True)


def test_what_is_wrong_is_said(world: World) -> None:
    ref = world.asks("Warga Sembilan")
    with pytest.raises(NotFound, match="register it first"):
        world.shows(ref, "Warga Sembilan", trees=(new_code(),))
    with pytest.raises(InvalidRequest, match="the policy knows"):
        world.shows(ref, "Warga Sembilan", exemptions=("rich",))
