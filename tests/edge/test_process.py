"""The real command, from a sensor's bytes on a pseudo-terminal to the kiosk's API and the cloud."""

from __future__ import annotations

import signal
import time

RIVER = """
[[port]]
name = "river"
url = "dev/river"
[[port.device]]
name = "river-1"
profile = "a02yyuw"
every = 0.5
"""


def body(api, port, path):
    try:
        status, found = api(port, path)
    except OSError:
        return None
    return found if status == 200 else None


def test_works_without_a_cloud_and_over_kill_9(
    free, write_config, make_river, run_edge, api, command, until, tmp_path, make_broker, make_cloud
):
    """No broker at all: the kiosk shows the river. Killed and started again it goes on; then a cloud comes and gets it all."""
    config = write_config(more=RIVER, port=free, broker="mqtt://127.0.0.1:9")
    make_river(tmp_path / "one" / "dev" / "river")
    edge = run_edge(config)
    series = until(lambda: (s := body(api, free, "/api/series")) and s[0]["last"] and s, "the river is shown", 15)
    assert (series[0]["id"], series[0]["last"]["value"], series[0]["last"]["quality"]) == ("kiosk-1.river-1.distance", 1.4, 1)
    assert body(api, free, "/api/health")["link"]["state"] == "down"
    status = command("status", "--config", str(config))
    assert status.returncode == 0
    assert "link    down" in status.stdout
    until(lambda: body(api, free, "/api/health")["spool"]["packs"] >= 2, "readings are spooled")
    edge.end(signal.SIGKILL)
    again = run_edge(config)
    health = until(lambda: body(api, free, "/api/health"), "it answers again", 15)
    assert health["spool"]["packs"] >= 2
    begun = time.monotonic()
    assert again.end(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 20
    broker = make_broker()
    cloud = make_cloud(broker)
    third = run_edge(write_config(more=RIVER, port=free, broker=broker.url))
    until(lambda: (h := body(api, free, "/api/health")) and h["link"]["state"] == "up" and h["spool"]["packs"] <= 1, "all is delivered", 15)
    # an event may overtake readings, so that what is still on its way need not be the last
    until(lambda: (seqs := set(cloud.seqs())) and seqs == set(range(1, max(seqs) + 1)), "and nothing is missing", 15)
    assert len({p.epoch for _, p in cloud.packs}) == 1
    assert "Traceback" not in third.text() + again.text() + edge.text()


def test_kill_9_of_the_edge_leaves_its_last_will(free, write_config, run_edge, make_broker, make_cloud, until):
    """The broker says offline for it; the next run is online again and no conflict."""
    broker = make_broker()
    cloud = make_cloud(broker)
    config = write_config(port=free, broker=broker.url)
    edge = run_edge(config)
    until(lambda: cloud.states and cloud.states[-1].online, "online", 15)
    edge.end(signal.SIGKILL)
    until(lambda: not cloud.states[-1].online, "the last will")
    run_edge(config)
    until(lambda: cloud.states[-1].online, "online again", 15)
    assert not any(s.conflict for s in cloud.states)


def test_rehearsal_is_stamped_in_the_past(write_config, make_river, make_edge, until, tmp_path):
    """A rehearsal's readings are backfill; after it they are live."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S+07:00", time.gmtime(time.time() + 7 * 3600))
    past = time.strftime("%Y-%m-%dT%H:%M:%S+07:00", time.gmtime(time.time() + 7 * 3600 - 86_400))
    make_river(tmp_path / "one" / "dev" / "river")
    more = f"[rehearsal]\nstart = {past}\nbegun = {now}\nseconds = 4\n" + RIVER.replace("every = 0.5", "every = 0.5\nrehearsal_every = 600")
    edge = make_edge(more=more)
    until(lambda: {w.lane.value for w in edge.spool.peek(1000)} == {"event", "backfill", "live"}, "both lanes, and what is in force", 15)
    until(lambda: edge.spool.stats().oldest is not None, "an oldest reading")
    assert edge.spool.stats().oldest < (time.time() - 3600) * 1000
