"""The catalogue as DCAT in JSON-LD (W3C Data Catalog Vocabulary 3), terms written out, so that no foreign context is needed to read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from kampung_contract.times import WIB, text
from kampung_contract.villages import KABUPATEN, village

from kampung_cloud.config import OpenData
from kampung_cloud.opendata.public import Dataset
from kampung_cloud.opendata.tables import FIRST, TABLES, Table

MEDIA_TYPE = "application/ld+json"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "locn": "http://www.w3.org/ns/locn#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
CONTINUOUS, QUARTERLY = "http://purl.org/cld/freq/continuous", "http://purl.org/cld/freq/quarterly"
MEDIA = "https://www.iana.org/assignments/media-types/"
FORMATS = {"csv": ("CSV", "text/csv"), "parquet": ("Parquet", "application/vnd.apache.parquet")}
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
        "dct:language": ["id", "en"],
    }
    if config.publisher:
        out["dct:publisher"] = _publisher(config)
    if config.licence:
        out["dct:license"] = {"@id": config.licence}
    out["dcat:dataset"] = [_dataset(config, dataset, base) for dataset in found]
    if config.publisher and config.licence:
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
        "dct:publisher": _publisher(config),
        "dct:license": {"@id": config.licence},
        "dct:accrualPeriodicity": {"@id": QUARTERLY},
        "dct:spatial": {"@type": "dct:Location", "locn:geographicName": f"Kabupaten {KABUPATEN}"},
        "dcat:keyword": _words(dict(table.title)),
        "dcat:distribution": [
            _file(config, f"{base.rsplit('/', 1)[0]}/{table.path.format(year=year)}", year, "csv")
            for year in range(newest, min(FIRST, newest) - 1, -1)
        ],
    }


def _dataset(config: OpenData, dataset: Dataset, base: str) -> dict[str, Any]:
    place = village(dataset.village)
    address = f"{base}/{dataset.id}"
    out: dict[str, Any] = {
        "@id": f"{base}#{dataset.id}",
        "@type": "dcat:Dataset",
        "dct:identifier": dataset.id,
        "dct:title": _words(dataset.title),
        "dct:description": _words(_description(dataset)),
        "dct:publisher": _publisher(config),
        "dct:license": {"@id": config.licence},
        "dct:accrualPeriodicity": {"@id": CONTINUOUS},
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
        "dcat:keyword": _words(dict(dataset.words)),
        "dcat:distribution": [_distribution(config, address, year, ending) for year, ending in _files(dataset)],
    }
    if config.contact:
        out["dcat:contactPoint"] = {
            "@type": "vcard:Organization",
            "vcard:fn": config.publisher,
            "vcard:hasEmail": f"mailto:{config.contact}",
        }
    return out


def _description(dataset: Dataset) -> dict[str, str]:
    unit, sources = dataset.subjects[0].unit, "; ".join(f"{s.name}: {s.source}" for s in dataset.subjects)
    return {
        "id": f"Satuan {unit}, waktu WIB, satu baris satu pembacaan dengan tanda mutu. {sources}.",
        "en": f"Unit {unit}, times in WIB, a line a reading with its quality flag. {sources}.",
    }


def _files(dataset: Dataset) -> Iterator[tuple[int, str]]:
    """Year and ending: a file a year and format, the newest first."""
    for year in range(_year(dataset.last), _year(dataset.first) - 1, -1):
        for ending in FORMATS:
            yield year, ending


def _distribution(config: OpenData, address: str, year: int, ending: str) -> dict[str, Any]:
    return _file(config, f"{address}.{ending}?start={year}-01-01T00:00:00&stop={year + 1}-01-01T00:00:00", year, ending)


def _file(config: OpenData, url: str, year: int, ending: str) -> dict[str, Any]:
    name, media = FORMATS[ending]
    return {
        "@id": url,
        "@type": "dcat:Distribution",
        "dct:title": f"{year}, {name}",
        "dct:license": {"@id": config.licence},
        "dcat:accessURL": {"@id": url},
        "dcat:downloadURL": {"@id": url},
        "dcat:mediaType": {"@id": MEDIA + media},
    }


def _publisher(config: OpenData) -> dict[str, Any]:
    return {"@type": "foaf:Agent", "foaf:name": config.publisher}


def _words(by_language: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": value} for language, value in sorted(by_language.items())]


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}


def _year(t: int) -> int:
    return datetime.fromtimestamp(t / 1000, WIB).year
