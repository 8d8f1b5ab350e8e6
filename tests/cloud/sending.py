"""A process that plans and sends messages, and does nothing else: ``python -m tests.cloud.sending cloud.toml``, to be killed."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from kampung_cloud.bus import Bus
from kampung_cloud.channels import open_channels
from kampung_cloud.channels.sender import Sender
from kampung_cloud.channels.tools import Tools
from kampung_cloud.config import load
from kampung_cloud.health import Health
from kampung_cloud.messages.routing import Routing
from kampung_cloud.records import open_records


def main(file: Path) -> None:
    """Until it is killed."""
    config, bus, health = load(file), Bus(), Health()
    records = open_records(config.records.url, config.data)
    tools = Tools(records, config.data, lambda: None)  # type: ignore[arg-type,return-value]
    sender = Sender(records, open_channels(config.channel, tools), health)
    bus.listen("message", sender.wake)
    sender.start()
    Routing(config, records, health, bus).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
