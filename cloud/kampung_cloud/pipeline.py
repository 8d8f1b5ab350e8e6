"""What takes in for one area: broker, ingest, telemetry, alarms, documents, commands. ``serve`` has one, ``ingest`` one for each lease."""

from __future__ import annotations

import threading

from kampung_cloud.alarms import Alarms
from kampung_cloud.area import OTHERS, WHOLE, Area, area_of
from kampung_cloud.bus import Bus
from kampung_cloud.config import CloudConfig
from kampung_cloud.content import Contents
from kampung_cloud.health import Health, now_ms
from kampung_cloud.ingest.link import Link
from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.worker import Worker
from kampung_cloud.judging.judged import Judged
from kampung_cloud.judging.neighbours import Looking
from kampung_cloud.letters import Letters
from kampung_cloud.mail import Mail
from kampung_cloud.metrics import Metrics
from kampung_cloud.nodes import Nodes
from kampung_cloud.outputs.commands import Commands
from kampung_cloud.records import Records
from kampung_cloud.telemetry import open_store


class Pipeline:
    """Makes its parts when made, starts them with ``start``.

    Raises ``ConfigurationError`` for an engine that cannot be used, ``StorageUnavailable`` when the records cannot be read now.
    """

    def __init__(
        self,
        config: CloudConfig,
        records: Records,
        bus: Bus,
        health: Health,
        metrics: Metrics,
        *,
        area: Area = WHOLE,
        lost: threading.Event | None = None,
    ) -> None:
        """``lost``: set once another process takes in for ``area``."""
        self.area = area
        self.health = health
        self.records = records
        self._others = area.code == OTHERS
        url = "memory:" if self._others else config.telemetry.url
        self.store = open_store(url, config.data, config.telemetry.keep_days, records, area.share)
        self.nodes = Nodes(records, bus)
        self.nodes.recall(self.store.latest())
        self.judged = Judged(self.store, records)
        self.alarms = alarms = Alarms(() if self._others else config.rule, self.judged, records, area, config.messages.call)
        alarms.start(now_ms())
        looking = Looking(() if self._others else config.neighbours, self.store, records, area.holds)
        looking.start(now_ms())
        self.contents = Contents(records, lambda topic, payload: self.link.publish(topic, payload, retain=True), area)
        self.worker = Worker(
            config.ingest,
            store=self.store,
            records=records,
            nodes=self.nodes,
            alarms=alarms,
            contents=self.contents,
            bus=bus,
            health=health,
            metrics=metrics,
            kept=Letters(records, config.dead_letters.most, config.dead_letters.most_bytes),
            looking=looking,
        )
        # The broker's session belongs to the area, not to the process: whoever comes next gets what was not acknowledged, and by
        # connecting ends the line of whoever was there before.
        broker = config.broker.model_copy(update={"client_id": f"{config.broker.client_id}-{area.digits}"}) if area.code else config.broker
        deliver = self._strangers if self._others else self.worker.put
        qos = 0 if self._others else 1
        self.link = Link(broker, deliver, health, config.ingest.in_flight, filters=area.filters, qos=qos, lost=lost)
        self.commands = Commands(records, self.nodes, bus, self.link, area=area)
        self.mail = Mail(records, self.link, area)

    def _strangers(self, messages: list[Message]) -> None:
        """A subscription cannot leave anything out. What belongs to a kecamatan of ours comes to its own line, too."""
        strange = [m for m in messages if area_of(m.topic).code == OTHERS]
        if strange:
            self.worker.put(strange)

    def start(self) -> None:
        """Begin."""
        self.worker.start(self.link)
        self.link.start()
        self.commands.start()
        self.mail.start()

    def stop(self) -> None:
        """Finish the batch and close the store. What is not acknowledged comes again, to whoever takes in next."""
        self.mail.stop()
        self.commands.stop()
        self.link.stop()
        self.worker.stop()
        self.store.close()
