"""The faults there are."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

from kampung_contract.errors import ConfigurationError

from kampung_sim.proxy import Mode


class Target(StrEnum):
    """What a fault happens to."""

    EDGE = "edge"
    BROKER = "broker"
    CLOUD = "cloud"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Fault:
    """``seconds``: shortest and longest duration. ``words`` for people, completed by the target's name.

    ``mode``: what the link between the target and the broker does; None for a fault of the program itself.
    """

    name: str
    target: Target
    seconds: tuple[float, float]
    words: str
    about: str
    mode: Mode | None = None


EDGE, CLOUD = Target.EDGE, Target.CLOUD
KILL_ENGINE = "kill-engine"
FAULTS = {
    f.name: f
    for f in (
        Fault("kill-edge", EDGE, (0.0, 0.5), "kill -9", "SIGKILL to an edge; it is started again within half a second"),
        Fault("kill-broker", Target.BROKER, (0.0, 0.5), "kill -9", "SIGKILL to the broker"),
        Fault("kill-cloud", CLOUD, (0.0, 0.5), "kill -9", "SIGKILL to the cloud, and to an engine that is part of it"),
        Fault(KILL_ENGINE, Target.ENGINE, (0.0, 0.5), "kill -9", "SIGKILL to a telemetry engine that is a server of its own"),
        Fault("stop-edge", EDGE, (0.5, 3.0), "dibekukan (SIGSTOP)", "an edge stands still, then goes on"),
        Fault("stop-broker", Target.BROKER, (0.5, 5.0), "dibekukan (SIGSTOP)", "the broker stands still, then goes on"),
        Fault("stop-cloud", CLOUD, (0.5, 5.0), "dibekukan (SIGSTOP)", "the cloud stands still, then goes on"),
        Fault("cut", EDGE, (0.2, 5.0), "jaringan putus (RST)", "an edge's link resets all connections and takes no new one", Mode.CUT),
        Fault(
            "half-open",
            EDGE,
            (2.0, 10.0),
            "jaringan menelan semua",
            "no reset, bytes vanish; connections that stood never recover",
            Mode.HALF_OPEN,
        ),
        Fault("slow", EDGE, (2.0, 6.0), "jaringan merayap (2 kB/s)", "2,000 bytes a second each way", Mode.SLOW),
        Fault("lossy", EDGE, (2.0, 6.0), "jaringan tersendat", "three packets in ten are stalled for up to a second", Mode.LOSSY),
        Fault("no-puback", EDGE, (1.0, 5.0), "PUBACK hilang", "the broker's acknowledgements are lost", Mode.NO_PUBACK),
        Fault("no-receipt", EDGE, (1.0, 5.0), "tanda terima hilang", "the cloud's receipts are lost", Mode.NO_RECEIPT),
        Fault("cloud-cut", CLOUD, (0.2, 5.0), "jaringan putus (RST)", "cut, between the broker and the cloud", Mode.CUT),
        Fault(
            "cloud-half-open", CLOUD, (2.0, 10.0), "jaringan menelan semua", "half-open, between the broker and the cloud", Mode.HALF_OPEN
        ),
        Fault("cloud-slow", CLOUD, (2.0, 6.0), "jaringan merayap (2 kB/s)", "slow, between the broker and the cloud", Mode.SLOW),
        Fault("cloud-lossy", CLOUD, (2.0, 6.0), "jaringan tersendat", "lossy, between the broker and the cloud", Mode.LOSSY),
        Fault(
            "cloud-no-puback",
            CLOUD,
            (1.0, 5.0),
            "PUBACK hilang",
            "acknowledgements of the cloud's receipts, and of the packs it took, are lost",
            Mode.NO_PUBACK,
        ),
        Fault("disk-full", EDGE, (1.0, 4.0), "disk penuh", "an edge's disk takes nothing (small tmpfs as root, else RLIMIT_FSIZE)"),
        Fault("clock-jump", EDGE, (1.0, 6.0), "jam melompat", "an edge's wall clock is up to two hours off, then right again (needs gcc)"),
        Fault(
            "spool-flip", EDGE, (3.0, 9.0), "bit spool terbalik", "an edge is cut off, killed, and bytes of its spool or journal flipped"
        ),
        Fault("spool-cut", EDGE, (3.0, 9.0), "spool terpotong", "an edge is cut off, killed, and its spool or journal cut short"),
    )
}
DAMAGE = ("spool-flip", "spool-cut")
CLOCK = "clock-jump"
ALL = tuple(n for n in FAULTS if n != KILL_ENGINE)
DEFAULT = tuple(n for n in ALL if n not in DAMAGE and n != CLOCK)


def parse_faults(text: str, engine: bool = False) -> tuple[str, ...]:
    """Names from a comma-separated list; ``all``, ``default`` (all but damage, clock). ``engine``: it is a server of its own.

    Raises ``ConfigurationError`` with near names.
    """
    names: list[str] = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        if part in ("all", "default"):
            names += (ALL if part == "all" else DEFAULT) + ((KILL_ENGINE,) if engine else ())
        elif part in FAULTS:
            names.append(part)
        else:
            near = difflib.get_close_matches(part, FAULTS, n=3, cutoff=0.3)
            hint = f"did you mean {', '.join(near)}?" if near else "--faults help lists them"
            raise ConfigurationError(f"--faults: there is no fault {part!r}; {hint}")
    if not names:
        raise ConfigurationError("--faults: no fault is named; --faults help lists them")
    if KILL_ENGINE in names and not engine:
        raise ConfigurationError(
            "--faults kill-engine: this engine is part of the cloud; use kill-cloud, or a --telemetry that is a server"
        )
    return tuple(dict.fromkeys(names))


def listing() -> str:
    """For people: each fault with what it does."""
    return "\n".join(f"  {f.name:16} {f.about}" for f in FAULTS.values())
