"""The composition root: everything an edge is made of, started and stopped in the right order."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from kampung_bridge.clock import SampleClock
from kampung_bridge.port import Event, Port
from kampung_contract.errors import StorageUnavailable
from kampung_contract.topics import Address
from kampung_contract.villages import village

from kampung_edge.acts import Acts
from kampung_edge.alarms import Alarms
from kampung_edge.answers import Answers
from kampung_edge.bus import Bus
from kampung_edge.clock import EdgeClock, wall_ms
from kampung_edge.commands import Commands
from kampung_edge.company import Company
from kampung_edge.complaints.desk import Complaints
from kampung_edge.complaints.routes import routes as complaint_routes
from kampung_edge.complaints.slip import slip as complaint_slip
from kampung_edge.config import DeviceSetting, EdgeConfig, PortSetting, introductions
from kampung_edge.correcting import Correcting, pairs
from kampung_edge.discovery import Discoveries
from kampung_edge.doubts import Doubts
from kampung_edge.downlink import Downlink
from kampung_edge.fields import Fields
from kampung_edge.guard import Guards
from kampung_edge.health import Health
from kampung_edge.identity import routes as identity_routes
from kampung_edge.identity.desk import Identity
from kampung_edge.identity.session import Identified
from kampung_edge.intake import Intake
from kampung_edge.kiosk import kiosk
from kampung_edge.letters import routes as letter_routes
from kampung_edge.lines import Lines
from kampung_edge.link import Link
from kampung_edge.lock import FolderLock
from kampung_edge.outputs import Outputs
from kampung_edge.plantings import Plantings
from kampung_edge.presence import Presence
from kampung_edge.printing.jobs import Jobs
from kampung_edge.printing.printer import Printer
from kampung_edge.printing.receipt import receipt
from kampung_edge.printing.routes import routes
from kampung_edge.printing.slip import Slip
from kampung_edge.provenance import Provenance
from kampung_edge.quality import Quality
from kampung_edge.queueing.service import QueueService
from kampung_edge.reports import Reports
from kampung_edge.requests import Requests
from kampung_edge.saving import Saving
from kampung_edge.server import Server, listen
from kampung_edge.spool import Spool
from kampung_edge.sun import elevation
from kampung_edge.supervisor import Supervisor
from kampung_edge.surveys import Surveys
from kampung_edge.uplink import Uplink
from kampung_edge.view import View
from kampung_edge.watchdog import Notifier, Watchdog
from kampung_edge.writer import Writer

if TYPE_CHECKING:
    from kampung_edge.letters.letters import Letters

log = structlog.get_logger("edge")

HOUSEKEEPING_S = 2.0
QUIET_FLUSH_S = 30.0
OFF_S = 1.2
"""What outputs have to go off when the edge stops."""


class EdgeApp:
    """Nothing is touched before construction; construction takes the folder and the port, ``start`` begins the work.

    A disk that gives neither folder nor files is no obstacle: sensors are shown, readings wait in memory, and the writer asks again.
    """

    def __init__(self, config: EdgeConfig, file: str = "edge.toml", ended: threading.Event | None = None) -> None:
        """``ended`` is set when the edge finds later that it must not run; ``supervisor.refusal`` then says why.

        Raises ``ConfigurationError`` (folder or port taken, spool of a newer version).
        """
        self.config, self._ended = config, ended
        self._lock = FolderLock(config.data, file)
        with contextlib.suppress(StorageUnavailable):
            self._lock.acquire()
        try:
            bound = listen(config.kiosk.host, config.kiosk.port, file)
        except BaseException:
            self._lock.release()
            raise
        try:
            self._compose(file)
        except BaseException:
            bound.close()
            self._lock.release()
            raise
        self._server = Server(
            kiosk(
                config,
                self.view,
                self.health,
                self.bus,
                self.outputs,
                self.alarms,
                acts=self.acts,
                answers=self.answers,
                fields=self.fields,
                reports=self.reports,
                requests=self.requests,
                surveys=self.surveys,
                plantings=self.plantings,
                who=identity_routes.current(self.identity),
                more=[
                    *routes(self.printer, self._receipt, self._ticket),
                    *complaint_routes(self.complaints, self._told_complaints),
                    *identity_routes.routes(self.identity, self._requests_of),
                    *letter_routes.routes(self.letters, identity_routes.current(self.identity)),
                    *(self.queue.routes(lambda: self.printer) if self.queue else []),
                ],
            ),
            bound,
        )
        self.port = self._server.port

    def _compose(self, file: str) -> None:
        config = self.config
        address = Address(config.village, config.node)
        self.bus, self.supervisor = Bus(), Supervisor(self._ended)
        clock = self.clock = EdgeClock(config.clock.synchronised)
        path, setting, lock = config.data / "spool.sqlite", config.spool, self._lock
        self.spool = Spool(path, setting.max_bytes, reserve_bytes=setting.reserve_bytes, later=True, ready=lock.acquire)
        self.saving = Saving()
        try:
            self.spool.open()
        except StorageUnavailable as error:
            self.saving.stops(error.message)
        self.view = View(config.data / "view.sqlite", config.village, config.node, config.devices, ready=lock.require)
        self.doubts = Doubts()
        self.company = self._company()
        quality = Quality({d.name: d.check for d in config.devices}, self.company, note=self.doubts.note, later=self.doubts.later)
        guards = Guards(series for o in config.output if (series := o.series) is not None)
        self.alarms = Alarms(config.data / "alarms.json", config.village, config.node, self.bus, self._tell_alarm, self.view.remembered)
        self.intake = Intake(
            self.view,
            self.bus,
            config.node,
            clock,
            self.saving,
            quality=quality,
            correcting=Correcting(config.devices, self.company, self.doubts.note) if any(d.correct for d in config.devices) else None,
            heard=guards.heard,
            judged=self.alarms.hear,
        )
        self.acts = Acts(config.data / "acts.json", self.bus, self._store_act, self._waits)
        self.answers = Answers(config.data / "answers.json", self.bus, self._store_act, self._waits)
        self.fields = Fields(config.data / "fields.json", config.village, self.bus, self._store_act, self._waits)
        self.reports = Reports(config.data / "reports.json", self._store_act, self._waits)
        self.requests = Requests(config.data / "requests.json", self._store_act, self._waits)
        self.identity = Identity(config.data, config.village, config.node, self._store_act)
        self.surveys = Surveys(config.data / "surveys.json", self._store_act)
        self.complaints = Complaints(config.data / "complaints.json", self._store_act, self._waits)
        self.plantings = Plantings(config.data / "plantings.json", self._store_act, self._waits)
        self.link = Link(self.bus)
        self.presence = Presence(address, config.introductions(), self.spool, clock, outputs=config.outputs(), key=self.identity.key.public)
        self.commands = Commands(self.spool, clock)
        downlink = Downlink(self.view, self.bus, {"rules": self.alarms.follow, "alarms": self.alarms.agree, "roll": self.identity.follow})
        self.letters: Letters | None = None
        if config.letter_printer is not None:
            from kampung_edge.letters.letters import Letters  # brings an HTTP client, which a kiosk without such a printer need not load

            self.letters = Letters(config.letter_printer, config.node, self._store_act, lambda: self.link.state.up)
        self.uplink = Uplink(
            config,
            self.spool,
            presence=self.presence,
            downlink=downlink,
            link=self.link,
            commands=self.commands,
            letters=self.letters,
        )
        self.writer = Writer(self.intake, self.spool, clock, setting, saving=self.saving, written=self.uplink.wake)
        sample_clock = config.sample_clock()
        self.provenance = Provenance(config.data / "provenance.json", self.intake, self.spool, clock, sample_clock)
        self.discoveries = Discoveries(config.data / "discovered.json", config.port, self.intake.post)
        self.lines = Lines(config.port, lambda port: self._port(port, sample_clock))
        self.ports = self.lines.ports
        self.outputs = Outputs(
            config, ports=self.ports, guards=guards, crowded=lambda: self.intake.crowded, tell=self.commands.tell, bus=self.bus
        )
        self.commands.serve(self.outputs, self.uplink.wake)
        self.notifier = Notifier()
        self.printer: Printer | None = None
        if config.printer is not None:
            self.printer = Printer(config.printer, Jobs(config.data / "printing.sqlite", wall_ms, lock.require), self._printer_changed)
        self.queue: QueueService | None = None
        if config.queue is not None:
            place = village(config.village)
            self.queue = QueueService(config.queue, config.data, clock, self._store_act, lock.require, place, file)
        self._moving = self._moves()
        self.watchdog = Watchdog(self.notifier, self._moving)
        self.health = Health(
            link=self.link,
            spool=self.spool,
            ports=lambda: self.ports,
            clock=clock,
            presence=self.presence,
            intake=self.intake,
            writer=self.writer,
            saving=self.saving,
            view=self.view,
            supervisor=self.supervisor,
            watchdog=self.watchdog,
            bus=self.bus,
            outputs=self.outputs,
            commands=self.commands,
            alarms=self.alarms,
            printer=self.printer,
            queue=self.queue.troubles if self.queue is not None else None,
        )
        self._stopping = threading.Event()
        self._writing: list[threading.Thread] = []
        self._others: list[threading.Thread] = []

    def _company(self) -> Company:
        """What is measured beside what."""
        devices, place = self.config.devices, village(self.config.village)
        return Company(
            models={d.name: d.profile for d in devices},
            delivered={d.name: d.quantities for d in devices},
            beside={d.name: d.beside for d in devices},
            neighbours=self.config.neighbours,
            pairs=pairs(devices),
            sun=lambda t: elevation(t, place.latitude, place.longitude),
        )

    def _store_act(self, event: dict[str, object]) -> tuple[str, int]:
        return self.spool.epoch, self.intake.event(event)

    def _receipt(self, reference: str) -> tuple[str, Slip]:
        offered = self.view.content("services")
        return receipt(self.requests.made(reference), None if offered is None else offered.document, village(self.config.village))

    def _ticket(self, number: str) -> tuple[str, Slip]:
        return complaint_slip(self.complaints.made(number), village(self.config.village))

    def _told_complaints(self) -> dict[str, Any] | None:
        found = self.view.content("complaints")
        return None if found is None else found.document

    def _requests_of(self, who: Identified) -> list[dict[str, Any]]:
        told = self.view.content("requests")
        return self.requests.of(None if told is None else told.document, who.person, self.identity.requests(who))

    def _printer_changed(self) -> None:
        self.health.watch()

    def _waits(self, epoch: str, seq: int) -> bool:
        try:
            return self.spool.waits(epoch, seq)
        except StorageUnavailable:
            return True  # what cannot be looked up is not said to be sent

    def _tell_alarm(self, event: dict[str, object]) -> None:
        self.intake.post(event)

    def _moves(self) -> dict[str, Callable[[], float]]:
        """What must get on; a port's own silence is its device's, but its thread must be there."""

        self._since = time.monotonic()
        ports = {f"port {p.config.title}": self._alive(f"port {p.config.title}") for p in self.ports}
        outputs = {f"output {name}": lambda o=output: o.progress for name, output in self.outputs.items()}
        own = {"spool": self.writer, "uplink": self.uplink, "commands": self.commands}
        return {name: lambda part=part: part.progress for name, part in own.items()} | ports | outputs

    def _alive(self, name: str) -> Callable[[], float]:
        return lambda: time.monotonic() if any(t.name == name for t in threading.enumerate()) else self._since

    def _port(self, setting: PortSetting, clock: SampleClock) -> Port:
        explorer = self.discoveries.explorer(setting)
        found = self.discoveries.prepared(setting)
        return Port(found, clock, self.intake.take, self._port_event, on_frame=self.company.frame, explorer=explorer)

    def _join(self, found: list[DeviceSetting]) -> None:
        """Devices that are read from now on, beside those of the file: the cloud hears of them before their first reading."""
        devices = [*self.config.devices, *found]
        for device in found:
            self.company.join(device.name, device.profile, device.quantities)
        self.view.join(found)
        self.presence.introduce(introductions(devices))
        self.provenance.announce(devices)

    def _look_for_lines(self) -> None:
        for port in self.lines.look():
            name = f"port {port.config.title}"
            port.start()
            self._moving[name] = self._alive(name)
            log.info("line.new", port=port.config.title)

    def start(self) -> None:
        """Returns at once; the kiosk answers as soon as its thread runs."""
        start = self.supervisor.start
        self._writing.append(start("spool", self.writer.run))
        self._others += [start("kiosk", self._server.run), start("uplink", self.uplink.run), start("housekeeping", self._keep_house)]
        self._join(self.discoveries.devices)
        self.discoveries.joined = self._join
        self._commanding = start("commands", self.commands.run)
        for port in self.ports:
            port.start()
        self.outputs.start(self.supervisor)
        if self.printer is not None:
            self._others.append(start("printer", self.printer.run))
        if self.queue is not None and self.queue.run is not None:
            self._others.append(start("queue", self.queue.run))
        self._others.append(start("watchdog", self.watchdog.run))
        self.notifier.tell("READY=1", f"STATUS={self.config.node} in {self.config.village}")
        log.info("edge.started", village=self.config.village, node=self.config.node, kiosk=f"http://{self.config.kiosk.host}:{self.port}")

    def stop(self) -> None:
        """Everything read so far is in the spool, and the cloud knows that this edge is offline. Takes at most five seconds."""
        if self._stopping.is_set():
            return
        until = time.monotonic() + 4.5
        self._stopping.set()
        self.notifier.tell("STOPPING=1")
        self.watchdog.stop()
        self.supervisor.stopping()
        self.bus.close()
        self._server.stop()
        if self.queue is not None:
            self.queue.stop()
        if self.printer is not None:
            self.printer.stop()
        self.outputs.stop(OFF_S)
        self.commands.stop()
        self._commanding.join(0.5)
        stoppers = [threading.Thread(target=p.stop, args=(1.5,), daemon=True) for p in self.ports]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join(max(0.0, until - time.monotonic()))
        self._tell_doubts(all_of_it=True)
        self.intake.close()
        if self.saving.reason is not None:
            self.writer.hurry()
        for thread in self._writing:
            thread.join(max(0.1, until - 2.0 - time.monotonic()))
        self.writer.hurry()
        self.uplink.stop()
        for thread in (*self._writing, *self._others):
            thread.join(max(0.0, until - time.monotonic()))
        self.provenance.remember()
        self.alarms.close()
        if self.printer is not None:
            self.printer.jobs.close()
        self.view.close()
        self.spool.close()
        self._server.close()
        if self.queue is not None:
            self.queue.close()
        self._lock.release()
        log.info("edge.stopped")

    def _keep_house(self) -> None:
        quiet = time.monotonic()
        while not self._stopping.wait(HOUSEKEEPING_S):
            self._look_for_lines()
            self.health.watch()
            self.view.flush()
            self.provenance.tend()
            self.alarms.tend()
            if self.queue is not None:
                self.queue.tend()
            self._tell_doubts()
            if time.monotonic() - quiet >= QUIET_FLUSH_S:
                quiet = time.monotonic()
                try:
                    self.spool.flush()
                    self.spool.keep_house()
                except StorageUnavailable as error:
                    logging.getLogger(__name__).debug("flush: %s", error.message)  # the writer tells when it cannot write

    def _tell_doubts(self, *, all_of_it: bool = False) -> None:
        if not self.clock.era().synchronised:
            self.doubts.forget()
        elif (event := self.doubts.tell(all_of_it=all_of_it)) is not None:
            self.intake.post(event)

    def _port_event(self, event: Event) -> None:
        level = logging.INFO if event.kind in ("port_back", "device_back", "garbage_over") else logging.WARNING
        log.log(level, f"port.{event.kind}", port=event.port, device=event.device, detail=event.detail)
        self.outputs.port_event(event)
        self.health.watch()
