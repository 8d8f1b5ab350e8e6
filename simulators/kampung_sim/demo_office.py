"""What stands on the desk of the simulated village at its first start: its residents in the register, and some requests under way.

Everything goes in as staff would bring it in: a spreadsheet of residents through the import, requests through the API.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from kampung_sim.demo_residents import residents

FILE = "warga-contoh.csv"
PINS = 8
MONTHS = ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"]
Send = Callable[[str, str, bytes | None], Any]
"""Method, path with its leading slash, body: the JSON answer."""


def bring_residents(send: Send, village: str) -> str | None:
    """Begin the import and give its name; None where it was begun before. The regency takes the lines while the village starts."""
    query = urlencode({"village": village})
    if any(row["file"] == FILE for row in send("GET", f"/api/v1/residents/imports?{query}", None)):
        return None
    brought = send("POST", f"/api/v1/residents/imports?{query}&file={FILE}", sheet())
    at = f"/api/v1/residents/imports/{brought['id']}"
    send("POST", f"{at}/check", _json({"mapping": brought["mapping"]}))
    send("POST", f"{at}/take", _json({"without_wrong": True}))
    return str(brought["id"])


def taken(send: Send, name: str) -> bool:
    """Whether all of an import's residents are in."""
    return bool(send("GET", f"/api/v1/residents/imports/{name}", None)["state"] == "done")


def bring_requests(send: Send, village: str) -> int:
    """How many were made, each as far as ``tamansari/requests.json`` leads it."""
    made = json.loads(files("kampung_sim").joinpath("tamansari", "requests.json").read_text(encoding="utf-8"))
    heads = [row for row in residents() if row["kk_level"] == "1"]
    for number, each in enumerate(made):
        person = heads[number]
        found = send("POST", "/api/v1/residents/search", _json({"q": person["nik"], "purpose": "permohonan", "village": village}))[
            "residents"
        ]
        body = {"village": village, "service": each["service"], "answers": each["answers"], "person": _person(person)}
        asked = send("POST", "/api/v1/requests", _json(body | ({"person_id": str(found[0]["id"])} if found else {})))
        for act in each["acts"]:
            if act["act"] == "sign":
                send("POST", "/api/v1/requests/sign", _json({"requests": [asked["id"]]}))
            else:
                send("POST", f"/api/v1/requests/{asked['id']}/acts", _json(act))
    return len(made)


def give_pins(send: Send, village: str) -> list[str]:
    """A line each, for whoever tries the kiosk: name, NIK and first PIN of some residents. None is a real person."""
    lines = []
    for person in [row for row in residents() if row["kk_level"] == "1"][:PINS]:
        found = send("POST", "/api/v1/residents/search", _json({"q": person["nik"], "purpose": "pemilik", "village": village}))["residents"]
        if found:
            given = send("POST", f"/api/v1/residents/{found[0]['id']}/kiosk/pin", b"{}")
            lines.append(f"{person['nama']}: NIK {person['nik']}, PIN pertama {given['pin']}")
    return lines


def sheet() -> bytes:
    """The residents as a village's spreadsheet."""
    out = io.StringIO()
    rows = residents()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _person(row: dict[str, str]) -> dict[str, str]:
    """As the desk fills it in from the register."""
    day, month, year = map(int, row["tanggallahir"].split("-"))
    born = date(year, month, day)
    return {
        "nama": row["nama"],
        "nik": row["nik"],
        "kk": row["no_kk"],
        "lahir": f"{row['tempatlahir']}, {born.day} {MONTHS[born.month - 1]} {born.year}",
        "kelamin": {"L": "Laki-laki", "P": "Perempuan"}[row["sex"]],
        "alamat": f"{row['alamat']}, Dusun {row['dusun']} RT {row['rt']} RW {row['rw']}",
    }


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()
