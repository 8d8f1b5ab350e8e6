"""The gate: what no policy can touch, how a policy is refused, and what it answers."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from kampung_cloud.config import parse
from kampung_cloud.gate import Applicant, Proof, decide, denied, parse_policy
from kampung_cloud.gate.catalogue import catalogue
from kampung_cloud.gate.policy import always_exempt
from kampung_contract.errors import ConfigurationError, InvalidRequest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "cloud" / "sedekah-oksigen.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
BINDING = TEXT.replace('mark = "V2"', 'mark = "V"')
DAY = dt.date(2026, 11, 30)
USAHA = "surat-keterangan-usaha"
OPEN = {
    "surat-keterangan-usaha", "surat-pengantar-izin-keramaian", "surat-keterangan-domisili-usaha", "surat-keterangan-jual-beli",
    "surat-pengantar-surat-keterangan-catatan-kepolisian", "surat-pengantar-permohonan-penerbitan-buku-pas-lintas",
    "surat-keterangan-kepemilikan-kendaraan", "surat-keterangan-penghasilan-orang-tua", "surat-perintah-perjalanan-dinas",
    "surat-keterangan-kepemilikan-tanah", "surat-kuasa", "surat-keterangan-penghasilan-ayah", "surat-keterangan-penghasilan-ibu",
    "surat-pernyataan-penguasaan-fisik-bidang-tanah-sporadik", "surat-keterangan-bepergian",
}  # fmt: skip
"""What a policy may name of the 42; every other is a right, and a new letter has to be put here by hand."""


def definitions() -> list[dict[str, Any]]:
    """The definitions of services, if there are: ``civil`` marks a right of civil registration, ``oksigen`` what may ask."""
    files = sorted((ROOT / "cloud" / "kampung_cloud" / "modules" / "services").rglob("data/*.toml"))
    return [row for row in (tomllib.loads(f.read_text(encoding="utf-8")) for f in files) if "id" in row]


def services() -> list[tuple[str, str]]:
    """Every service there is: the village letters, and the definitions."""
    return [(s.id, s.title) for s in catalogue().values()] + [(str(row["id"]), str(row["title"])) for row in definitions()]


def test_definitions_agree() -> None:
    """What calls itself a right is one here, and what may ask for a tree is none, by its own name and by that of its letter."""
    assert len(definitions()) >= 40
    for row in definitions():
        names = (row["id"], row["title"]), (row.get("table", ""), "")
        if row.get("civil"):
            assert any(denied(*name) for name in names), row["id"]
            assert denied(row["id"], row["title"]), row["id"]
        if row.get("oksigen"):
            assert not any(denied(*name) for name in names), row["id"]
        if row.get("table"):
            assert bool(denied(row["id"], row["title"])) == bool(denied(row["table"])), row["id"]


@pytest.mark.parametrize(("service", "title"), services(), ids=[s for s, _ in services()])
def test_denylist_over_the_whole_catalogue(service: str, title: str) -> None:
    """A policy that names a right does not load and says which; and no policy keeps a right back, even one that was forced in."""
    right = denied(service, title)
    if service in catalogue():
        assert (right is None) == (service in OPEN), f"{service}: {right}"
    text = TEXT.replace(TEXT[TEXT.index("services =") :], f'services = ["{service}"]\n')
    if right is None:
        if service in catalogue():
            assert parse_policy(text).services == (service,)
        return
    with pytest.raises(ConfigurationError, match="which no policy can touch"):
        parse_policy(text)
    forced = parse_policy(BINDING).model_copy(update={"services": (service,), "mode": "strict", "accepts": ("proof",)})
    assert decide(forced, service, Applicant(), DAY).outcome == "a_right"


@pytest.mark.parametrize(
    "name",
    ["Penerbitan KTP-el", "kartu-keluarga-baru", "AKTA KELAHIRAN", "surat_kematian", "SKTM", "surat keterangan tidak mampu",
     "pindah-datang",
     "KIA anak", "buku nikah", "akta perceraian", "pengangkatan anak", "perubahan nama", "usul DTSEN", "Surat Keterangan Ahli Waris"],
)  # fmt: skip
def test_rights_by_other_names(name: str) -> None:
    """As another catalogue would spell them."""
    assert denied(name) is not None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('decree = "Peraturan Bupati Banyuwangi Nomor 46 Tahun 2013"', "", "decree is missing"),
        ("dated = 2013-01-01", "#", "dated is missing"),
        ('services = ["surat-keterangan-usaha"', 'services = ["surat-keterangan-usha"', "no service is named 'surat-keterangan-usha'"),
        ("since = 2026-01-01", "since = 2012-01-01", "before the decree"),
        ("grace_days = 90", "grace_days = 1", "grace_days = '1'"),
        ("trees = 1", "tree = 1", "tree = '1': unknown key"),
        ('mode = "planting"', 'mode = "planting', "not TOML"),
        ("trees = 1", "village_plot = false", "village_plot"),
    ],
)
def test_wrong_policies(old: str, new: str, words: str) -> None:
    """The key, the value, the remedy."""
    with pytest.raises(ConfigurationError) as refused:
        parse_policy(TEXT.replace(old, new), "kebijakan.toml")
    assert words in refused.value.message
    assert refused.value.message.startswith("kebijakan.toml: ")


def test_the_cloud_does_not_start_with_such_a_policy(tmp_path: Path) -> None:
    """A configuration names the file; a good one is read at the start."""
    (tmp_path / "p.toml").write_text(TEXT)
    assert parse({"gate": {"policy": "p.toml"}}, tmp_path).gate.policy == tmp_path / "p.toml"
    (tmp_path / "p.toml").write_text(TEXT.replace(USAHA, "surat-keterangan-kematian"))
    with pytest.raises(ConfigurationError, match=r"gate\.policy: .*kematian"):
        parse({"gate": {"policy": "p.toml"}}, tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        parse({"gate": {"policy": "none.toml"}}, tmp_path)


def test_decisions() -> None:
    """Each way through, and the one way that is none."""
    policy = parse_policy(BINDING)
    tree = Proof("K7QM2X9W", "hidup", his=True)
    refused = decide(policy, USAHA, Applicant(), DAY)
    assert (refused.allowed, refused.outcome) == (False, "refused")
    assert "petak desa" in refused.reason["id"]
    assert decide(policy, USAHA, Applicant(proofs=(tree,)), DAY).trees == ("K7QM2X9W",)
    pledge = decide(policy, USAHA, Applicant(pledges=True), DAY)
    assert (pledge.outcome, pledge.due) == ("pledge", dt.date(2027, 2, 28))
    assert decide(policy, USAHA, Applicant(pledges=True, overdue=True), DAY).outcome == "refused"
    for wrong, words in (
        (Proof("A", "mati", his=True), "mati"),
        (Proof("A", "hidup", his=False), "bukan atas nama"),
        (Proof("A", "hidup", his=True, used=True), "dipakai"),
    ):
        found = decide(policy, USAHA, Applicant(proofs=(wrong,)), DAY)
        assert not found.allowed
        assert words in found.reason["id"]
    strict = policy.model_copy(update={"mode": "strict"})
    assert not decide(strict, USAHA, Applicant(proofs=(tree,)), DAY).allowed
    assert decide(strict, USAHA, Applicant(proofs=(Proof("B", "tumbuh", his=True),)), DAY).outcome == "proof"


def test_who_is_not_asked() -> None:
    """Every exemption there is; a policy of yesterday; no policy; an unconfirmed decree asks and refuses nobody."""
    policy = parse_policy(BINDING)
    assert {"disability", "elderly", "emergency", "poor", "death", "birth"} <= {e.id for e in always_exempt()}
    for exemption in policy.exemptions:
        assert decide(policy, USAHA, Applicant(frozenset({exemption})), DAY).outcome == "exempt"
    with pytest.raises(InvalidRequest, match="the policy knows disability"):
        decide(policy, USAHA, Applicant(frozenset({"rich"})), DAY)
    assert decide(policy, USAHA, Applicant(), dt.date(2025, 12, 31)).outcome == "no_policy"
    assert decide(None, USAHA, Applicant(), DAY).outcome == "no_policy"
    assert decide(policy, "surat-kuasa", Applicant(), DAY).outcome == "not_named"
    asked = decide(parse_policy(TEXT), USAHA, Applicant(), DAY)
    assert (asked.allowed, asked.outcome) == (True, "asked")
