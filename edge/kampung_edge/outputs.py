"""All outputs of the kiosk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kampung_bridge.port import Event, Port
from kampung_contract.errors import NotFound

from kampung_edge.bus import Bus
from kampung_edge.config import EdgeConfig
from kampung_edge.guard import Guards
from kampung_edge.output import Output
from kampung_edge.output_config import OutputSetting
from kampung_edge.supervisor import Supervisor
from kampung_edge.switch import Change, Outcome, Trouble

LOST, BACK = ("port_lost", "device_lost"), ("port_back", "device_back")


class Outputs(Mapping[str, Output]):
    """By name. ``start`` begins by switching all of them off."""

    def __init__(
        self,
        config: EdgeConfig,
        *,
        ports: Sequence[Port],
        guards: Guards,
        crowded: Callable[[], bool],
        tell: Callable[[str, Change], None],
        bus: Bus,
    ) -> None:
        """``crowded``: readings wait in memory because the disk does not take them, and ports may have to wait soon, which could
        not switch anything then. ``tell(output, change)`` must not wait."""
        self._guards, self._crowded, self._bus = guards, crowded, bus
        self._threads: list[threading.Thread] = []
        by_device = {d.name: port for port in ports for d in port.config.devices}
        self._ports = {name: port.config.title for name, port in by_device.items()}
        self._outputs = {s.name: self._made(s, by_device[s.device], config, tell) for s in config.output}

    def _made(self, setting: OutputSetting, port: Port, config: EdgeConfig, tell: Callable[[str, Change], None]) -> Output:
        name = setting.name
        device = next(d for d in config.devices if d.name == setting.device)
        longest = next(o.longest for o in device.model.outputs if o.name == setting.output)
        return Output(
            setting,
            switch=port.switch,
            longest=longest,
            trouble=lambda: self.trouble(setting),
            tell=lambda change: tell(name, change),
            changed=lambda: self._bus.publish("output", self.object(name)),
        )

    def __getitem__(self, name: str) -> Output:
        return self._outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)

    def start(self, supervisor: Supervisor) -> None:
        """A thread each, so that one dead line delays no other output's switch-off."""
        self._threads = [supervisor.start(f"output {name}", output.run) for name, output in self._outputs.items()]

    def stop(self, seconds: float) -> None:
        """Switch all off, and wait for it so long."""
        for output in self._outputs.values():
            output.stop()
        for thread in self._threads:
            thread.join(seconds / max(1, len(self._threads)))

    def trouble(self, setting: OutputSetting) -> Trouble | None:
        """Why an output must not be on now."""
        if self._crowded():
            detail = "the disk does not take readings, so nothing that is switched could be put on record; make room on the disk"
            return Trouble("storage", "storage", detail)
        series = setting.series
        if series is None or setting.guard_age is None:
            return None
        silent = self._guards.silent(series)
        if silent <= setting.guard_age:
            return None
        how_long = "since the start" if silent == float("inf") else f"for {silent:.0f} s"
        detail = f"no good reading of {setting.guard} {how_long}; at most {setting.guard_age} s are allowed (guard_age)"
        return Trouble("guard", "guard_silent", detail)

    def port_event(self, event: Event) -> None:
        """A line or device was lost or is back."""
        for output in self._outputs.values():
            mine = self._ports[output.setting.device] == event.port and event.device in (None, output.setting.device)
            if mine and event.kind in LOST:
                output.doubt(event.detail)
            elif mine and event.kind in BACK:
                output.retry()

    def halt(self, name: str) -> Outcome:
        """Somebody at the kiosk stops an output. Raises ``NotFound``."""
        output = self._outputs.get(name)
        if output is None:
            raise NotFound(f"this kiosk has no output {name!r}; it has {', '.join(self._outputs) or 'none'}")
        return output.halt()

    def troubles(self) -> list[str]:
        """One line for each that has not confirmed that it is off."""
        return [t for output in self._outputs.values() if (t := output.trouble) is not None]

    def object(self, name: str) -> dict[str, Any]:
        """One output as the kiosk API gives it."""
        output = self._outputs[name]
        setting = output.setting
        if setting.series is None:
            return output.object(None)
        silent, age = self._guards.silent(setting.series), setting.guard_age or 0
        seconds = None if silent == float("inf") else round(silent)
        return output.object({"series": setting.guard, "age": age, "silent": seconds, "ok": silent <= age})

    def objects(self) -> list[dict[str, Any]]:
        """All of them, in the order of the configuration."""
        return [self.object(name) for name in self._outputs]
