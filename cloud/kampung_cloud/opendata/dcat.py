"""The catalogue as DCAT in JSON-LD (W3C Data Catalog Vocabulary 3), terms written out, so that no foreign context is needed to read it.

It keeps the rules of DCAT-AP 2.1.1 and 3.0: things that are named are IRIs with their class, and words of a closed list are those of the
European authority tables, which portals such as CKAN know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kampung_contract.times import text
from kampung_contract.villages import KABUPATEN, village

from kampung_cloud.config import OpenData
from kampung_cloud.opendata.public import Dataset
from kampung_cloud.opendata.tables import FIRST, TABLES, Table
from kampung_cloud.words.figures import UNITS

MEDIA_TYPE = "application/ld+json"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "locn": "http://www.w3.org/ns/locn#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
AUTHORITY = "http://publications.europa.eu/resource/authority/"
MEDIA = "https://www.iana.org/assignments/media-types/"
FORMATS = {"csv": ("CSV", "text/csv", "CSV"), "parquet": ("Parquet", "application/vnd.apache.parquet", "PARQUET")}
"""By ending: what people call it, its media type, its name in the authority's list of file types."""
THEMES = {
    "ENVI": {"id": "Lingkungan", "en": "Environment"},
    "ENER": {"id": "Energi", "en": "Energy"},
    "GOVE": {"id": "Pemerintahan dan sektor publik", "en": "Government and public sector"},
}
ENERGY = frozenset({"power", "energy", "current", "power_factor", "frequency"})
TOLD = {
    "csv": {
        "id": "Satu baris satu pembacaan; baris yang diawali # menerangkan isinya.",
        "en": "A line a reading; lines that begin with # say what it is.",
    },
    "parquet": {
        "id": "Satu baris satu pembacaan, dengan tipe data; keterangannya di metadata berkas (kunci kampung).",
        "en": "A row a reading, with types; what it is stands in the file's metadata (key kampung).",
    },
}
OF_TABLE = {"id": "Tabel dengan pemisah titik koma.", "en": "A table, separated by semicolons."}
NO_TAG = re.compile(r"[^\w .-]+")
"""What CKAN refuses in a keyword."""
ABOUT = {
    "id": f"Pembacaan sensor desa-desa Kabupaten {KABUPATEN} yang dibuka untuk umum.",
    "en": f"Readings of sensors in villages of Kabupaten {KABUPATEN} that are open to everyone.",
}


def catalogue(config: OpenData, found: Iterable[Dataset], base: str, year: int) -> dict[str, Any]:
    """``base`` is the address of the catalogue, as readers reach it; ``year`` the newest of which there are tables."""
    out: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": base,
        "@type": "dcat:Catalog",
        "dct:title": _words({"id": f"Data terbuka Smart Kampung {KABUPATEN}", "en": f"Open data of Smart Kampung {KABUPATEN}"}),
        "dct:description": _words(ABOUT),
        "dct:language": [_named("language/IND", "dct:LinguisticSystem"), _named("language/ENG", "dct:LinguisticSystem")],
        "foaf:homepage": _page(base),
        "dct:spatial": {"@type": "dct:Location", "locn:geographicName": f"Kabupaten {KABUPATEN}"},
    }
    if config.publisher:
        out["dct:publisher"] = _publisher(config, base)
    if config.licence:
        out["dct:license"] = _licence(config)
    found = list(found)
    if found:
        out["dct:modified"] = _typed("dateTime", text(max(dataset.last for dataset in found)))
    out["dcat:dataset"] = [_dataset(config, dataset, base) for dataset in found]
    if config.published:
        out["dcat:dataset"] += [_table(config, table, base, year) for table in TABLES]
    return out


def _table(config: OpenData, table: Table, base: str, newest: int) -> dict[str, Any]:
    """Of the whole regency, a file a year, the newest first."""
    return {
        "@id": f"{base}#{table.id}",
        "@type": "dcat:Dataset",
        "dct:identifier": table.id,
        "dct:title": _words(dict(table.title)),
        "dct:description": _words(dict(table.description)),
        **_about(config, base),
        "dct:accrualPeriodicity": _named("frequency/QUARTERLY", "dct:Frequency"),
        "dct:spatial": {"@type": "dct:Location", "locn:geographicName": f"Kabupaten {KABUPATEN}"},
        "dcat:keyword": _keywords(dict(table.title)),
        "dcat:theme": _theme("GOVE"),
        "dcat:distribution": [
            _file(config, f"{base.rsplit('/', 1)[0]}/{table.path.format(year=year)}", str(year), "csv", OF_TABLE)
            for year in range(newest, min(FIRST, newest) - 1, -1)
        ],
    }


def _dataset(config: OpenData, dataset: Dataset, base: str) -> dict[str, Any]:
    place = village(dataset.village)
    address = f"{base}/{dataset.id}"
    return {
        "@id": f"{base}#{dataset.id}",
        "@type": "dcat:Dataset",
        "dct:identifier": dataset.id,
        "dct:title": _words(dataset.title),
        "dct:description": _words(_description(dataset)),
        **_about(config, base),
        "dct:accrualPeriodicity": _named("frequency/CONT", "dct:Frequency"),
        "dct:modified": _typed("dateTime", text(dataset.last)),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _typed("dateTime", text(dataset.first)),
            "dcat:endDate": _typed("dateTime", text(dataset.last)),
        },
        "dct:spatial": {
            "@type": "dct:Location",
            "dct:identifier": place.code,
            "locn:geographicName": f"{place.name}, {place.kecamatan}, {KABUPATEN}",
            "dcat:centroid": {"@type": "geo:wktLiteral", "@value": f"POINT({place.longitude} {place.latitude})"},
        },
        "dcat:keyword": _keywords(dict(dataset.words)),
        "dcat:theme": _theme("ENER" if dataset.quantity in ENERGY else "ENVI"),
        "dcat:distribution": [
            _file(
                config, f"{address}.{ending}?start={part.start.isoformat()}&stop={part.stop.isoformat()}", part.name, ending, TOLD[ending]
            )
            for part in dataset.files
            for ending in FORMATS
        ],
    }


def _about(config: OpenData, base: str) -> dict[str, Any]:
    """What is the same of every dataset."""
    out: dict[str, Any] = {
        "dct:publisher": _publisher(config, base),
        "dct:license": _licence(config),
        "dct:accessRights": _named("access-right/PUBLIC", "dct:RightsStatement"),
        "dct:language": _named("language/IND", "dct:LinguisticSystem"),
        "dcat:landingPage": _page(base),
    }
    if config.contact:
        out["dcat:contactPoint"] = {
            "@type": ["vcard:Organization", "vcard:Kind"],
            "vcard:fn": config.publisher,
            "vcard:hasEmail": {"@id": f"mailto:{config.contact}"},
        }
    return out


def _description(dataset: Dataset) -> dict[str, str]:
    unit, sources = dataset.subjects[0].unit, "; ".join(f"{s.name}: {s.source}" for s in dataset.subjects)
    shown = UNITS.get(unit) or unit
    written = {"id": f"{shown} (ditulis {unit})", "en": f"{shown} (written {unit})"} if shown != unit else {"id": unit, "en": unit}
    return {
        "id": f"Satuan {written['id']}, waktu WIB, satu baris satu pembacaan dengan tanda mutu. {sources}.",
        "en": f"Unit {written['en']}, times in WIB, a line a reading with its quality flag. {sources}.",
    }


def _file(config: OpenData, url: str, part: str, ending: str, told: dict[str, str]) -> dict[str, Any]:
    name, media, kind = FORMATS[ending]
    return {
        "@id": url,
        "@type": "dcat:Distribution",
        "dct:title": f"{part}, {name}",
        "dct:description": _words(told),
        "dct:license": _licence(config),
        "dct:format": _named(f"file-type/{kind}", "dct:MediaTypeOrExtent"),
        "dcat:accessURL": {"@id": url},
        "dcat:downloadURL": {"@id": url},
        "dcat:mediaType": {"@id": MEDIA + media, "@type": "dct:MediaType"},
    }


def _publisher(config: OpenData, base: str) -> dict[str, Any]:
    return {"@id": f"{base}#publisher", "@type": "foaf:Agent", "foaf:name": config.publisher}


def _licence(config: OpenData) -> dict[str, str]:
    return {"@id": config.licence, "@type": "dct:LicenseDocument"}


def _page(base: str) -> dict[str, str]:
    """The page for people, on the same host."""
    return {"@id": f"{base.removesuffix('/api/v1/open-data')}/data-terbuka", "@type": "foaf:Document"}


def _theme(name: str) -> dict[str, Any]:
    return {"@id": f"{AUTHORITY}data-theme/{name}", "@type": "skos:Concept", "skos:prefLabel": _words(THEMES[name])}


def _named(what: str, kind: str) -> dict[str, str]:
    return {"@id": AUTHORITY + what, "@type": kind}


def _keywords(by_language: dict[str, str]) -> list[dict[str, str]]:
    return _words({language: " ".join(NO_TAG.sub(" ", word).split()) for language, word in by_language.items()})


def _words(by_language: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": value} for language, value in sorted(by_language.items())]


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}
