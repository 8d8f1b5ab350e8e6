"""The faults there are."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

from kampung_contract.errors import ConfigurationError


class Target(StrEnum):
    """What a fault happens to."""

    EDGE = "edge"
    BROKER = "broker"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Fault:
    """``seconds``: shortest and longest duration. ``words`` for people, completed by the target's name."""

    name: str
    target: Target
    seconds: tuple[float, float]
    words: str
    about: str


FAULTS = {
    f.name: f
    for f in (
        Fault("kill-edge", Target.EDGE, (0.0, 0.5), "kill -9", "SIGKILL to an edge; it is started again within half a second"),
        Fault("kill-broker", Target.BROKER, (0.0, 0.5), "kill -9", "SIGKILL to the broker"),
        Fault("kill-cloud", Target.CLOUD, (0.0, 0.5), "kill -9", "SIGKILL to the cloud and the telemetry engine within it"),
        Fault("stop-edge", Target.EDGE, (0.5, 3.0), "dibekukan (SIGSTOP)", "an edge stands still, then goes on"),
        Fault("stop-broker", Target.BROKER, (0.5, 5.0), "dibekukan (SIGSTOP)", "the broker stands still, then goes on"),
        Fault("stop-cloud", Target.CLOUD, (0.5, 5.0), "dibekukan (SIGSTOP)", "the cloud stands still, then goes on"),
        Fault("cut", Target.EDGE, (0.2, 5.0), "jaringan putus (RST)", "the link resets all connections and takes no new one"),
        Fault(
            "half-open", Target.EDGE, (2.0, 10.0), "jaringan menelan semua", "no reset, bytes vanish; connections that stood never recover"
        ),
        Fault("slow", Target.EDGE, (2.0, 6.0), "jaringan merayap (2 kB/s)", "2,000 bytes a second each way"),
        Fault("lossy", Target.EDGE, (2.0, 6.0), "jaringan tersendat", "three packets in ten are stalled for up to a second"),
        Fault("no-puback", Target.EDGE, (1.0, 5.0), "PUBACK hilang", "the broker's acknowledgements are lost"),
        Fault("no-receipt", Target.EDGE, (1.0, 5.0), "tanda terima hilang", "the cloud's receipts are lost"),
        Fault("disk-full", Target.EDGE, (1.0, 4.0), "disk penuh", "an edge's disk takes nothing (small tmpfs as root, else RLIMIT_FSIZE)"),
        Fault(
            "clock-jump",
            Target.EDGE,
            (1.0, 6.0),
            "jam melompat",
            "an edge's wall clock is up to two hours off, then right again (needs gcc)",
        ),
        Fault("spool-flip", Target.EDGE, (0.0, 0.2), "bit spool terbalik", "an edge is killed and bytes of its spool are flipped"),
        Fault("spool-cut", Target.EDGE, (0.0, 0.2), "spool terpotong", "an edge is killed and its spool is cut short"),
    )
}
DAMAGE = ("spool-flip", "spool-cut")
CLOCK = "clock-jump"
DEFAULT = tuple(n for n in FAULTS if n not in DAMAGE and n != CLOCK)


def parse_faults(text: str) -> tuple[str, ...]:
    """Names from a comma-separated list; ``all``, ``default`` (all but damage, clock). Raises ``ConfigurationError`` with near names."""
    names: list[str] = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        if part in ("all", "default"):
            names += FAULTS if part == "all" else DEFAULT
        elif part in FAULTS:
            names.append(part)
        else:
            near = difflib.get_close_matches(part, FAULTS, n=3, cutoff=0.3)
            hint = f"did you mean {', '.join(near)}?" if near else "--faults help lists them"
            raise ConfigurationError(f"--faults: there is no fault {part!r}; {hint}")
    if not names:
        raise ConfigurationError("--faults: no fault is named; --faults help lists them")
    return tuple(dict.fromkeys(names))


def listing() -> str:
    """For people: each fault with what it does."""
    return "\n".join(f"  {f.name:12} {f.about}" for f in FAULTS.values())
