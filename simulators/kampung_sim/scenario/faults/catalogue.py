"""The faults there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kampung_sim.scenario.times import HOUR, MINUTE


class Layer(StrEnum):
    """What a fault happens to, and so who carries it out."""

    VALUE = "value"
    """A device's reading: ``faults.value``."""
    FRAME = "frame"
    """Bytes on a line: ``faults.frame``; without frames, ``faults.value`` loses the reading."""
    PORT = "port"
    """A serial line: the runner."""
    CLOCK = "clock"
    """An edge's clock: ``faults.clock``; the runner sets it."""
    LINK = "link"
    """Between edge and broker: the runner."""
    NODE = "node"
    """The edge itself: the runner."""
    BROKER = "broker"
    """The broker of the whole regency: the runner."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """``default`` in ``unit``, within ``low`` to ``high``."""

    default: float
    low: float
    high: float
    unit: str
    about: str


@dataclass(frozen=True, slots=True)
class Kind:
    """``lasts`` in ms where a scenario does not say, None to the end, 0 for a moment; ``key`` injects it in the live view.

    ``words`` for people. ``excludes``: kinds that mean nothing on the same target at the same time, beside itself.
    """

    name: str
    layer: Layer
    key: str
    lasts: int | None
    words: str
    about: str
    parameters: dict[str, Parameter]
    excludes: tuple[str, ...] = ()


SHARE = Parameter(1.0, 0.001, 1, "1", "of the readings or frames, by chance")
KINDS: dict[str, Kind] = {
    k.name: k
    for k in (
        Kind("dropout", Layer.VALUE, "d", 30 * MINUTE, "sensor diam", "the device gives no reading", {"share": SHARE}),
        Kind(
            "stuck",
            Layer.VALUE,
            "s",
            2 * HOUR,
            "nilai macet",
            "it repeats the value it had when the fault began",
            {},
            ("drift", "spike", "noise", "bias"),
        ),
        Kind(
            "drift",
            Layer.VALUE,
            "g",
            24 * HOUR,
            "nilai bergeser pelan",
            "the value leaves the true one evenly",
            {"per_hour": Parameter(0.2, -1000, 1000, "the quantity's, per hour", "how fast")},
        ),
        Kind(
            "spike",
            Layer.VALUE,
            "p",
            HOUR,
            "lonjakan",
            "single readings far off",
            {
                "size": Parameter(20.0, -100_000, 100_000, "the quantity's", "how far, up or down by chance"),
                "share": Parameter(0.05, 0.001, 1, "1", "of the readings, by chance"),
            },
        ),
        Kind(
            "noise",
            Layer.VALUE,
            "n",
            HOUR,
            "nilai bergetar",
            "the value scatters",
            {"deviation": Parameter(1.0, 0, 10_000, "the quantity's", "standard deviation")},
        ),
        Kind(
            "bias",
            Layer.VALUE,
            "b",
            None,
            "salah kalibrasi",
            "a wrong calibration: value × gain + offset",
            {
                "gain": Parameter(1.0, -10, 10, "1", "factor"),
                "offset": Parameter(2.0, -100_000, 100_000, "the quantity's", "added"),
            },
        ),
        Kind("duplicate", Layer.FRAME, "2", 30 * MINUTE, "bingkai ganda", "a frame is sent twice", {"share": SHARE}),
        Kind("reorder", Layer.FRAME, "r", 30 * MINUTE, "urutan tertukar", "a frame is overtaken by the next", {"share": SHARE}),
        Kind("truncated-frame", Layer.FRAME, "t", 30 * MINUTE, "bingkai terpotong", "a frame ends early", {"share": SHARE}),
        Kind(
            "garbled-frame",
            Layer.FRAME,
            "x",
            30 * MINUTE,
            "bingkai rusak",
            "bits of a frame are flipped",
            {"share": SHARE, "bits": Parameter(3, 1, 64, "1", "flipped in a frame")},
        ),
        Kind(
            "address-collision",
            Layer.FRAME,
            "a",
            30 * MINUTE,
            "dua alat satu alamat",
            "a second device answers at the same address, and both talk at once",
            {},
            ("truncated-frame", "garbled-frame"),
        ),
        Kind("port-unplugged", Layer.PORT, "u", 10 * MINUTE, "kabel tercabut", "the serial adapter is pulled out", {}),
        Kind(
            "clock-skew",
            Layer.CLOCK,
            "k",
            24 * HOUR,
            "jam lari",
            "the edge's clock runs wrong; it is right again at the end",
            {"ppm": Parameter(500, -100_000, 100_000, "1e-6", "parts in a million too fast")},
        ),
        Kind(
            "clock-step",
            Layer.CLOCK,
            "j",
            HOUR,
            "jam melompat",
            "the edge's clock is off, then right again",
            {"seconds": Parameter(-3600, -864_000, 864_000, "s", "how far")},
        ),
        Kind("link-down", Layer.LINK, "l", HOUR, "jaringan putus", "no way to the broker", {}, ("slow-link", "lossy-link")),
        Kind(
            "slow-link",
            Layer.LINK,
            "w",
            30 * MINUTE,
            "jaringan merayap",
            "few bytes a second",
            {"rate": Parameter(2000, 10, 10_000_000, "B/s", "each way")},
            ("lossy-link",),
        ),
        Kind(
            "lossy-link",
            Layer.LINK,
            "o",
            30 * MINUTE,
            "jaringan tersendat",
            "packets are lost and come late",
            {"share": Parameter(0.3, 0.001, 1, "1", "of the packets")},
        ),
        Kind("edge-power-cut", Layer.NODE, "c", 10 * MINUTE, "listrik kios padam", "the edge is dead, its sensors too", {}, ("disk-full",)),
        Kind("disk-full", Layer.NODE, "f", 10 * MINUTE, "disk kios penuh", "the edge's disk takes nothing", {}),
        Kind("printer-out-of-paper", Layer.NODE, "e", 30 * MINUTE, "kertas habis", "the receipt printer has no paper", {}),
        Kind("broker-restart", Layer.BROKER, "m", 0, "broker dimulai ulang", "the broker ends and starts again", {}),
    )
}


def contradict(one: str, other: str) -> bool:
    """Whether both cannot be in force on one target at one time."""
    return one == other or other in KINDS[one].excludes or one in KINDS[other].excludes
