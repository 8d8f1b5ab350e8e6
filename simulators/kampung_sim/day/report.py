"""The result in words and columns, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from kampung_sim.day.tally import KTP_MINUTES, RUNGS, Tally

if TYPE_CHECKING:
    from kampung_sim.day.run import Plan

HEAD = ("Layanan", "masuk", "selesai", "p50", "p90", "di tempat lain", "kembali", "diserahkan")
HEARS = (("petugas", "petugas"), ("desa", "sekdes dan kades"))
DEPENDS = (
    "Angka menit berasal dari jam alur aplikasi (menit kerja). Bergantung pada angka yang dianggap: jumlah warga, lama petugas memeriksa,",
    "berapa kali kepala desa menandatangani, dokumen kurang. Ganti dengan hitungan desa: --figures BERKAS.",
)


def one(plan: Plan, found: Tally, sources: Mapping[str, str]) -> str:
    """An office's days."""
    days = plan.dates
    head = (
        f"Desa {found.village}, {len(days)} hari kerja ({days[0]} sampai {days[-1]}), {found.clerks} petugas, "
        f"{found.per_day:g} permohonan sehari, seed {plan.seed}"
    )
    lines = [head, "", _line(HEAD)]
    for row in sorted((r.shown() for r in found.rows), key=lambda r: -r["asked"]):
        cells = ("asked", "village_done", "village_p50", "village_p90", "elsewhere_p50", "returned", "handed_over")
        lines.append(_line((row["title"], *(_number(row[c]) for c in cells))))
    asked, handed = sum(r.asked for r in found.rows), sum(r.handed_over for r in found.rows)
    lines += [
        "",
        "masuk: permohonan; selesai: bagian desa selesai; p50, p90: menit kerja desa, yang belum selesai sampai saat ini;",
        "di tempat lain: menit kerja Dukcapil (p50)",
        "",
        f"KTP, bagian desa      {_verdict(found)}",
        f"Lewat batas waktu     {', '.join(f'{found.late[rung]} kepada {rung}' for rung in RUNGS)}",
        f"Pesan tentang itu     {', '.join(f'{found.messages.get(r, 0)} kepada {w}' for r, w in HEARS)}",
        f"Permohonan            {asked}, {handed} diserahkan, {found.numbers} surat bernomor",
        f"Tidak terjelaskan     {len(found.unexplained)}",
        *(f"  ! {line}" for line in found.unexplained[:20]),
        "",
        *DEPENDS,
        f"{sum(s.startswith('assumption') for s in sources.values())} dari {len(sources)} angka adalah anggapan.",
    ]
    return "\n".join(lines)


def sweep(plan: Plan, found: Sequence[Tally]) -> str:
    """By clerks and residents: minutes of a KTP, of letters, and how often somebody was told that something is late."""
    clerks, per_day = sorted({t.clerks for t in found}), sorted({t.per_day for t in found})
    by = {(t.per_day, t.clerks): t for t in found}
    lines = [f"{len(plan.dates)} hari kerja, seed {plan.seed}; baris: permohonan sehari, kolom: petugas"]
    titles: dict[str, Callable[[Tally], str]] = {
        "KTP, menit desa p50 (p90); * melewati sepuluh": _ktp,
        "Lewat batas waktu: kepada petugas / sekdes / kades": lambda t: "/".join(str(t.late[r]) for r in RUNGS),
        "Bagian desa selesai dari yang masuk": lambda t: f"{sum(r.done for r in t.rows)}/{sum(r.asked for r in t.rows)}",
        "Diserahkan dari yang masuk": lambda t: f"{sum(r.handed_over for r in t.rows)}/{sum(r.asked for r in t.rows)}",
    }
    for title, cell in titles.items():
        lines += ["", title, " " * 8 + "".join(f"{c:>16}" for c in clerks)]
        lines += [f"{n:>8g}" + "".join(f"{cell(by[n, c]):>16}" for c in clerks) for n in per_day]
    wrong = [line for t in found for line in t.unexplained]
    return "\n".join([*lines, "", f"Tidak terjelaskan: {len(wrong)}", *(f"  ! {line}" for line in wrong[:20]), "", *DEPENDS])


def _verdict(found: Tally) -> str:
    p50, p90 = found.ktp
    if p50 is None:
        return "tidak ada permohonan KTP"
    said = "tercapai" if found.reached else "TIDAK tercapai"
    return f"p50 {_number(p50)} menit, p90 {_number(p90)} menit; sasaran p50 paling lama {KTP_MINUTES} menit: {said}"


def _ktp(found: Tally) -> str:
    p50, p90 = found.ktp
    return "-" if p50 is None else f"{_number(p50)} ({_number(p90)}){'' if found.reached else '*'}"


def _line(cells: Sequence[str]) -> str:
    widths = (40, 7, 9, 8, 8, 16, 9, 12)
    return "".join(f"{c[:39]:<{w}}" if n == 0 else f"{c:>{w}}" for n, (c, w) in enumerate(zip(cells, widths, strict=True)))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}".replace(".", ",")
