"""Complaints at the desks of a real cloud: who sees which, who reads who wrote, what everybody is told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from kampung_cloud.app import CloudApp
from kampung_cloud.health import now_ms
from kampung_cloud.modules.complaints.desk import book
from kampung_cloud.residents import access_log
from kampung_contract import complaint as contract
from kampung_contract.complaint import Complaint, Suggestion

from ...alone import cloud_alone
from ...conftest import HTTP, VILLAGE
from ...desk import Desk, code, make

OTHER = "35.10.24.2001"
TEXT = "Petugas meminta uang untuk surat yang gratis."
NAMES = count(1)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    cost, contract.COST = contract.COST, 2
    with cloud_alone(tmp_path_factory.mktemp("complaints")) as app:
        make(app, "siti", ["petugas"])
        make(app, "rini", ["inspektur"], None)
        make(app, "budi", ["petugas", "inspektur"], OTHER)
        yield app
    contract.COST = cost


@pytest.fixture(scope="module")
def siti(cloud: CloudApp) -> Desk:
    return Desk(cloud, "siti")


@pytest.fixture(scope="module")
def rini(cloud: CloudApp) -> Desk:
    return Desk(cloud, "rini")


def came(cloud: CloudApp, village: str = VILLAGE, **more: Any) -> int:
    said = Complaint(**({"id": f"{next(NAMES) * 2**96:032x}", "about": "service", "at": now_ms(), "text": TEXT} | more))
    return book(cloud._services).take_in(said, village, now_ms())


def test_a_complaint_about_money_goes_past_the_village(cloud: CloudApp, siti: Desk, rini: Desk) -> None:
    """Its staff find nothing of it, in no list, no figure and no act; the head's is the same. The inspector answers it."""
    fee, head, mine = came(cloud, about="fee", asked=50_000), came(cloud, about="conduct", head=True), came(cloud)
    assert [c["id"] for c in siti.ask("GET", f"complaints?village={VILLAGE}").json()] == [mine]
    for number in (fee, head):
        for method, path, body in (
            ("GET", "", None), ("POST", "/acts", {"act": "take"}), ("POST", "/category", {"category": "fee"}), ("POST", "/writer", None)
        ):  # fmt: skip
            assert code(siti.ask(method, f"complaints/{number}{path}", body)) == (404, "not_found")
    assert siti.ask("GET", f"complaints/statistics?village={VILLAGE}&year=2026").json()[0]["n"] == 1
    assert rini.ask("GET", f"complaints/statistics?village={VILLAGE}&year=2026").json()[0]["n"] == 3
    assert {c["id"] for c in rini.ask("GET", "complaints").json()} == {fee, head, mine}
    found = rini.ask("GET", f"complaints/{fee}").json()
    assert (found["text"], found["asked"], found["past"], found["office"]) == (TEXT, 50_000, True, "Inspektorat kabupaten")
    done = rini.ask("POST", f"complaints/{fee}/acts", {"act": "answer", "note": "Uangnya sudah dikembalikan."}).json()
    assert (done["state"], done["steps"][-1]["note"], done["acts"]) == ("answered", "Uangnya sudah dikembalikan.", [])
    assert code(rini.ask("POST", f"complaints/{fee}/acts", {"act": "answer", "note": "Sekali lagi kami jawab."})) == (409, "conflict")


def test_who_wrote_is_read_by_whom_he_chose(cloud: CloudApp, siti: Desk, rini: Desk) -> None:
    """The office's own, the inspector's, nobody's; each reading stands in an access log, the inspector's not in the village's."""
    who = {"name": "Contoh Warga", "contact": "0812-0000-0001"}
    to_office, secret, nobody = came(cloud, known="office", **who), came(cloud, known="inspectorate", **who), came(cloud)
    assert siti.ask("POST", f"complaints/{to_office}/writer").json() == who
    assert siti.ask("GET", f"complaints/{secret}").json()["writer"] is False
    assert code(siti.ask("POST", f"complaints/{secret}/writer")) == (403, "forbidden")
    assert rini.ask("POST", f"complaints/{secret}/writer").json() == who
    assert code(rini.ask("POST", f"complaints/{nobody}/writer"))[0] == 404
    token = HTTP.post(f"{cloud.url}/api/v1/complaints/{secret}/writer", headers={"Authorization": f"Bearer {cloud.token}"}, timeout=30)
    assert token.status_code == 403
    records = cloud._services.records
    assert [(line.actor, line.detail) for line in access_log.newest(records, VILLAGE)] == [("siti", f"pengaduan {to_office}")]
    assert [(line.actor, line.detail) for line in access_log.newest(records, "35.10")] == [("rini", f"pengaduan {secret}")]


def test_each_office_does_its_own(cloud: CloudApp, siti: Desk, rini: Desk) -> None:
    """A village hands on what is not its to judge, reads on and does no more; another village has nothing here."""
    number = came(cloud)
    assert code(rini.ask("POST", f"complaints/{number}/acts", {"act": "take"})) == (403, "forbidden")
    assert code(siti.ask("POST", f"complaints/{number}/acts", {"act": "answer"}))[0] == 422
    handed = siti.ask("POST", f"complaints/{number}/acts", {"act": "forward", "note": "Menyangkut kerabat kepala desa."}).json()
    assert (handed["state"], handed["office"], handed["acts"]) == ("received", "Inspektorat kabupaten", [])
    assert code(siti.ask("POST", f"complaints/{number}/acts", {"act": "take"})) == (403, "forbidden")
    assert rini.ask("POST", f"complaints/{number}/category", {"category": "conduct"}).json()["category"] == "conduct"
    budi = Desk(cloud, "budi")
    assert code(budi.ask("GET", f"complaints?village={VILLAGE}")) == (403, "forbidden")
    for path in ("", "/writer"):
        assert code(budi.ask("POST" if path else "GET", f"complaints/{number}{path}")) == (404, "not_found")


def test_nobody_counts_what_goes_past_the_village(cloud: CloudApp, siti: Desk) -> None:
    """A number of her own village's that she may not see is answered as another village's is, and as none that is there; the kiosks'
    document, which names all, is shown to nobody."""
    past, other = came(cloud, about="fee"), came(cloud, OTHER)
    answers = [siti.ask("GET", f"complaints/{number}") for number in (past, other, 999_999)]
    assert {code(a) for a in answers} == {(404, "not_found")}
    assert len({a.json()["error"]["message"].replace(str(n), "N") for a, n in zip(answers, (past, other, 999_999), strict=True)}) == 1
    cloud._services.contents.put(VILLAGE, "complaints", {"complaints": []})
    for key in ("complaints", "requests", "roll"):
        assert code(siti.ask("GET", f"villages/{VILLAGE}/content/{key}")) == (403, "forbidden")


def test_suggestions_and_figures(cloud: CloudApp, siti: Desk) -> None:
    """Read once; figures for everybody hold nothing of a quarter that runs."""
    book(cloud._services).suggest(Suggestion("b" * 32, 1, "Sediakan kursi di ruang tunggu."), VILLAGE, now_ms())
    (found,) = siti.ask("GET", f"complaints/suggestions?village={VILLAGE}").json()
    assert (found["text"], found["seen"]) == ("Sediakan kursi di ruang tunggu.", None)
    assert siti.ask("POST", f"complaints/suggestions/{found['id']}/seen").status_code == 204
    (again,) = siti.ask("GET", f"complaints/suggestions?village={VILLAGE}").json()
    assert again["seen_by"] == "siti"
    told = HTTP.get(f"{cloud.url}/api/v1/complaints/figures?year=2026", timeout=30).json()
    assert told == {"year": 2026, "least": 5, "villages": [], "inspectorate": []}
