"""Slips: never wider than the paper, printed once or asked about, over a real line to a printer that jams when it is told to."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyascii import anyascii
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from kampung_contract.documents import Content
from kampung_contract.errors import ConfigurationError, KampungError, NotFound
from kampung_edge.app import EdgeApp
from kampung_edge.config import load
from kampung_edge.printing.jobs import LIFE_MS, MOST_COPIES, Jobs
from kampung_edge.printing.printer import Printer
from kampung_edge.printing.rendering import rendered
from kampung_edge.printing.setting import CODE_PAGES, PrinterSetting
from kampung_edge.printing.slip import BIG, Row, Slip, lines
from kampung_edge.printing.status import is_ordered, is_status, read
from kampung_sim.printer.paper import Paper
from kampung_sim.printer.service import ANSWERS, SimulatedPrinter

from tests.edge.conftest import wait_until

SLIP = Slip("Bukti permohonan · Tamansari", "AB12CD34", (Row("Layanan", "Surat keterangan usaha"),), "AB12CD34", ("Simpan kertas ini.",))
words = st.text(max_size=60)
slips = st.builds(Slip, words, words, st.lists(st.builds(Row, words, words), max_size=3).map(tuple), st.just("AB12"), st.tuples(words))


@settings(max_examples=25, deadline=None)
@given(slips, st.sampled_from([32, 42, 48]), st.sampled_from(sorted(CODE_PAGES)))
def test_no_line_is_wider_than_the_paper_and_nothing_steers_the_printer(slip: Slip, columns: Any, page: Any) -> None:
    setting = PrinterSetting(url="/dev/usb/lp0", columns=columns, code_page=page)
    made = [line for part in lines(slip, columns, page) for line in part]
    for line in made:
        assert len(line.text.encode(page)) * (BIG if line.style == "big" else 1) <= columns
        assert all(ord(c) >= 0x20 for c in line.text)
    paper, body = Paper(page), rendered(slip, setting)
    while body:
        used, _ = paper.take(body)
        assert used, "a whole slip leaves no half command"
        body = body[used:]
    printed = [text for text in paper.strips[0] if text]
    assert printed == [*(x.text for x in lines(slip, columns, page)[0]), "[QR AB12]", *(x.text for x in lines(slip, columns, page)[1])]


def test_letters_that_the_code_page_lacks_are_written_as_they_sound() -> None:
    assert lines(Slip("Désa “Łukasz” ꦏ\x1b@"), 48, "cp437")[0][0].text == f'Désa "Lukasz" {anyascii("ꦏ")} @'


@settings(max_examples=50)
@given(st.dictionaries(st.integers(1, 4), st.integers(0, 255)))
def test_any_answer_is_read(answers: dict[int, int]) -> None:
    assert read(answers).state


def test_answers_are_told_apart() -> None:
    assert all(is_status(byte) and not is_ordered(byte) for said in ANSWERS.values() for byte in said)
    states = {trouble: read(dict(enumerate(said, 1))).state for trouble, said in ANSWERS.items()}
    assert states == {"": "ready", "paper": "paper_out", "cover": "cover_open", "jam": "error"}


class Queue(RuleBasedStateMachine):
    """Whatever is asked for and wherever it is cut off: each slip waits, is printed, is asked about, or was told as dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = 10**12
        self.jobs = Jobs(Path(self.folder.name) / "p.sqlite", lambda: self.now)
        self.model: dict[str, tuple[str, int]] = {}
        self.sent: dict[str, int] = {}
        self.asked: dict[str, int] = {}

    def teardown(self) -> None:
        self.jobs.close()
        self.folder.cleanup()

    @rule(about=st.sampled_from("abc"))
    def add(self, about: str) -> None:
        job = self.jobs.add(about, SLIP)
        if job.id not in self.model:
            assert job.state == "waiting"
            self.model[job.id], self.asked[job.id], self.sent[job.id] = ("waiting", self.now), 1, 0

    @precondition(lambda self: self.model)
    @rule(data=st.data(), paper=st.booleans())
    def person(self, data: st.DataObject, paper: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.model)))
        state, at = self.model[number]
        if paper:
            self.jobs.settle(number)
            self.model[number] = ("done" if state == "perhaps" else state, at)
        elif state in {"done", "perhaps", "dropped"} and self.asked[number] >= MOST_COPIES:
            with pytest.raises(KampungError):
                self.jobs.again(number)
        else:
            self.jobs.again(number)
            if state in {"done", "perhaps", "dropped"}:
                self.model[number] = ("waiting", self.now)
                self.asked[number] += 1

    @rule(cut=st.sampled_from(["no", "before", "within"]), clean=st.booleans(), late=st.sampled_from([0, 1000, LIFE_MS + 1]))
    def work(self, cut: str, clean: bool, late: int) -> None:
        self.now += late
        job = self.jobs.next()
        for number, (state, at) in self.model.items():
            if state == "waiting" and self.now - at > LIFE_MS:
                self.model[number] = ("dropped", at)
        waiting = [n for n, (s, _) in self.model.items() if s == "waiting"]
        assert (job is None) == (not waiting)
        if job is not None and cut != "before":
            assert self.jobs.begin(job.id)
            assert not self.jobs.begin(job.id), "it begins once"
            self.sent[job.id] += 1
            if cut == "no":
                self.jobs.end(job.id, clean=clean)
            self.model[job.id] = ("done" if cut == "no" and clean else "perhaps", self.model[job.id][1])
        if cut != "no":
            self.jobs.close()
            self.jobs = Jobs(self.jobs._path, lambda: self.now)

    @invariant()
    def nothing_lost_and_nothing_twice(self) -> None:
        for number, (state, _) in self.model.items():
            assert self.jobs.job(number).state == state
            assert self.sent[number] <= self.asked[number], "printed more often than somebody asked"


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=10, stateful_step_count=15, deadline=None)


def test_a_damaged_queue_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "p.sqlite").write_bytes(b"no database" * 1000)
    jobs = Jobs(tmp_path / "p.sqlite", lambda: 1)
    assert jobs.add("a", SLIP).state == "waiting"
    with pytest.raises(NotFound):
        jobs.job("nobody")
    jobs.close()
    assert (tmp_path / "p.damaged").exists()


@pytest.fixture
def simulated() -> Iterator[SimulatedPrinter]:
    printer = SimulatedPrinter()
    printer.start()
    yield printer
    printer.stop()


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    found = Jobs(tmp_path / "p.sqlite", lambda: 10**12)
    yield found
    found.close()


def setting(simulated: SimulatedPrinter, **more: Any) -> PrinterSetting:
    return PrinterSetting(url=f"socket://127.0.0.1:{simulated.port}", **more)


def test_a_slip_waits_for_paper_and_jams_are_asked_about(simulated: SimulatedPrinter, jobs: Jobs) -> None:
    printer = Printer(setting(simulated, patience_s=1), jobs)
    simulated.tell("paper")
    job = printer.print("a", SLIP)
    assert not printer._try(jobs.next())
    assert (printer.object()["state"], jobs.job(job.id).state) == ("paper_out", "waiting")
    assert "out of paper" in printer.troubles()[0]
    simulated.tell("")
    assert printer._try(jobs.next())
    assert (jobs.job(job.id).state, len(simulated.strips), printer.troubles()) == ("done", 1, [])
    assert printer.print("a", SLIP).id == job.id, "a second touch prints nothing"
    assert jobs.next() is None
    simulated.jam_after = 2
    printer.again(job.id)
    assert printer._try(jobs.next())
    assert (jobs.job(job.id).state, printer.object()["state"]) == ("perhaps", "error")
    assert jobs.next() is None, "not again by itself"
    simulated.forget()
    printer.again(job.id)
    assert printer._try(jobs.next())
    assert simulated.strips[-1] == simulated.strips[0]


def test_a_cable_that_is_pulled_is_told(simulated: SimulatedPrinter, jobs: Jobs) -> None:
    simulated.tell("silent")
    printer = Printer(setting(simulated), jobs)
    job = printer.print("a", SLIP)
    assert not printer._try(jobs.next())
    assert printer.object()["state"] == "silent"
    printer.setting = printer.setting.model_copy(update={"url": "socket://127.0.0.1:1"})
    assert not printer._try(jobs.next())
    assert (printer.object()["state"], jobs.job(job.id).state) == ("unreachable", "waiting")


CONFIG = """
node = "kiosk-1"
village = "35.10.24.2008"
data = "data"
[broker]
url = "mqtt://127.0.0.1:1"
[kiosk]
port = 0
[printer]
url = "{url}"
"""


def ask(port: int, path: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=180) as said:
            return said.status, json.load(said)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_request_has_its_receipt_on_paper(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text(CONFIG.format(url=f"socket://127.0.0.1:{simulated.port}"))
    app = EdgeApp(load(tmp_path / "edge.toml"))
    app.start()
    try:
        service = {"id": "keterangan-usaha", "title": "Surat keterangan usaha", "time": "1 hari kerja", "fields": [], "needs": []}
        app.view.keep(Content("services", 1, 1, {"services": [service]}))
        _, taken = ask(app.port, "/api/requests", {"service": "keterangan-usaha", "answers": {}, "name": "Contoh Warga"})
        status, told = ask(app.port, f"/api/print/requests/{taken['reference']}", method="POST")
        assert status == 200
        wait_until(lambda: ask(app.port, f"/api/print/jobs/{told['job']}")[1]["state"] == "done", "it is printed")
        paper = "\n".join(simulated.strips[0])
        assert taken["reference"] in paper
        assert "Surat keterangan usaha" in paper
        assert "Contoh Warga" not in paper
        assert ask(app.port, "/api/health")[1]["printer"]["there"]
        assert ask(app.port, "/api/print/requests/ZZZZ9999", method="POST")[0] in {400, 404}
        assert ask(app.port, "/api/print/jobs/nobody/again", method="POST")[0] == 404
    finally:
        app.stop()


HALF = """
import sys
from pathlib import Path
from kampung_edge.printing.jobs import Jobs
from kampung_edge.printing.printer import Printer
from kampung_edge.printing.setting import PrinterSetting
from kampung_edge.printing.slip import Slip
jobs = Jobs(Path(sys.argv[1]), lambda: 10**12)
printer = Printer(PrinterSetting(url=sys.argv[2]), jobs)
printer.print("a", Slip("Bukti", "AB12", (), "AB12", ("Simpan",)))
printer._try(jobs.next())
"""


def test_killed_in_the_middle_it_is_perhaps_printed_and_not_printed_again(simulated: SimulatedPrinter, tmp_path: Path) -> None:
    simulated.jam_after = 2
    child = subprocess.Popen([sys.executable, "-c", HALF, str(tmp_path / "k.sqlite"), setting(simulated).url])
    wait_until(lambda: simulated.trouble == "jam", "half a slip is out")
    child.kill()
    child.wait()
    simulated.forget()
    after = Jobs(tmp_path / "k.sqlite", lambda: 10**12)
    assert after.next() is None
    assert after.add("a", SLIP).state == "perhaps"
    assert not Printer(setting(simulated), after)._try(after.next())
    assert len(simulated.strips) == 1
    after.close()


@pytest.mark.parametrize("url", ["http://x", "socket://host", "lp0"])
def test_a_wrong_address_is_told_with_the_remedy(tmp_path: Path, url: str) -> None:
    (tmp_path / "edge.toml").write_text(CONFIG.format(url=url))
    with pytest.raises(ConfigurationError, match=r"printer\.url.*socket://"):
        load(tmp_path / "edge.toml")
