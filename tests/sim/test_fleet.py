"""The fleet: kiosks that speak the edge's protocol, the ledger of what they sent, and the score against a real regency."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kampung_contract import pack as wire
from kampung_contract.conditions import Threshold
from kampung_contract.errors import ConfigurationError
from kampung_contract.receipt import Receipt, Rejection
from kampung_contract.rules import Rule
from kampung_contract.topics import Lane
from kampung_sim.fleet.broker import Where
from kampung_sim.fleet.kiosk import RESEND_S, Kiosk
from kampung_sim.fleet.ledger import Ledger, read_run, read_stream
from kampung_sim.fleet.pace import Pace
from kampung_sim.fleet.run import Fleet, Standing
from kampung_sim.process import free_port
from kampung_sim.scenario.load import Loaded, parse
from kampung_sim.score.alarms import Alarms
from kampung_sim.score.compare import Account, Held, Sent

PROGRAM = str(Path(sys.executable).with_name("kampung-sim"))
HOUR = 3_600_000
TEXT = """
name = "dua-desa"
seed = 3
start = 2026-11-21T06:00:00
duration = "{hours} h"

[[place]]
villages = ["35.10.24.2008", "35.10.24.2003"]
kit = "kios-dasar"
{faults}
"""


def scenario(tmp_path: Path, hours: int = 2, faults: str = "") -> Loaded:
    return parse(TEXT.format(hours=hours, faults=faults), "dua-desa.toml", tmp_path)


def kiosk(tmp_path: Path, loaded: Loaded, name: str = "ledger") -> Kiosk:
    ledger = Ledger(tmp_path / name, {"scenario": "x"})
    return Kiosk(loaded.plan.nodes[0], loaded.world(), ledger, loaded.plan.start, random.Random(1))


def readings(found: Kiosk) -> list[tuple[str, int, float]]:
    packs = [wire.decode(w.payload) for w in found.spool.values()]
    assert [p.seq for p in packs] == list(range(1, len(packs) + 1))
    return [(c.n, t, v) for p in packs for c in p.series for t, v in zip(c.times(), c.v, strict=True)]


def test_a_kiosk_sends_what_the_world_says_and_notes_it(tmp_path: Path) -> None:
    loaded = scenario(tmp_path)
    here, plan = kiosk(tmp_path, loaded), loaded.plan
    for now in range(plan.start, plan.stop + 1, HOUR // 4):
        here.read(now, 0.0)
    sent = readings(here)
    assert len(sent) == len(set(sent)) == here.counts.readings == here.ledger.readings
    world = loaded.world()
    for device in plan.nodes[0].devices:
        times = device.times(plan.start, plan.stop)
        for quantity, (values, _) in device.delivered(world.read(device, times, frames=True).sent).items():
            name = f"{device.name}/{quantity}"
            assert [(t, v) for n, t, v in sent if n == name] == list(zip(times.tolist(), values.tolist(), strict=True))
    here.ledger.close()
    noted = [
        row
        for b in read_stream(tmp_path / "ledger" / "readings.arrows")
        for row in zip(b["series"].to_pylist(), b["t"].to_pylist(), b["v"].to_pylist(), strict=True)
    ]
    assert sorted(noted) == sorted(sent)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["read", "send", "receipt", "reject", "cut", "foreign"]), st.integers(1, 12), st.integers(0, 8)),
        max_size=30,
    )
)
def test_only_a_receipt_of_its_own_epoch_empties_the_spool(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("kiosk")
    loaded = scenario(folder)
    here = kiosk(folder, loaded)
    now, at, wanted = loaded.plan.start, 0.0, set[int]()
    for kind, first, more in steps:
        at += 1.0
        if kind == "read":
            now += first * 60_000
            before = set(here.spool)
            here.read(now, at)
            wanted |= set(here.spool) - before
        elif kind == "send":
            due = here.due(at)
            lanes = [w.lane is not Lane.LIVE for w in due]
            assert lanes == sorted(lanes)
            assert all(not w.sent or at - w.sent >= RESEND_S for w in due)
            for waiting in due:
                here.sent(waiting, at)
        elif kind == "receipt":
            here.receipt(Receipt(here.epoch, [(first, first + more)], credit=more + 1), at)
            wanted -= set(range(first, first + more + 1))
        elif kind == "reject":
            here.receipt(Receipt(here.epoch, [], [Rejection(first, "damaged", "x")]), at)
            wanted.discard(first)
        elif kind == "foreign":
            here.receipt(Receipt("00ff00ff", [(1, 100)]), at)
        else:
            here.cut()
        assert set(here.spool) == wanted
        assert here.counts.packs == len(here.spool) + here.counts.receipted + here.counts.rejected
    here.ledger.close()


def test_a_dead_kiosk_measures_nothing_and_a_full_disk_waits(tmp_path: Path) -> None:
    faults = "".join(
        f'[[fault]]\nkind = "{kind}"\nat = "+{at} min"\nfor = "{lasts} min"\n'
        for kind, at, lasts in (("edge-power-cut", 20, 10), ("disk-full", 60, 30))
    )
    loaded = scenario(tmp_path, 2, faults)
    here, start = kiosk(tmp_path, loaded), loaded.plan.start
    boot = here.boot
    for minute in range(0, 121, 5):
        here.read(start + minute * 60_000, 0.0)
        if minute in {65, 85}:
            assert max(t for _, t, _ in readings(here)) < start + 60 * 60_000
    times = {(t - start) // 60_000 for _, t, _ in readings(here)}
    assert times == set(range(120)) - set(range(20, 30))
    assert here.boot != boot
    here.ledger.close()


def test_time_is_the_scenarios(tmp_path: Path) -> None:
    clock = [100.0]
    pace = Pace(1_000_000, 2_000_000, 50, lambda: clock[0], 100.0)
    assert pace.now() == 1_000_000
    clock[0] = 102.0
    assert (pace.now(), pace.over, pace.seconds(50_000)) == (1_100_000, False, 1.0)
    clock[0] = 999.0
    assert (pace.now(), pace.over) == (2_000_000, True)


def test_a_ledger_is_never_overwritten_and_reads_up_to_where_it_was_killed(tmp_path: Path) -> None:
    loaded = scenario(tmp_path)
    here = kiosk(tmp_path, loaded)
    here.read(loaded.plan.start + HOUR, 0.0)
    here.ledger.flush()
    with pytest.raises(ConfigurationError, match="holds a run already"):
        Ledger(tmp_path / "ledger", {})
    whole = (tmp_path / "ledger" / "readings.arrows").read_bytes()
    rows = sum(b.num_rows for b in read_stream(tmp_path / "ledger" / "readings.arrows"))
    assert rows == here.ledger.readings
    (tmp_path / "ledger" / "readings.arrows").write_bytes(whole[:-7])
    assert sum(b.num_rows for b in read_stream(tmp_path / "ledger" / "readings.arrows")) <= rows
    assert read_run(tmp_path / "ledger") == {"scenario": "x"}
    with pytest.raises(ConfigurationError, match="no ledger"):
        read_run(tmp_path)
    here.ledger.close()


def series(rows: list[tuple[int, int, float]]) -> Sent:
    seq, t, v = (np.array(c) for c in zip(*rows, strict=True))
    return Sent(seq, t, v.astype(float), np.ones(len(t), np.uint8))


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ([(1, 1.0), (2, 2.0), (3, 3.0)], {}),
        ([(1, 1.0), (3, 3.0)], {"missing": 1, "unexplained": 1}),
        ([(1, 1.0), (2, 2.0)], {"missing": 1, "waiting": 1}),
        ([(2, 2.0), (3, 3.0)], {"missing": 1, "refused": 1}),
        ([(1, 1.0), (2, 2.5), (3, 3.0)], {"missing": 1, "altered": 1, "unexplained": 2}),
        ([(1, 1.0), (2, 2.0), (2, 2.0), (3, 3.0)], {"duplicated": 1, "unexplained": 1}),
        ([(1, 1.0), (2, 2.0), (3, 3.0), (9, 9.0)], {"foreign": 1, "unexplained": 1}),
    ],
)
def test_every_difference_has_its_name(held: list[tuple[int, float]], wanted: dict[str, int]) -> None:
    account = Account()
    account.add(
        "k.d.q", series([(11, 1, 1.0), (12, 2, 2.0), (13, 3, 3.0)]), Held(*(np.array(c) for c in zip(*held, strict=True))), {13}, {11}
    )
    shown = account.shown()
    assert {k: v for k, v in shown.items() if v and k not in {"sent", "stored", "named"}} == wanted
    assert len(shown["named"]) == wanted.get("unexplained", 0)


RULE = Rule(
    id="naik",
    village="35.10.24.2008",
    when=Threshold(quantity="water_level", unit="m", threshold=2.0, clear=1.0),
    severity=2,
    title={"id": "x"},
    message={"id": "x"},
    source="uji",
)


def test_alarms_are_expected_by_the_regencys_own_rules() -> None:
    truth = [(1_000, 0.5, 1), (2_000, 2.5, 1), (3_000, 0.5, 1), (4_000, 2.5, 1), (5_000, 0.5, 1)]
    stuck = [(t, 0.5 if t < 4_000 else v, q) for t, v, q in truth]
    found = Alarms()
    found.add("k.d.q", RULE, stuck, truth, [4_300])
    assert (found.expected, found.found, found.missed, found.invented, found.true, found.hidden) == (1, 1, 0, 0, 2, 1)
    found.add("k.d.q", RULE, truth, truth, [4_000, 77_000])
    assert (found.missed, found.invented, len(found.named)) == (1, 1, 2)


def test_what_faulty_sensors_and_late_packs_do_to_alarms_is_explained() -> None:
    """Hidden, false and delayed ones with the fault in force; one that began at another time is a mistake."""
    truth = [(1_000, 0.5, 1), (2_000, 2.5, 1), (5_000, 2.5, 1), (6_000, 0.5, 1), (9_000, 0.5, 1)]
    asked: list[tuple[int, int]] = []

    def faults(begin: int, end: int) -> list[str]:
        asked.append((begin, end))
        return ["nilai macet"]

    hides, invents, delays = Alarms(), Alarms(), Alarms()
    hides.add("k.d.q", RULE, [(t, 0.5, q) for t, _, q in truth], truth, [], faults)
    assert (hides.true, hides.expected, hides.hidden, hides.missed) == (1, 0, 1, 0)
    invents.add("k.d.q", RULE, truth, [(t, 0.5, q) for t, _, q in truth], [2_000], faults)
    assert (invents.true, invents.found, invents.false, invents.invented) == (0, 1, 1, 0)
    delays.add("k.d.q", RULE, [(t, 0.5 if t < 5_000 else v, q) for t, v, q in truth], truth, [5_000], faults)
    assert (delays.true, delays.found, delays.delayed, delays.hidden, delays.missed) == (1, 1, 1, 0, 0)
    assert asked == [(2_000, 6_000), (2_000, 6_000), (2_000, 5_000)]
    assert all("nilai macet" in a.explained[0] and not a.named for a in (hides, invents, delays))
    late = Alarms()
    late.add("k.d.q", RULE, truth, truth, [5_000], faults)
    assert (late.missed, late.invented) == (1, 1)


def test_two_villages_against_a_real_regency(tmp_path: Path) -> None:
    """The program as a technician runs it: a flood, faults of link, clock and frames, and at the end nothing unexplained: each alarm is
    found, and the gauge that was stuck through the flood is named.
    """
    faults = "".join(
        f'[[fault]]\nkind = "{kind}"\nat = "+{at} min"\nfor = "{lasts} min"\nvillages = "35.10.24.2008"\n'
        for kind, at, lasts in (("link-down", 20, 40), ("clock-step", 80, 20), ("duplicate", 110, 20), ("lossy-link", 130, 30))
    )
    flood = '[process.rain]\nfactor = 0\n[[process.rain.event]]\nat = "+0 h"\nfor = "3 h"\nmm = 450\n'
    stuck = '[[fault]]\nkind = "stuck"\nat = "+10 min"\nfor = "230 min"\nnodes = "tamansari-licin-kios-2"\ndevices = "kali-1"\n'
    text = TEXT.format(hours=4, faults=faults + stuck + '[[fault]]\nkind = "broker-restart"\nat = "+170 min"\n' + flood)
    (tmp_path / "s.toml").write_text(text.replace('kit = "kios-dasar"', 'kit = "kios-dasar"\nnodes = 2'))
    done = subprocess.run(
        [PROGRAM, "run", "s.toml", "--pace", "4000", "--cloud-port", "0", "--ledger", "ledger", "--json", "score.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BAIK" in done.stdout
    result = json.loads((tmp_path / "score.json").read_text())
    found = result["score"]["readings"]
    assert found["sent"] == found["stored"] > 4_000
    assert found["missing"] == found["altered"] == found["unexplained"] == 0
    assert result["ended"]["waiting"] == 0
    alarms = result["score"]["alarms"]
    assert (alarms["true"], alarms["expected"], alarms["hidden"], alarms["missed"], alarms["invented"]) == (6, 3, 3, 0, 0)
    assert alarms["found"] == 3
    assert sum("tamansari-licin-kios-2.kali-1.water_level: seharusnya" in w and "nilai macet" in w for w in alarms["explained"]) == 3
    assert "nilai macet" in done.stdout
    again = subprocess.run(
        [PROGRAM, "score", "ledger", "--cloud", "http://127.0.0.1:1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert again.returncode == 2
    assert "does not answer" in again.stderr and "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "tidak-ada"], "there is no such file"),
        (["run", "tamansari", "--broker", "http://x"], "write mqtt://"),
        (["run", "tamansari", "--start", "kemarin"], "not a time"),
        (["run", "tamansari", "--start", "2030-01-01"], "24 h ahead"),
        (["score", "."], "no ledger"),
        (["score", ".", "--cloud", "x"], "write http://"),
    ],
)
def test_bad_input_says_what_and_what_to_do(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run([PROGRAM, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr


def test_getting_thousands_ready_is_shown_and_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time begins when every kiosk is ready; whoever stops before does not wait."""
    monkeypatch.setattr("kampung_sim.fleet.run.SAY_PREPARING_S", 0.0)
    loaded = parse(TEXT.format(hours=1, faults="").replace('["35.10.24.2008", "35.10.24.2003"]', '"all"'), "s.toml", tmp_path)
    said: list[Standing] = []

    async def stopped() -> Standing:
        stopping = asyncio.Event()

        def say(now: Standing) -> None:
            said.append(now)
            if len(said) == 3:
                stopping.set()

        with Ledger(tmp_path / "ledger", {}) as ledger:
            return await Fleet(loaded, ledger, Where("127.0.0.1", free_port()), 60.0).run(60.0, say, stopping)

    ended = asyncio.run(stopped())
    assert [s.prepared for s in said[:3]] == [1, 2, 3]
    assert all(s.preparing and s.now == loaded.plan.start for s in said[:3])
    assert ended.prepared == 3 and ended.kiosks == 217
    assert ended.counts.readings == 0
