"""Pages in the shape of MAGMA's own: a search with links to reports, and a report."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from html import escape
from typing import NamedTuple

WIB = timezone(timedelta(hours=7))
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember")
LEVELS = {1: ("I", "Normal", "badge-success"), 2: ("II", "Waspada", "badge-warning tx-white"), 3: ("III", "Siaga", "bg-orange tx-white"),
          4: ("IV", "Awas", "badge-danger")}  # fmt: skip
PERIOD_H = 6


class Mountain(NamedTuple):
    """What a simulated report says; ``level`` 1 to 4."""

    code: str
    name: str
    level: int
    recommendations: tuple[str, ...]


def periods(now: int) -> tuple[datetime, str]:
    """The day and the six hours that were over last at ``now`` (ms UTC): ``00:00-06:00 WIB``."""
    then = datetime.fromtimestamp(now / 1000, WIB)
    end = then.hour // PERIOD_H * PERIOD_H
    if end == 0:
        return then - timedelta(days=1), "18:00-24:00 WIB"
    return then, f"{end - PERIOD_H:02}:00-{end:02}:00 WIB"


def heading(mountain: Mountain, now: int) -> str:
    """``Ijen, Sabtu - 16 Mei 2026, periode 00:00-06:00 WIB``."""
    day, period = periods(now)
    return f"{mountain.name}, {DAYS[day.weekday()]} - {day.day} {MONTHS[day.month - 1]} {day.year}, periode {period}"


def badge(level: int) -> str:
    """The level as MAGMA shows it."""
    roman, word, style = LEVELS[level]
    return f'<span class="badge {style}">Level {roman} ({word})</span>'


def search(mountain: Mountain, link: str, now: int) -> str:
    """What is found: one report."""
    return f"""<!DOCTYPE html><html><head><title>SIMULASI - Laporan Aktivitas</title></head><body>
<h1>SIMULASI: bukan MAGMA Indonesia, bukan kabar gunung sungguhan</h1>
<div class="timeline-item"><div class="timeline-time"><small>Periode {periods(now)[1]}</small></div>
<div class="timeline-body"><p class="timeline-title"><a href="#">{escape(mountain.name)}</a>{badge(mountain.level)}</p>
<p class="timeline-author">Dibuat oleh <span class="tx-primary">Simulasi</span></p><p>Gunung api terlihat jelas.</p>
<a href="{escape(link)}" class="card-link">Lihat Detail</a></div></div></body></html>"""


def report(mountain: Mountain, now: int) -> str:
    """A report of the last six hours."""
    lines = "<br />\n".join(f"{n}) {escape(line)}" for n, line in enumerate(mountain.recommendations, 1))
    title = heading(mountain, now)
    return f"""<!DOCTYPE html><html><head><title>SIMULASI - Laporan Aktivitas - {escape(title)}</title></head><body>
<h1>SIMULASI: bukan MAGMA Indonesia, bukan kabar gunung sungguhan</h1>
<div class="card-body pd-30 bd bd-t-0"><h5 class="blog-category"><h5>{badge(mountain.level)}</h5></h5>
<h5 class="card-title tx-dark tx-medium mg-b-10">{escape(title)}</h5>
<p class="card-subtitle tx-normal mg-b-15">Dibuat oleh,  Simulasi</p><br>
<p class="col-lg-6 pd-0">Gunung Api {escape(mountain.name)} terletak di Kab\\Kota Banyuwangi, Jawa Timur</p></div>
<h6 class="slim-card-title">Pengamatan Visual</h6><p>Gunung api terlihat jelas.</p>
<h6 class="slim-card-title">Klimatologi</h6><p>Cuaca berawan, suhu udara 18&deg;C.</p>
<h6 class="slim-card-title">Rekomendasi</h6>
<p>{lines}</p></body></html>"""
