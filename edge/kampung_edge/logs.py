"""Lines on standard error: changes of state, for the journal."""

from __future__ import annotations

import logging
import sys

sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # structlog would load it for coloured tracebacks: 5 MB on a small kiosk

import structlog  # noqa: E402


def configure() -> None:
    """structlog, and the standard library's loggers (the bridge, uvicorn) through it."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="timestamp=%(asctime)s level=%(levelname)s logger=%(name)s event=%(message)r"
    )
    logging.getLogger("kampung_bridge").setLevel(logging.ERROR)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
