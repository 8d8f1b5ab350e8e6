"""What goes into a report: every section's part, and which ones have nothing to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kampung_contract.errors import InvalidRequest

from kampung_cloud.regency.month import Month
from kampung_cloud.regency.report.chart_svg import COLOURS, DASHES, svg
from kampung_cloud.regency.report.figures import figure, moment
from kampung_cloud.regency.section import Cell, Chart, Column, Part, Scope, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kampung_cloud.api.services import Services


SILENCE = "Tidak ada data bukan berarti tidak ada kejadian."


@dataclass(frozen=True, slots=True)
class Report:
    """``parts`` by section, in order; ``silent`` are titles of sections without data. ``made`` in ms UTC."""

    scope: Scope
    month: Month
    made: int
    parts: tuple[tuple[Section, Part], ...]
    silent: tuple[str, ...]

    @property
    def file(self) -> str:
        """``laporan-35.10.24.2008-2026-11.pdf``."""
        return f"laporan-{self.scope.code}-{self.month.key}.pdf"


def compose(services: Services, sections: Iterable[Section], scope: Scope, month: Month, now: int) -> Report:
    """Raises ``InvalidRequest`` for a month that has not begun, ``StorageUnavailable``."""
    if month.start > now:
        raise InvalidRequest(f"month {month.key} has not begun; the newest one is {Month.of(now).key}")
    parts, silent = [], []
    for section in sections:
        made = section.make(services, scope, month, now)
        if made is None:
            silent.append(section.title)
        else:
            parts.append((section, made))
    return Report(scope, month, now, tuple(parts), tuple(silent))


def shown(report: Report) -> dict[str, Any]:
    """What the template sets: texts alone, charts as SVG."""
    scope, month = report.scope, report.month
    where = scope.title if scope.level != "village" else f"{scope.title}, Kecamatan {scope.villages[0].kecamatan}"
    under_way = report.made < month.stop
    return {
        "place": where,
        "month": month.title,
        "period": f"1 sampai {len(month.days)} {month.title}",
        "made": moment(report.made),
        "villages": "" if scope.level == "village" else f"{len(scope.villages)} desa dan kelurahan",
        "under_way": f"Bulan ini belum selesai: yang termuat adalah data sampai {moment(report.made)}." if under_way else "",
        "silent": list(report.silent),
        "empty": "" if report.parts else f"Tidak ada data dari {where} pada {month.title}. {SILENCE}",
        "sections": [{"title": section.title, **_part(part)} for section, part in report.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "n": part.n,
        "paragraphs": list(part.paragraphs),
        "sources": list(part.sources),
        "charts": [_chart(each) for each in part.charts],
        "tables": [_table(each) for each in part.tables],
    }


def _chart(chart: Chart) -> dict[str, Any]:
    keys = [{"name": line.name, "colour": COLOURS[n], "dashed": bool(DASHES[n])} for n, line in enumerate(chart.lines[: len(COLOURS)])]
    title = f"{chart.title} ({chart.unit})" if chart.unit else chart.title
    return {"title": title, "svg": svg(chart), "keys": keys if len(keys) > 1 else []}


def _table(table: Table) -> dict[str, Any]:
    columns = [{"title": c.title, "unit": c.unit, "number": c.decimals is not None} for c in table.columns]
    return {
        "title": table.title,
        "columns": columns,
        "rows": [[_cell(v, c) for v, c in zip(r, table.columns, strict=True)] for r in table.rows],
    }


def _cell(value: Cell, column: Column) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return figure(value, column.decimals or 0)
