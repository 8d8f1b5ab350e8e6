"""What a run found, for machines and for people."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from kampung_sim.chaos.judge import Damage
from kampung_sim.chaos.ledger import Account
from kampung_sim.chaos.program import Program

NAMED = 20
"""So many unexplained readings are named."""


@dataclass(frozen=True)
class Figures:
    """One program. Seconds from start to ready; memory is its largest resident set in MB."""

    kills: int
    restarts: int
    restart_max_s: float | None
    restart_p95_s: float | None
    ended_by_itself: list[str]
    memory_mb: float


def figures(program: Program) -> Figures:
    """Of a program after a run."""
    times = sorted(program.restarts)
    p95 = times[math.ceil(0.95 * len(times)) - 1] if times else None
    return Figures(
        program.kills,
        len(times),
        round(times[-1], 3) if times else None,
        round(p95, 3) if p95 is not None else None,
        program.ended_by_itself,
        round(program.memory_kb / 1024, 1),
    )


@dataclass(frozen=True)
class Report:
    """``line_full``: frames a sensor held back because nobody read. ``window_ms``: what may be lost at a kill, in the edge's own time;
    ``windows_ms``: the same by the wall, of every kill, ascending."""

    account: Account
    damages: list[Damage]
    programs: dict[str, Figures]
    faults: dict[str, int]
    skipped: dict[str, int]
    options: dict[str, Any]
    seconds: float
    drained_s: float
    line_full: int
    window_ms: int
    complete: dict[str, bool]
    packets_dropped: int
    windows_ms: list[int]

    @property
    def good(self) -> bool:
        """Nothing is unexplained, and what was told of damaged spools is what they lost."""
        return not (self.account.unexplained or self.account.duplicated or self.account.altered or any(d.wrong for d in self.damages))

    def object(self) -> dict[str, Any]:
        """For ``--json``."""
        account = asdict(self.account)
        lost = account.pop("lost")
        return {
            "good": self.good,
            "seed": self.options["seed"],
            **account,
            "named": lost[:NAMED],
            "kills": sum(f.kills for f in self.programs.values()),
            "damages": [asdict(d) for d in self.damages],
            "faults": self.faults,
            "skipped": self.skipped,
            "programs": {name: asdict(f) for name, f in self.programs.items()},
            "seconds": self.seconds,
            "drained_s": self.drained_s,
            "window_ms": self.window_ms,
            "window_wall_ms": {"p50": self.windows_ms[len(self.windows_ms) // 2], "max": self.windows_ms[-1]} if self.windows_ms else None,
            "line_full": self.line_full,
            "packets_dropped": self.packets_dropped,
            "complete": self.complete,
            "options": self.options,
        }

    def table(self) -> str:
        """For people."""
        a = self.account
        rows = [
            ("dikirim sensor (terbaca)", a.sent),
            ("tersimpan di kabupaten", a.stored),
            ("hilang", a.missing),
            (f"  dalam jendela {self.window_ms} ms sebelum kill", a.in_loss_window),
            ("  dalam memori, disk menolak (dicatat kios)", a.while_disk_refused),
            ("  dalam spool yang rusak", a.in_damaged_spool),
            ("  dibuang dengan catatan", a.dropped_with_gap_record),
            ("  TIDAK TERJELASKAN", a.unexplained),
            ("ganda", a.duplicated),
            ("berubah", a.altered),
            ("tidak urut", a.out_of_order),
        ]
        lines = [f"  {name:44} {f'{value:,}'.replace(',', '.'):>12}" for name, value in rows]
        lines.append(f"  {'kehilangan tertua sebelum kill':44} {a.oldest_loss_ms:9,} ms".replace(",", "."))
        lines.append("")
        lines.append(f"  {'program':10} {'kill':>6} {'nyala lagi p95':>15} {'terlama':>9} {'memori':>10} {'berhenti sendiri':>17}")
        for name, f in self.programs.items():
            p95 = "–" if f.restart_p95_s is None else f"{f.restart_p95_s:.2f} s"
            longest = "–" if f.restart_max_s is None else f"{f.restart_max_s:.2f} s"
            lines.append(f"  {name:10} {f.kills:6} {p95:>15} {longest:>9} {f.memory_mb:7.1f} MB {len(f.ended_by_itself):17}")
        lines.append("")
        lines += [
            f"  spool rusak {d.node} {d.epoch[:8]}: {d.held} paket menunggu, {d.lost} hilang ({d.lost_readings} pembacaan), "
            f"{d.told} dilaporkan{': TIDAK COCOK, ' + d.wrong if d.wrong else ''}"
            for d in self.damages
        ]
        lines.append("  gangguan: " + ", ".join(f"{n} {c}" for n, c in self.faults.items()))
        lines += [f"  ! {line}" for line in a.lost[:NAMED]]
        verdict = "SEMUA TERJELASKAN" if self.good else "ADA YANG TIDAK TERJELASKAN"
        lines.append(f"  {verdict} (seed {self.options['seed']}, {self.seconds:.0f} s, terkuras dalam {self.drained_s:.1f} s)")
        return "\n".join(lines)
