"""A regency with something in it, put into a real cloud: readings old and new, alarms, water samples, citizens' reports. All invented.

``python -m tests.ui.regency_world 8095`` (at the repository's root) serves it until it is stopped, to be looked at.
"""

from __future__ import annotations

import base64
import io
import random
import sys
import tempfile
import time
from pathlib import Path

from kampung_cloud.app import CloudApp
from kampung_cloud.modules.reports.book import Book
from kampung_cloud.modules.reports.kinds import kinds
from kampung_cloud.modules.reports.photos import small
from kampung_cloud.modules.reports.report import Filed
from kampung_cloud.modules.waterquality.sample import Measured, sample
from kampung_cloud.modules.waterquality.samples import Samples
from kampung_cloud.records.models import AlarmRow
from kampung_contract.citizen import KINDS
from kampung_contract.villages import Village, villages
from PIL import Image, ImageDraw

from tests.cloud.alone import cloud_alone, put_readings
from tests.cloud.desk import GOOD, make

HOUR, DAY = 3_600_000, 86_400_000
HOME = "35.10.24.2008"
TEXTS = {
    "rubbish": "Sampah menumpuk di dekat jembatan, sudah tiga hari dan bau.",
    "spill": "Air kali berwarna hitam dan berbusa sejak pagi.",
    "tree": "Pohon sengon tumbang menutup separuh jalan.",
    "burning": "Ada yang membakar plastik di belakang pasar.",
    "road": "Jalan berlubang dalam di tikungan, berbahaya kalau hujan.",
    "lamp": "Lampu jalan mati di depan sekolah.",
    "other": "Penutup selokan hilang.",
}


def fill(app: CloudApp, few: bool = False) -> None:
    """``few``: what a test needs, in a second."""
    dice, now = random.Random(7), time.time_ns() // 1_000_000
    every = list(villages())
    some = [v for v in every if v.code == HOME] + [v for v in every[:: 12 if few else 3] if v.code != HOME]
    rows = []
    for n, v in enumerate(some):
        silent = dice.choice([0, 0, 0, 0, 3 * HOUR, 20 * HOUR, 4 * DAY, 12 * DAY])
        for hour in range(8 if few else 40):
            at = now - silent - hour * (HOUR if few else 18 * HOUR) - 60_000
            rows.append((at, f"kios-{n}.sungai.water_level", v.code, round(1 + 0.4 * dice.random(), 2), "m"))
    put_readings(app, rows)
    with app._records.session() as session:
        for n, v in enumerate(some):
            for back in range(0 if few and n > 2 else 2):
                since = now - int(dice.random() * 20 * HOUR) - back * 5 * DAY
                severity = dice.choice([1, 1, 2, 3]) if n else 2
                until = None if back == 0 and n % 3 == 0 else since + int(dice.random() * 30 * HOUR) + HOUR
                session.add(alarm(v, n, since, until, severity))
    book, records = Book(app._records, app.config.data), app._records
    for n in range(8 if few else 60):
        v = some[0] if n < 6 else dice.choice(some)
        kind = KINDS[n % len(KINDS)]
        at = now - int(dice.random() * (2 if n < 6 else 25) * DAY)
        east = 0.0004 if n == 1 else dice.uniform(-0.01, 0.01)
        spot = dice.choice(["Dekat jembatan", "Dusun Krajan, depan mushola", "Jalan menuju pasar", ""])
        photo = small(base64.b64encode(picture(kind)).decode()) if n % 3 == 0 else None
        contact, place = "0812-0000-0001" if n % 4 == 1 else "", (v.latitude, v.longitude + east, 12.0)
        origin = "phone" if n % 2 else "kiosk-1"
        made = Filed(f"{dice.getrandbits(128):032x}", v.code, kind, at, origin, TEXTS[kind], spot, *place, photo, contact)
        row = book.file(made, at + 60_000)
        if n > 5 and dice.random() < 0.7:
            book.step(row.id, "checking", "", "Petugas contoh", at + HOUR)
            if dice.random() < 0.6:
                done = min(now, at + int(dice.random() * kinds()[kind].done))
                book.step(row.id, "done", "Sudah dibersihkan bersama warga.", "Petugas contoh", done)
    book.take_up(now)
    for n in range(4 if few else 30):
        v = some[0] if n < 3 else dice.choice(some)
        place = "Kali Banyupait, jembatan" if n == 0 else f"Kali {v.name}, hilir"
        bod = dice.choice([1.5, 2.8, 6.0, 14.0, 60.0])
        values = {"pH": ("", 2.9 if n == 0 else 7.3), "BOD": ("mg/L", bod), "DO": ("mg/L", dice.uniform(2, 7)), "TSS": ("mg/L", 35),
                  "fecal coliform": ("MPN/100mL", dice.choice([300, 2400, 24000]))}  # fmt: skip
        measured = [Measured(name, value, unit) for name, (unit, value) in values.items()]
        Samples(records).keep([sample(v.code, place, 2, now - n * DAY - HOUR, "Laboratorium Contoh", measured, now)], "Bu Lab", now)


def alarm(v: Village, n: int, since: int, until: int | None, severity: int) -> AlarmRow:
    title, message = {"id": f"Sungai naik di {v.name}"}, {"id": "Air 1,9 m, batas 1,5 m. Jauhi tepi sungai."}
    return AlarmRow(
        id=f"sungai-{n}:s:{since}", rule=f"sungai-{n}", village=v.code, node=f"kios-{n}", scope="s", series=f"kios-{n}.sungai.water_level",
        severity=severity, since=since, until=until, value=1.9, unit="m", threshold=1.5, title=title, message=message, source="contoh",
        announced=True, worst=1.9, worst_at=since, scale="waspada", about="flood", withdrawn=False, became=None,
    )  # fmt: skip


def picture(kind: str) -> bytes:
    """Not a photo of anybody: two colours and a word."""
    image, out = Image.new("RGB", (1600, 1200), (120, 140, 110)), io.BytesIO()
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 700, 1600, 1200), fill=(96, 84, 70))
    pen.ellipse((600, 500, 1100, 900), fill=(70, 90, 60))
    pen.text((60, 60), f"contoh: {kind}", fill="white")
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, cloud_alone(Path(folder), api={"port": int(sys.argv[1])}) as served:
        fill(served)
        make(served, "siti", ["petugas"])
        make(served, "rini", ["officer"], None)
        print(served.url, served.token, f"siti, rini: {GOOD}", flush=True)
        while True:
            time.sleep(60)
