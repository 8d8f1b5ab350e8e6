"""The regency's catalogue of open data, in the shape that ``tests/cloud/test_open_data.py`` holds true."""

from __future__ import annotations

from typing import Any

MEDIA = "https://www.iana.org/assignments/media-types/"


def catalogue(sensors: list[Any], village: str, first: str, last: str) -> dict[str, Any]:
    """Two years of each of ``sensors``, of one village."""
    licence = {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    publisher = {"@type": "foaf:Agent", "foaf:name": "Dinas Kominfo Kabupaten Banyuwangi (contoh)"}
    out: dict[str, Any] = {"@context": {}, "@type": "dcat:Catalog", "dcat:dataset": []}
    if sensors:
        out |= {"dct:publisher": publisher, "dct:license": licence}
    span = "start={0}-01-01T00:00:00&stop={1}-01-01T00:00:00"
    for _, quantity, unit, _, indonesian, english, *_ in sensors:
        name = f"{village}/{quantity}"
        files = [
            {
                "dct:title": f"{year}, {title}",
                "dcat:downloadURL": {"@id": f"https://data.example/api/v1/open-data/{name}.{ending}?{span.format(year, year + 1)}"},
                "dcat:mediaType": {"@id": MEDIA + media},
            }
            for year in (2026, 2025)
            for ending, title, media in (("csv", "CSV", "text/csv"), ("parquet", "Parquet", "application/vnd.apache.parquet"))
        ]  # fmt: skip
        told = f"{quantity}-3fa9c1d2: contoh, simulasi."
        out["dcat:dataset"].append(
            {
                "dct:identifier": name,
                "dct:title": [
                    {"@language": language, "@value": f"{word}, Desa Tamansari ({village})"}
                    for language, word in (("en", english), ("id", indonesian))
                ],
                "dct:description": [
                    {"@language": "en", "@value": f"Unit {unit}, times in WIB, a line a reading with its quality flag. {told}"},
                    {"@language": "id", "@value": f"Satuan {unit}, waktu WIB, satu baris satu pembacaan dengan tanda mutu. {told}"},
                ],
                "dct:temporal": {"dcat:startDate": {"@value": first}, "dcat:endDate": {"@value": last}},
                "dct:spatial": {"locn:geographicName": "Tamansari, Licin, Banyuwangi"},
                "dcat:contactPoint": {"vcard:hasEmail": {"@id": "mailto:data@example.go.id"}},
                "dcat:distribution": files,
            }
        )
    return out


def answer(path: list[str], sensors: list[Any], village: str, first: str, last: str) -> dict[str, Any]:
    """The catalogue, or figures of services; none where there are no sensors either."""
    if path == ["open-data"]:
        return catalogue(sensors, village, first, last)
    quarters = ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"] if sensors else []
    if path == ["satisfaction"]:
        trend = [{"quarter": name, "n": 40 + n, "index": 78.4 + 2.1 * n, "grade": "B"} for n, name in enumerate(quarters)]
        mine = {"village": village, "name": "Tamansari", "n": 126, "index": 81.35, "grade": "B"}
        return {"least": 5, "trend": trend, "villages": [mine] if sensors else []}
    told = [{"quarter": name, "n": 9 + n, "answered": 8 + n, "median_days": 6.5 - n} for n, name in enumerate(quarters)]
    villages = [{"village": village, "name": "Tamansari"} | each for each in reversed(told)]
    passed = [{"quarter": "2026-Q3", "n": 7, "answered": None, "median_days": None}] if sensors else []
    return {"least": 5, "villages": villages, "inspectorate": passed}
