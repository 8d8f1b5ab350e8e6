"""Units that laboratories write, into the table's; and which values cannot be, or are to be asked about."""

from __future__ import annotations

import re

from kampung_contract.errors import InvalidRequest

from kampung_cloud.modules.waterquality.parameters import Parameter
from kampung_cloud.modules.waterquality.sites import site_of

MASS = {"mg/l": 1.0, "ppm": 1.0, "g/m3": 1.0, "ug/l": 1e-3, "ppb": 1e-3, "mg/m3": 1e-3, "g/l": 1e3}
IONS = {"nitrate": "no3", "nitrite": "no2", "ammonia": "nh3", "phosphorus": "po4"}
COUNTS = {
    "/100ml", "mpn/100ml", "cfu/100ml", "jml/100ml", "jumlah/100ml", "koloni/100ml", "apm/100ml", "sel/100ml",
}  # fmt: skip
COLOUR = {"pt-co", "ptco", "tcu", "pt-counit", "ptcounit", "hazen"}
NONE = {"", "-", "ph", "unit", "unitph"}
CELSIUS = {"cel", "c", "°c", "degc", "oc"}


def in_table_units(parameter: Parameter, value: float, unit: str) -> float:
    """``value`` in the table's unit. Raises ``InvalidRequest`` for a unit that the parameter is not measured in."""
    said = re.sub(r"\s+", "", unit.lower()).replace("µ", "u").replace("μ", "u").replace("³", "3").replace("liter", "l")
    match parameter.unit:
        case "mg/L":
            factor = _mass(parameter, said)
        case "/100mL":
            factor = 1.0 if said in COUNTS else 100.0 if said.removesuffix("/ml") in ("mpn", "cfu", "jml", "") and said != "" else None
        case "Pt-Co":
            factor = 1.0 if said in COLOUR else None
        case "Cel":
            factor = 1.0 if said in CELSIUS else None
        case _:
            factor = 1.0 if said in NONE else None
    if factor is None:
        hint = ""
        if parameter.key == "do" and "%" in said:
            hint = "; % is of saturation and depends on the temperature: give mg/L"
        raise InvalidRequest(f"{parameter.title} in {unit.strip() or 'no unit'!r}: expected {parameter.unit}{hint}")
    return value * factor


def _mass(parameter: Parameter, said: str) -> float | None:
    if said in MASS:
        return MASS[said]
    ion = IONS.get(parameter.key)
    if ion is not None and parameter.ion is not None and ion in said:
        plain = said.replace(ion, "").replace("as", "").replace("()", "")
        return parameter.ion * MASS[plain] if plain in MASS else None
    return MASS.get(re.sub(r"(-?n|-?p|o2)(?=/)|(as|sbg)?(n|p|o2)$", "", said))


def check_possible(parameter: Parameter, value: float) -> None:
    """Raise ``InvalidRequest`` for a value that no river water has, with the unit that it was probably meant in."""
    if parameter.least <= value <= parameter.most:
        return
    hint = ""
    if parameter.key == "ph" and parameter.most < value <= 140:
        hint = f"; was {value / 10:g} meant?".replace(".", ",")
    elif parameter.key == "do" and value <= 200:
        hint = "; was it % of saturation? give mg/L"
    elif parameter.unit == "mg/L":
        hint = f"; was it µg/L? then write the unit µg/L ({value / 1000:g} mg/L)"
    raise InvalidRequest(f"{parameter.title} = {value:g} {parameter.unit} cannot be: from {parameter.least:g} to {parameter.most:g}{hint}")


def doubt(parameter: Parameter, value: float, place: str) -> str | None:
    """A sentence (Indonesian) for a value that is to be looked at again; None for a usual one. A site's own nature is no doubt."""
    low, high = parameter.usual
    site = site_of(place)
    if parameter.key == "ph" and site is not None:
        low, high = min(low, site.ph[0]), max(high, site.ph[1])
    if low <= value <= high:
        return None
    hint = " Apakah laboratorium menulis µg/L?" if parameter.unit == "mg/L" and value > high else ""
    return f"{parameter.title} {_figure(value)} {parameter.unit} jarang ada di sungai ({_figure(low)}–{_figure(high)}).{hint}"


def _figure(value: float) -> str:
    return f"{value:g}".replace(".", ",")
