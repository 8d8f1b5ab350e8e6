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

    ``words`` and ``about`` for people. ``excludes``: kinds that mean nothing on the same target at the same time, beside itself.
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
        Kind("dropout", Layer.VALUE, "d", 30 * MINUTE, "sensor diam", "alat tidak memberi bacaan", {"share": SHARE}),
        Kind(
            "stuck",
            Layer.VALUE,
            "s",
            2 * HOUR,
            "nilai macet",
            "nilai saat gangguan mulai terus diulang",
            {},
            ("drift", "spike", "noise", "bias"),
        ),
        Kind(
            "drift",
            Layer.VALUE,
            "g",
            24 * HOUR,
            "nilai bergeser pelan",
            "nilai menjauh sedikit demi sedikit dari yang benar",
            {"per_hour": Parameter(0.2, -1000, 1000, "the quantity's, per hour", "how fast")},
        ),
        Kind(
            "spike",
            Layer.VALUE,
            "p",
            HOUR,
            "lonjakan",
            "sesekali bacaan jauh meleset",
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
            "nilai naik turun tak menentu",
            {"deviation": Parameter(1.0, 0, 10_000, "the quantity's", "standard deviation")},
        ),
        Kind(
            "bias",
            Layer.VALUE,
            "b",
            None,
            "salah kalibrasi",
            "kalibrasi salah: nilai × gain + offset",
            {
                "gain": Parameter(1.0, -10, 10, "1", "factor"),
                "offset": Parameter(2.0, -100_000, 100_000, "the quantity's", "added"),
            },
        ),
        Kind("duplicate", Layer.FRAME, "2", 30 * MINUTE, "bingkai ganda", "satu bingkai dikirim dua kali", {"share": SHARE}),
        Kind("reorder", Layer.FRAME, "r", 30 * MINUTE, "urutan tertukar", "satu bingkai disusul bingkai berikutnya", {"share": SHARE}),
        Kind("truncated-frame", Layer.FRAME, "t", 30 * MINUTE, "bingkai terpotong", "bingkai berhenti di tengah", {"share": SHARE}),
        Kind(
            "garbled-frame",
            Layer.FRAME,
            "x",
            30 * MINUTE,
            "bingkai rusak",
            "beberapa bit bingkai terbalik",
            {"share": SHARE, "bits": Parameter(3, 1, 64, "1", "flipped in a frame")},
        ),
        Kind(
            "address-collision",
            Layer.FRAME,
            "a",
            30 * MINUTE,
            "dua alat satu alamat",
            "alat kedua menjawab di alamat yang sama, bersamaan",
            {},
            ("truncated-frame", "garbled-frame"),
        ),
        Kind("port-unplugged", Layer.PORT, "u", 10 * MINUTE, "kabel tercabut", "adaptor serial tercabut dari kios", {}),
        Kind(
            "clock-skew",
            Layer.CLOCK,
            "k",
            24 * HOUR,
            "jam lari",
            "jam kios terlalu cepat atau lambat, lalu benar lagi",
            {"ppm": Parameter(500, -100_000, 100_000, "1e-6", "parts in a million too fast")},
        ),
        Kind(
            "clock-step",
            Layer.CLOCK,
            "j",
            HOUR,
            "jam melompat",
            "jam kios meleset, lalu benar lagi",
            {"seconds": Parameter(-3600, -864_000, 864_000, "s", "how far")},
        ),
        Kind("link-down", Layer.LINK, "l", HOUR, "jaringan putus", "tidak ada jalan ke broker", {}, ("slow-link", "lossy-link")),
        Kind(
            "slow-link",
            Layer.LINK,
            "w",
            30 * MINUTE,
            "jaringan merayap",
            "hanya beberapa bita tiap detik",
            {"rate": Parameter(2000, 10, 10_000_000, "B/s", "each way")},
            ("lossy-link",),
        ),
        Kind(
            "lossy-link",
            Layer.LINK,
            "o",
            30 * MINUTE,
            "jaringan tersendat",
            "paket hilang dan terlambat",
            {"share": Parameter(0.3, 0.001, 1, "1", "of the packets")},
        ),
        Kind("edge-power-cut", Layer.NODE, "c", 10 * MINUTE, "listrik kios padam", "kios mati bersama sensornya", {}, ("disk-full",)),
        Kind("disk-full", Layer.NODE, "f", 10 * MINUTE, "disk kios penuh", "disk kios tidak dapat ditulisi", {}),
        Kind("printer-out-of-paper", Layer.NODE, "e", 30 * MINUTE, "kertas habis", "pencetak resi kehabisan kertas", {}),
        Kind("broker-restart", Layer.BROKER, "m", 0, "broker dimulai ulang", "broker berhenti lalu menyala lagi", {}),
    )
}


def contradict(one: str, other: str) -> bool:
    """Whether both cannot be in force on one target at one time."""
    return one == other or other in KINDS[one].excludes or one in KINDS[other].excludes
