"""``kampung-sim score``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from kampung_contract.errors import KampungError

from kampung_sim.score.cloud import Cloud
from kampung_sim.score.compare import NAMED
from kampung_sim.score.score import Score, score

STDOUT = "-"
SAY_S = 10.0


def command(
    ledger: Annotated[Path, typer.Argument(help="The folder that 'kampung-sim run' wrote (--ledger).")],
    cloud: Annotated[str, typer.Option(help="The regency's address.")] = "http://127.0.0.1:8080",
    json_file: Annotated[str, typer.Option("--json", help="Write the result to this file; '-' prints nothing else.")] = "",
) -> None:
    """Compare what a run sent with what the regency holds. Exit code 1 when anything is unexplained, 2 when it cannot be compared."""
    if not cloud.startswith(("http://", "https://")):
        sys.stderr.write(f"kampung-sim: --cloud {cloud}: write http://host:8080\n")
        raise typer.Exit(2)
    try:
        found = score(ledger, Cloud(cloud), progress())
    except KampungError as error:
        sys.stderr.write(f"kampung-sim: {error.message}\n")
        raise typer.Exit(2) from None
    text = json.dumps(found.shown(), indent=1, ensure_ascii=False)
    if json_file == STDOUT:
        sys.stdout.write(text + "\n")
    else:
        if json_file:
            Path(json_file).write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(table(found) + "\n")
    if not found.good:
        raise typer.Exit(1)


def table(found: Score) -> str:
    """For people."""
    r, a, met = found.readings, found.alarms, found.residents
    why = f"{r.waiting} masih menunggu di kios, {r.refused} ditolak dengan alasan, {r.hindered} saat kios mati" if r.missing else ""
    rows = [
        ("Bacaan dikirim", r.sent, ""),
        ("Bacaan tersimpan", r.stored, ""),
        ("Hilang", r.missing, why),
        ("Ganda", r.duplicated, ""),
        ("Berubah", r.altered, ""),
        ("Tidak dikenal", r.foreign, ""),
        ("Terlambat", found.late, f"lebih dari 60 s tanpa gangguan; {found.explained_late} lain karena gangguan"),
        ("Alarm seharusnya", a.expected, f"menurut bacaan; {a.true} menurut keadaan sebenarnya"),
        ("Alarm ditemukan", a.found, f"{a.missed} terlewat, {a.invented} tanpa sebab"),
        ("Alarm tertutup", a.hidden, "ada kejadiannya, tetapi alat yang terganggu tidak menunjukkannya"),
        ("Alarm terlambat", a.delayed, "alat yang terganggu menunjukkannya kemudian"),
        ("Alarm palsu", a.false, "alat yang terganggu menunjukkan yang tidak terjadi"),
        ("Tidak terjelaskan", r.unexplained + a.missed + a.invented + (met or {}).get("errors", 0), ""),
    ]
    if met:
        rest = f"{met['calls']} permintaan, terlama {met['slowest']:g} s; {met['unserved']} saat kios mati, {met['errors']} gagal"
        rows.insert(-1, ("Warga dilayani", met["visits"], rest))
    width = max(len(f"{n:,}") for _, n, _ in rows)
    lines = [f"{name:18} {f'{n:,}'.replace(',', '.'):>{width}}  {note}".rstrip() for name, n, note in rows]
    arrival = ", ".join(f"{k} {v:g} s" for k, v in found.arrival.items() if v is not None) or "belum ada"
    head = f"{found.scenario} (seed {found.seed}): {found.nodes} kios, {found.series} deret"
    named = [f"  ! {what}" for what in [*r.named, *a.named[:NAMED], *(met or {}).get("named", [])]] + [
        f"  · {what}" for what in a.explained[:NAMED]
    ]
    if len(a.explained) > NAMED:
        named.append(f"  · dan {len(a.explained) - NAMED} lagi: --json menyebut semuanya")
    advice = "Anjuran           belum dinilai: kabupaten belum memberi anjuran"
    verdict = "BAIK: semua terjelaskan." if found.good else "TIDAK BAIK: ada yang tidak terjelaskan."
    return "\n".join([head, *lines, advice, f"Sampai di kabupaten: {arrival}", *named, verdict])


def progress() -> Callable[[int, int], None]:
    """Tells how far it is: in one line where somebody looks, else in a line every ten seconds."""
    told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        words = f"Membandingkan {done} dari {total} deret …"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{words}" + ("\r\033[K" if done == total else ""))
        elif time.monotonic() - told >= SAY_S:
            told = time.monotonic()
            sys.stderr.write(words + "\n")
        sys.stderr.flush()

    return tell
