"""VictoriaMetrics, one node or a cluster: JSON lines in, export and MetricsQL out.

What it has taken is in answers after up to ten seconds, on disk after up to twelve, and gone before that when it is killed: its README says
"the last few seconds of inserted data may be lost on unclean shutdown", docs/engines.md has what we measured. What it gets twice it keeps
twice, unless ``-dedup.minScrapeInterval`` is 1ms.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import structlog
from kampung_contract.errors import ConfigurationError, StorageUnavailable

from kampung_cloud.engine_address import Address
from kampung_cloud.telemetry.bucketing import PARTS, appended, bucketed, combined
from kampung_cloud.telemetry.engine import LEAST_DAYS, Buckets, Points
from kampung_cloud.telemetry.order import bucket_start
from kampung_cloud.telemetry.server import Server, access
from kampung_cloud.telemetry.store import Ints, Rows, SeriesKey, no_rows, together
from kampung_cloud.telemetry.vm_figures import Figures

log = structlog.get_logger()

SERIES = ("node", "device", "quantity")
VALUE, RECEIVED = "kampung_reading", "kampung_received"
POINTS = 100_000
"""A request of about 6 MB."""
MATCHES = 200
STEPS = 10_000
"""Steps of one question; the engine's own limit is 30,000 (``-search.maxPointsPerTimeseries``)."""
DAY_MS = 86_400_000
ADJUSTED_MS = 60_000
"""Steps shorter than this are touched up near the present (``-search.maxStepForPointsAdjustment``)."""
_INSERT, _SELECT = (re.compile(rf"(/{kind}/\d+(?::\d+)?)(/prometheus)?") for kind in ("insert", "select"))


class _Line(msgspec.Struct):
    metric: dict[str, str]
    values: list[float | None]
    timestamps: list[int]


class _Matrix(msgspec.Struct):
    metric: dict[str, str]
    values: list[tuple[float, str]] = []
    value: tuple[float, str] | None = None


class _Data(msgspec.Struct, frozen=True):
    result: list[_Matrix] = []


class _Answer(msgspec.Struct):
    status: str
    data: _Data = _Data()
    isPartial: bool = False  # noqa: N815 - theirs


class VictoriaEngine:
    """``Engine`` over a single node, or over a tenant of a cluster."""

    tolerance = 1e-11
    """Values are kept as decimals of 12 to 15 digits."""
    visible_s = 15.0

    def __init__(self, address: Address) -> None:
        self.name = f"VictoriaMetrics at {address.base}"
        self.settle_s = address.settle(30.0)
        if self.settle_s < self.visible_s:
            raise ConfigurationError(
                f"telemetry.url: settle={self.settle_s:.0f}s: VictoriaMetrics needs {self.visible_s:.0f}s at the least"
            )
        self._cluster = _INSERT.fullmatch(address.path) is not None
        insert, select = _tenant(address, _INSERT), address.select and _tenant(address.select, _SELECT)
        told = f"telemetry.url: victoriametrics:{address.base}"
        if self._cluster and (select is None or _SELECT.fullmatch(select.path) is None):
            raise ConfigurationError(
                f"{told} is a cluster's vminsert; say where its vmselect is, as in "
                f"victoriametrics:{insert.base}?select=http://VMSELECT:8481/select/0"
            )
        if _SELECT.fullmatch(address.path) is not None:
            raise ConfigurationError(
                f"{told} is a cluster's vmselect, which takes nothing; begin with its vminsert, as in "
                f"victoriametrics:http://VMINSERT:8480/insert/0?select={address.base}"
            )
        self._insert = Server(insert.base, self.name, access(insert, "Bearer"))
        self._select = self._insert
        if select is not None:
            self._select = Server(select.base, f"VictoriaMetrics at {select.base}", access(select, "Bearer"))
        root = address.base if select is None else select.host
        self._figures = Figures(Server(root, self._select.name, access(select or insert, "Bearer")))
        self._adjusted_ms = 30_000
        self._import = "/prometheus/api/v1/import" if self._cluster else "/api/v1/import"
        self._api = "/prometheus/api/v1/" if self._cluster else "/api/v1/"

    def check(self) -> None:
        """Look at the flags that decide whether readings are kept, each once."""
        try:
            figures = self._figures.ask()
        except ConfigurationError:
            if not self._cluster:
                raise
            figures = None
        self._figures.server.on_time()
        if figures is None and not self._cluster:
            raise ConfigurationError(
                f"{self.name}: whoever answers there is no VictoriaMetrics (GET /metrics names no version); correct telemetry.url, or use "
                "influxdb:http://HOST:8086/DATABASE for InfluxDB"
            )
        if figures is None:
            log.warning("deduplication cannot be checked: vmselect's /metrics is not to be read", engine=self._select.name)
        else:
            self._deduplicates(figures.flag("dedup.minScrapeInterval", "0s"))
            self._adjusted_ms = int(figures.seconds("search.latencyOffset", 30) * 1000)
            if not self._cluster:
                self._keeps(figures.days("retentionPeriod", 31.0))
        self._export([f'{{__name__="{VALUE}",node=""}}'], 0, 1)
        self._select.on_time()
        log.info("telemetry engine", engine=self.name, version=figures.version if figures else None, cluster=self._cluster)

    def _deduplicates(self, interval: str) -> None:
        if interval != "1ms":
            why = "a reading that had to be written again would count twice" if interval == "0s" else "readings would be thrown away"
            where = "vmselect and every vmstorage" if self._cluster else "victoria-metrics"
            raise ConfigurationError(
                f"{self._select.name} runs with -dedup.minScrapeInterval={interval}: {why}; start {where} with -dedup.minScrapeInterval=1ms"
            )

    def _keeps(self, days: float) -> None:
        if days < LEAST_DAYS:
            raise ConfigurationError(
                f"{self.name} keeps readings for {days:.0f} days only (-retentionPeriod): an edge's backlog could expire on arrival; "
                f"start it with -retentionPeriod=10y, or {LEAST_DAYS}d at the least"
            )

    def on_time(self) -> None:
        """By the last answer to a question."""
        self._select.on_time()

    def process(self) -> str | None:
        """When the process began; None for a cluster, and for one so young that a second restart would look the same."""
        figures = None if self._cluster else self._figures.ask()
        return None if figures is None or figures.uptime < 2 else figures.started

    def write(self, keys: Sequence[SeriesKey], points: Points) -> None:
        """Store points, two series of samples for each series: the value, and when it was received."""
        for start in range(0, len(points), POINTS):
            body = b"\n".join(_import_lines(keys, points.take(np.arange(start, min(start + POINTS, len(points))))))
            self._insert.write(self._import, body)

    def read(self, keys: Sequence[SeriesKey], start: int, stop: int, limit: int | None = None) -> Rows:
        """Rows of keys; with ``limit`` in growing steps of time."""
        if limit is None or stop - start <= DAY_MS:
            return self._read(keys, start, stop)
        parts, step, have = [no_rows()], DAY_MS, 0
        while start < stop and have < limit:
            part = self._read(keys, start, min(start + step, stop))
            parts.append(part)
            have, start, step = have + len(part.t), start + step, step * 2
        return together(parts)

    def _read(self, keys: Sequence[SeriesKey], start: int, stop: int) -> Rows:
        places = {(k.node, k.device, k.quantity): place for place, k in enumerate(keys)}
        parts = [no_rows()]
        for first in range(0, len(keys), MATCHES):
            values: dict[tuple[int, int, str], _Line] = {}
            received: dict[tuple[int, int, str], _Line] = {}
            for line in self._export([_selector(f"{VALUE}|{RECEIVED}", k) for k in keys[first : first + MATCHES]], start, stop):
                labels = line.metric
                place = places.get((labels.get("node", ""), labels.get("device", ""), labels.get("quantity", "")))
                if place is not None:
                    kind = (place, int(labels.get("q", "1")), labels.get("n", ""))
                    (values if labels["__name__"] == VALUE else received)[kind] = line
            parts += [_paired(kind[0], kind[1], line, received[kind]) for kind, line in values.items() if kind in received]
        return together(parts)

    def _export(self, selectors: Sequence[str], start: int, stop: int) -> Iterator[_Line]:
        form = [("match[]", s) for s in selectors] + [("start", _seconds(start)), ("end", _seconds(stop - 1))]
        answer = self._select.ask("POST", f"{self._api}export", form=form)
        decode = msgspec.json.Decoder(_Line).decode
        try:
            return iter([decode(line) for line in answer.body.splitlines()])
        except (msgspec.DecodeError, RecursionError) as error:
            raise StorageUnavailable(f"{self._select.name}: an answer broke off: {error}") from None

    def buckets(self, key: SeriesKey, start: int, stop: int, every: int, limit: int) -> Buckets:
        """Whole buckets by the engine; those cut by ``start`` and ``stop``, and short ones near the present, out of rows."""
        first = bucket_start(start + every - 1, every)
        last = bucket_start(stop, every)
        if every < ADJUSTED_MS:
            theirs = time.time() + min(0.0, self._select.ahead_s)  # by its own clock it judges what is near the present
            last = min(last, bucket_start(int(theirs * 1000) - self._adjusted_ms, every))
        many = last - first > STEPS * every  # of readings that are few and far between, the rows are sooner had than the steps
        if first >= last or (many and self.count(key, start, stop) <= POINTS):
            return bucketed(self.read([key], start, stop), every).take(slice(limit))
        parts = [bucketed(self.read([key], start, first), every)] if start < first else []
        have = sum(len(p.t) for p in parts)
        while first < last and have < limit:
            upto = min(first + STEPS * every, last)
            parts.append(self._steps(key, first, upto, every))
            have, first = have + len(parts[-1].t), upto
        if have < limit and last < stop:
            parts.append(bucketed(self.read([key], last, stop), every))
        return appended(parts).take(slice(limit))

    def _steps(self, key: SeriesKey, start: int, stop: int, every: int) -> Buckets:
        wanted = ",".join(f'"{name}_over_time"' for name in PARTS)
        question = f"aggr_over_time(({wanted}), {_selector(VALUE, key, good=True)}[{every}ms])"
        # A step looks back from its time, that time included and the one a window earlier not.
        form = [("query", question), ("start", _seconds(start + every - 1)), ("end", _seconds(stop - 1)), ("step", f"{every}ms")]
        found: dict[tuple[str, str], dict[str, tuple[Ints, Any]]] = {}
        for matrix in self._ask("query_range", form):
            steps = np.asarray([round(t * 1000) for t, _ in matrix.values], np.int64) - every + 1
            kind = (matrix.metric.get("q", ""), matrix.metric.get("n", ""))
            name = matrix.metric["rollup"].removesuffix("_over_time")
            told = np.asarray([v for _, v in matrix.values], np.float64)
            found.setdefault(kind, {})[name] = (steps, np.rint(told * 1000) if name == "tlast" else told)  # it tells times in seconds
        return combined([Buckets(kind["count"][0], {name: v for name, (_, v) in kind.items()}) for kind in found.values()])

    def _ask(self, what: str, form: list[tuple[str, str]]) -> list[_Matrix]:
        answer = self._select.ask("POST", self._api + what, form=[*form, ("nocache", "1")])
        told = self._select.decoded(answer.body, _Answer)
        if told.status != "success":
            raise StorageUnavailable(f"{self._select.name} answers with status {told.status!r}; is that VictoriaMetrics, or a proxy?")
        if told.isPartial:
            raise StorageUnavailable(f"{self._select.name}: some of the cluster's storage does not answer")
        return told.data.result

    def count(self, key: SeriesKey, start: int, stop: int) -> int:
        """How many rows there are."""
        found = self._ask("query", _at(stop - 1, f"sum(count_over_time({_selector(VALUE, key)}[{stop - start}ms]))"))
        return int(float(found[0].value[1])) if found and found[0].value else 0

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """How many rows there are, by series."""
        found = self._ask("query", _at(stop - 1, f"sum(count_over_time({VALUE}[{stop - start}ms])) by ({','.join(SERIES)})"))
        return {".".join(m.metric[name] for name in SERIES): int(float(m.value[1])) for m in found if m.value}

    def close(self) -> None:
        """Give up connections."""
        for server in (self._insert, self._select, self._figures.server):
            server.close()


def _tenant(address: Address, kind: re.Pattern[str]) -> Address:
    """Grafana's URL of a cluster ends in /prometheus, which we put there ourselves."""
    found = kind.fullmatch(address.path)
    return replace(address, base=address.host + found[1], path=found[1]) if found else address


def _selector(metrics: str, key: SeriesKey, *, good: bool = False) -> str:
    which = f'__name__=~"{metrics}"' if "|" in metrics else f'__name__="{metrics}"'
    names = ",".join(
        f"{label}={json.dumps(value)}" for label, value in (("node", key.node), ("device", key.device), ("quantity", key.quantity))
    )
    return "{" + which + "," + names + (',q!~"4|9"' if good else "") + "}"


def _seconds(t: int) -> str:
    """A time as the API takes it. It cuts off what is below a millisecond, so a little more keeps the millisecond."""
    return f"{t // 1000}.{t % 1000:03d}4"


def _at(t: int, question: str) -> list[tuple[str, str]]:
    return [("query", question), ("time", _seconds(t))]


def _import_lines(keys: Sequence[SeriesKey], points: Points) -> Iterator[bytes]:
    rows = points.rows
    order = np.lexsort((rows.t, points.n, rows.q, rows.series))
    series, q, n = rows.series[order], rows.q[order], points.n[order]
    change = (series[1:] != series[:-1]) | (q[1:] != q[:-1]) | (n[1:] != n[:-1])
    ends = [*(np.flatnonzero(change) + 1).tolist(), len(order)]
    t, v, received = rows.t[order].tolist(), rows.v[order].tolist(), rows.received[order].tolist()
    start = 0
    for end in ends:
        key = keys[int(series[start])]
        labels = {"village": key.village, "node": key.node, "device": key.device, "quantity": key.quantity, "unit": key.unit}
        labels["q"] = str(int(q[start]))
        if n[start]:
            labels["n"] = str(int(n[start]))
        for name, values in ((VALUE, v), (RECEIVED, received)):
            yield msgspec.json.encode({"metric": {"__name__": name, **labels}, "values": values[start:end], "timestamps": t[start:end]})
        start = end


def _paired(place: int, q: int, values: _Line, received: _Line) -> Rows:
    """A series' values and receive times by time; what lacks one of them is not whole yet."""
    t, r = np.asarray(values.timestamps, np.int64), np.asarray(received.timestamps, np.int64)
    v, times = np.asarray(values.values, np.float64), np.asarray(received.values, np.float64).astype(np.int64)
    if len(t) != len(r) or not np.array_equal(t, r):
        t, here, there = np.intersect1d(t, r, return_indices=True)
        v, times = v[here], times[there]
    return Rows(np.full(len(t), place, np.int32), t, times, v, np.full(len(t), q, np.uint8))
