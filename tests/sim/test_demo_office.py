"""What the simulated village brings to its desk: the register takes all of it, and nobody in it is real."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from kampung_cloud.gate import load_policy
from kampung_cloud.modules.services.catalogue import Catalogue
from kampung_cloud.residents.files.columns import guess
from kampung_cloud.residents.files.line import person
from kampung_cloud.residents.files.sheet import read
from kampung_contract.questions import check
from kampung_sim import demo_office, tamansari
from kampung_sim.demo_residents import DAY, residents
from kampung_sim.residents import PREFIX

HERE = files("kampung_sim").joinpath("tamansari")


def test_the_register_takes_every_line() -> None:
    """The columns are known by their heads, and no line has a grave problem; all numbers are of a kecamatan that does not exist."""
    sheet = read(demo_office.sheet())
    mapping = guess(sheet.heads)
    assert {"nik", "nama", "no_kk", "tanggallahir"} <= {sheet.heads[at] for at in mapping}
    lines = [person(line, mapping, tamansari.VILLAGE, DAY) for line in sheet.lines]
    assert len(lines) == len(residents()) > 300
    assert [p for line in lines for p in line.problems if p.grave] == []
    assert all(row["nik"].startswith(PREFIX) and row["no_kk"].startswith(PREFIX) for row in residents())


def test_requests_fit_the_catalogue(tmp_path: Path) -> None:
    """Each answers what its service asks, and stands where no clock of the village would call it late within the hour."""
    services = Catalogue(tmp_path).services(tamansari.VILLAGE)
    for each in json.loads(HERE.joinpath("requests.json").read_text(encoding="utf-8")):
        clean, wrong = check(services[each["service"]].fields, each["answers"], DAY)
        assert not wrong
        assert clean == each["answers"]
        assert each["acts"][-1]["act"] != "take"


def test_the_policy_asks_and_holds_nothing_up(tmp_path: Path) -> None:
    """Its decree was not read: it says so, and no letter waits for it."""
    file = tmp_path / "policy.toml"
    file.write_text(HERE.joinpath("sedekah-oksigen.toml").read_text(encoding="utf-8"), encoding="utf-8")
    policy = load_policy(file)
    assert not policy.binding
    assert "surat-keterangan-usaha" in policy.services
