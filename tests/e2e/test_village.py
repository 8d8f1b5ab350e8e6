"""The village as its users meet it, from a frame on a serial line to the kiosk and the regency."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from kampung_contract.times import milliseconds
from kampung_sim.device import LevelSensor
from kampung_sim.process import Process, free_port
from kampung_sim.tamansari import DAY, NODE, VILLAGE
from kampung_sim.village import Village

from tests.e2e.support import HISTORY, until

LEVEL = f"{NODE}.kali-1.water_level"
SOIL = f"{NODE}.tanah-1.soil_moisture"
DEVICES = {"tanah-1", "tanah-2", "kali-1", "udara-1"}
FRAMES_A_READING = 6
"""The gauge sends four frames for each reading that is due while time hurries, and five in the present. A slow machine sends fewer of
them, so that what came is compared with what was sent; where 5,268 were, these are 878 readings, and 1,421 had come."""


def fresh(series: list[dict[str, Any]], seconds: float = 15.0) -> set[str]:
    """Series whose last reading is not older than ``seconds``."""
    now = time.time() * 1000
    return {s["id"] for s in series if s["last"] and now - milliseconds(s["last"]["at"]) < seconds * 1000}


def node(village: Village) -> dict[str, Any]:
    """The kiosk's node as the regency sees it."""
    found = [n for n in village.ask("/api/v1/nodes") if n["node"] == NODE]
    return found[0] if found else {}


def whole(village: Village) -> dict[str, Any]:
    """The node once it is complete and nothing waits on the kiosk."""
    seen = node(village)
    return seen if seen.get("complete") and seen.get("state") == "online" else {}


def frames(village: Village, device: str) -> int:
    """What a device has said since the kiosk was started, as the kiosk counts it."""
    found = (d for port in village.ask("/api/health")["ports"] for d in port["devices"])
    return next(int(d["frames"]) for d in found if d["name"] == device)


def raw(village: Village, series: str, start: int, stop: int) -> list[int]:
    """Times of the readings the regency holds."""
    times: list[int] = village.ask(f"/api/v1/series/{series}/window?start={start}&stop={stop}&every=raw")["t"]
    return times


def shown_at(village: Village, series: str) -> int:
    """Time of the reading the kiosk shows."""
    return next(milliseconds(s["last"]["at"]) for s in village.ask("/api/series") if s["id"] == series)


def test_fresh_readings_and_an_alarm_on_the_kiosk(village: Village) -> None:
    """Must show: readings of every device, and the alarm of the level that has crossed its mark for ten minutes."""
    until("fresh readings of all devices on the kiosk", lambda: {i.split(".")[1] for i in fresh(village.ask("/api/series"))} >= DEVICES, 50)
    alarm = until(
        "an alarm on the kiosk", lambda: [a for a in village.ask("/api/content/alarms")["document"]["alarms"] if a["state"] == "firing"], 50
    )[0]
    assert (alarm["rule"], alarm["word"], alarm["series"]) == ("kali-bomo-siaga-3", "Waspada", LEVEL)
    assert alarm["value"] >= alarm["threshold"] == 1.25
    assert "1,25 m" in alarm["message"]["id"]


def test_kiosk_and_regency_have_the_same_alarm(village: Village) -> None:
    """The kiosk raised it itself, by the rules that the regency sent; both call it by one name and have it once."""
    (theirs,) = until("the regency's alarm", lambda: village.ask(f"/api/v1/alarms?village={VILLAGE}"), 50)
    shown = lambda: [a for a in village.ask("/api/content/alarms")["document"]["alarms"] if a["state"] == "firing"]  # noqa: E731
    until("the kiosk's own word", lambda: [a.get("local") for a in shown()] == [True], 50)
    until("one name", lambda: [a["id"] for a in shown()] == [theirs["id"]], 50)


def test_thirty_days_came_by_the_backfill_lane_and_all_is_here(village: Village) -> None:
    """The recordings went through the wires as frames; the regency holds thirty days and knows of no missing pack."""
    (gauge,) = (device for device in village.devices if isinstance(device, LevelSensor))
    sent, read = gauge.sent, frames(village, "tanah-1")
    now = round(time.time() * 1000)
    until("each answer of the soil probe", lambda: whole(village) and len(raw(village, SOIL, now - 31 * DAY, now + DAY)) >= read, 60)
    for series in (LEVEL, SOIL):
        times = raw(village, series, now - 31 * DAY, now + DAY)
        assert len(times) == len(set(times)) >= sent / FRAMES_A_READING, series
        assert now - times[0] > 29.5 * DAY, series
        assert max(b - a for a, b in itertools.pairwise(times)) < DAY, series  # half a second in which the machine halted
    origins = {s["device"]: s["origin"] for s in village.ask(f"/api/v1/series?village={VILLAGE}")}
    synthetic = dict.fromkeys(("tanah-2", "udara-1", "debu-1", "gas-1"), "synthetic")
    assert origins == {"tanah-1": "recording", "kali-1": "recording", **synthetic}


def test_the_air_has_an_index_of_a_day_and_the_mountain_a_notice(village: Village) -> None:
    """From the dust sensor's frames, corrected by the humidity beside it on the kiosk; the notice is a simulation, and says so."""
    (air,) = until("24 hours of air", lambda: [s for s in village.ask("/api/v1/environment/stations") if s["ispu"]], 50)
    dust = next(p for p in air["parameters"] if p["pollutant"] == "pm25")
    assert (air["id"], dust["method"]) == ("balai-tamansari", "epa-2021")
    assert dust["hours"] >= 18
    assert dust["mean"] < dust["raw"]
    notices = until("PVMBG's notices", lambda: village.ask("/api/v1/environment/volcanoes")["notices"], 50)
    assert [(n["code"], n["simulated"]) for n in notices] == [("IJE", True), ("RAU", True)]


def test_no_old_alarm_was_announced(village: Village) -> None:
    """Thirty days hold earlier crossings; they are history, and nobody was called."""
    every = village.ask(f"/api/v1/alarms?village={VILLAGE}&state=all")
    firing = village.ask(f"/api/v1/alarms?village={VILLAGE}&state=firing")
    assert {a["rule"] for a in firing} == {"kali-bomo-siaga-3"}
    assert len(every) > len(firing)
    day_ago = (time.time() - 86_400) * 1000
    assert all(milliseconds(a["since"]) > day_ago for a in firing)


def test_announcements_reach_the_kiosk(village: Village) -> None:
    """What the village office writes is on the kiosk, in both languages."""
    items = until("announcements", lambda: village.ask("/api/content/announcements")["document"]["items"])
    assert all({"id", "en"} <= set(i["title"]) for i in items)


def test_a_cut_link_costs_nothing(village: Village) -> None:
    """The broker stops: the kiosk keeps reading and says it is offline; afterwards every reading is in the cloud exactly once."""
    until("all packs", lambda: whole(village), 60)
    begun = round(time.time() * 1000)
    village.broker.stop()
    try:
        health = until("the kiosk says the link is down", lambda: (h := village.ask("/api/health"))["link"]["state"] == "down" and h, 20)
        assert health["link"]["since"]
        until("packs wait in the spool", lambda: village.ask("/api/health")["spool"]["packs"] >= 2, 30)
        until("the kiosk goes on reading without a link", lambda: shown_at(village, LEVEL) > begun + 9_000, 40)
    finally:
        village.broker.start()
    until("the link is back", lambda: village.ask("/api/health")["link"]["state"] == "up", 40)
    stop = round(time.time() * 1000)
    until("all packs after the cut", lambda: whole(village) and milliseconds(whole(village)["last_seen"]) > stop, 60)
    times = raw(village, LEVEL, begun, stop)
    assert len(times) == len(set(times))
    assert max(b - a for a, b in itertools.pairwise(times)) < 9_000, "a reading is missing"
    assert village.ask("/api/health")["spool"]["rejected"] == 0


def test_kill_9_of_each_program_loses_and_doubles_nothing(village: Village) -> None:
    """Edge, cloud and broker are killed in turn and started again; sequence numbers have no hole and times no double."""
    until("all packs", lambda: whole(village), 60)
    begun = round(time.time() * 1000)
    for process in (village.edge, village.cloud, village.broker):
        process.kill()
        try:
            until(f"{process.name} is gone", lambda process=process: not process.running)
        finally:
            process.start()
        process.wait_ready(90)
    stop = round(time.time() * 1000)
    done = until("all packs after the kills", lambda: (n := whole(village)) and milliseconds(n["last_seen"]) > stop and n, 60)
    assert [(e["first"], e["missing"]) for e in done["epochs"]] == [(1, [])]
    times = raw(village, LEVEL, begun, stop)
    assert times
    assert len(times) == len(set(times))


def test_a_second_edge_with_the_same_name_is_named(village: Village, tmp_path: Path) -> None:
    """Both say so, the regency shows it, and it ends when the second one does."""
    text = (village.state / "edge.toml").read_text(encoding="utf-8").partition("[[port]]")[0]
    port = free_port()
    (tmp_path / "twin.toml").write_text(text.replace(f"port = {village.kiosk_port}", f"port = {port}"), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("kampung-edge")), "run", "--config", str(tmp_path / "twin.toml")]
    twin = Process("twin", command, tmp_path / "twin.log", lambda: True)
    twin.start()
    try:
        until("the kiosk names the conflict", lambda: village.ask("/api/health")["conflict"], 30)
        assert NODE in village.ask("/api/health")["conflict"]
        until("the regency shows the conflict", lambda: node(village).get("state") == "conflict", 30)
    finally:
        twin.stop()


def test_it_stops_whole_and_goes_on_where_it_was(tmp_path: Path) -> None:
    """SIGINT to the group, as Ctrl-C sends it: exit 0, nothing left; the next start keeps epoch and history and replays nothing."""
    ports = {f"KAMPUNG_{what}_PORT": str(free_port()) for what in ("KIOSK", "CLOUD", "MESSAGES")}
    place = Village(tmp_path / "state", int(ports["KAMPUNG_KIOSK_PORT"]), int(ports["KAMPUNG_CLOUD_PORT"]))
    command = [str(Path(sys.executable).with_name("kampung-sim")), "village", "--state", str(tmp_path / "state"), "--history", "3"]
    epochs, readings = [], []
    for _ in range(2):
        sim = Process("sim", command, tmp_path / "sim.log", lambda: True, env=ports)
        sim.start()
        health = until("the kiosk answers", lambda: place.ask("/api/health"), 60)
        epochs.append(health["spool"]["epoch"])
        until("the present", lambda: LEVEL in fresh(place.ask("/api/series")), 60)
        readings.append(until("history, complete", lambda: (n := whole(place)) and n["readings"] > 300 and n, 60)["readings"])
        assert sim.child is not None
        sim.child.send_signal(2)
        assert sim.child.wait(90) == 0
        listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
        assert [line for line in listed.splitlines() if str(tmp_path) in line] == []
    assert epochs[0] == epochs[1]
    assert readings[1] >= readings[0]
    words = (tmp_path / "sim.log").read_text(encoding="utf-8")
    assert words.count("Memutar ulang") == 1
    assert "Traceback" not in words


def test_a_port_in_use_is_named_with_the_way_out(village: Village, tmp_path: Path) -> None:
    """Port, whose it is, and both ways to choose another; exit 2."""
    command = [
        str(Path(sys.executable).with_name("kampung-sim")),
        "village",
        "--state",
        str(tmp_path),
        "--kiosk-port",
        str(village.kiosk_port),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 2
    assert f"port {village.kiosk_port}" in done.stdout
    assert "KAMPUNG_KIOSK_PORT" in done.stdout


def test_a_second_village_in_the_same_folder_is_refused(village: Village) -> None:
    """Two would write one spool; exit 2, naming the process that has it."""
    command = [
        str(Path(sys.executable).with_name("kampung-sim")),
        "village",
        "--state",
        str(village.state),
        "--kiosk-port",
        str(free_port()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 2
    assert "already runs from" in done.stdout


def test_history_took_the_time_it_was_given(village: Village) -> None:
    """The hurried clock met the present when it should have; after that every reading is stamped with true time."""
    assert HISTORY < 60
    times = raw(village, LEVEL, round((time.time() - 10) * 1000), round(time.time() * 1000) + 60_000)
    assert times
    assert times[-1] <= time.time() * 1000 + 1000
