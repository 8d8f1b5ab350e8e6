"""A broker and a regency of the fleet's own, as processes, for a run that names none."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from string import Template

from kampung_sim.process import Process, answers, free_port, listening


class Regency:
    """Keeps everything in ``state``; with the alarm rules of the simulated village."""

    def __init__(self, state: Path, cloud_port: int) -> None:
        """``cloud_port`` 0 takes any free one."""
        self.mqtt_port, self.cloud_port = free_port(), cloud_port or free_port()
        for folder in ("broker", "log"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        template = Template(files("kampung_sim").joinpath("tamansari", "cloud.toml").read_text(encoding="utf-8"))
        # Where messages would go nobody listens: this regency knows no people.
        ports = {name: free_port() for name in template.get_identifiers() if name.endswith("_port")}
        ports |= {"mqtt_port": self.mqtt_port, "cloud_port": self.cloud_port}
        filled = template.substitute(ports, host="127.0.0.1", telemetry="duckdb:telemetry.duckdb")
        (state / "cloud.toml").write_text(filled, encoding="utf-8")
        program = str(Path(sys.executable).with_name("kampung-cloud"))
        broker = [program, "broker", "--port", str(self.mqtt_port), "--data", str(state / "broker")]
        self.broker = Process("broker", broker, state / "log" / "broker.log", lambda: listening(self.mqtt_port))
        cloud = [program, "serve", "--config", str(state / "cloud.toml")]
        self.cloud = Process("cloud", cloud, state / "log" / "cloud.log", lambda: answers(f"{self.url}/api/v1/healthz"))

    @property
    def url(self) -> str:
        """Where pages and API are."""
        return f"http://127.0.0.1:{self.cloud_port}"

    def start(self) -> None:
        """Returns when both answer. Raises ``ProcessFailed``."""
        self.broker.start()
        self.broker.wait_ready(60)
        self.cloud.start()
        self.cloud.wait_ready(90)

    def stop(self) -> None:
        """Both end."""
        self.cloud.stop()
        self.broker.stop()
