"""InfluxDB 1.x, 2.x and 3: line protocol in, InfluxQL out. Every version has a reading on disk before it says so."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from urllib.parse import unquote

import msgspec
import numpy as np
import structlog
from kampung_contract.errors import ConfigurationError

from kampung_cloud.engine_address import Address
from kampung_cloud.telemetry.engine import LEAST_DAYS, Buckets, Points
from kampung_cloud.telemetry.influx_write import ClientWriter, PlainWriter, Writer
from kampung_cloud.telemetry.influxql import Absent, InfluxQL, Series, name, text
from kampung_cloud.telemetry.lines import MEASUREMENT, lines
from kampung_cloud.telemetry.order import WIB_OFFSET
from kampung_cloud.telemetry.server import Server, access
from kampung_cloud.telemetry.store import Floats, Ints, Rows, SeriesKey, no_rows, together

log = structlog.get_logger()

LINES = 20_000
"""A request: about 3 MB, of the 25 MB that 1.x takes."""
SERIES = ("node", "device", "quantity")
GOOD = "q != '4' AND q != '9'"
AGGREGATES = "mean(v) AS mean, min(v) AS min, max(v) AS max, count(v) AS count, last(v) AS last"
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_DURATION = re.compile(r"(\d+)(w|d|h|m|s)")
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


class _Rule(msgspec.Struct):
    everySeconds: int = 0  # noqa: N815 - theirs


class _Bucket(msgspec.Struct):
    id: str
    retentionRules: list[_Rule] = []  # noqa: N815 - theirs


class _BucketList(msgspec.Struct):
    buckets: list[_Bucket] = []


class _Mapping(msgspec.Struct):
    bucketID: str  # noqa: N815 - theirs
    id: str = ""
    default: bool = False


class _MappingList(msgspec.Struct):
    content: list[_Mapping] = []


class InfluxEngine:
    """``Engine`` over one database (1.x, 3) or bucket (2.x)."""

    tolerance = 0.0
    visible_s = 0.0

    def __init__(self, address: Address) -> None:
        self._address = address
        last = address.path.rpartition("/")[2]
        self._database = unquote(last) or "kampung"
        base = address.base.removesuffix(f"/{last}")
        self.name = f"InfluxDB at {base}/{self._database}"
        self.settle_s = address.settle(0.0)
        self._server = Server(base, self.name, access(address, "Token"))
        self._ql = InfluxQL(self._server, self._database)
        self._writer: Writer | None = None

    def check(self) -> None:
        """Find out the version, and that the database is there and keeps readings long enough."""
        version = self._version()
        self._server.on_time()
        if version < (1, 8):
            self._own_database()
            writer: Writer = PlainWriter(self._server, self._database)
        else:
            address = self._address
            token = f"{address.user}:{address.secret}" if address.user else address.secret
            bucket = self._database
            if version < (2, 0):
                self._own_database()
                bucket = f"{self._database}/"  # the database's own retention policy
            elif version < (3, 0):
                self._own_bucket()
            else:
                self._ql.in_address = True
                with contextlib.suppress(Absent):  # the first write makes it
                    self._ql.ask("SHOW MEASUREMENTS")
            writer = ClientWriter(self._server, token, address.options.get("org", ""), bucket)
        if self._writer is not None:
            self._writer.close()
        self._writer = writer
        log.info("telemetry engine", engine=self.name, version=".".join(map(str, version)), writes=type(writer).__name__)

    def _version(self) -> tuple[int, int]:
        answer = self._server.ask("GET", "/ping", allow=(404, 405))
        found = _VERSION.match(answer.headers.get("x-influxdb-version", ""))
        if found is None:
            raise ConfigurationError(
                f"{self.name}: whoever answers there is no InfluxDB (GET /ping names no version); "
                "correct telemetry.url, or use victoriametrics:http://… for VictoriaMetrics"
            )
        if answer.status >= 400:
            raise ConfigurationError(
                f"{self.name}: InfluxDB is there, but not below {self._server.base} (GET /ping: {answer.status}); correct the path before "
                "the database in telemetry.url"
            )
        return int(found[1]), int(found[2])

    def _own_database(self) -> None:
        policies = f"SHOW RETENTION POLICIES ON {name(self._database)}"
        try:
            found = self._ql.ask(policies)
        except Absent:
            self._ql.ask(f"CREATE DATABASE {name(self._database)}")
            log.info("database made", engine=self.name)
            found = self._ql.ask(policies)
        for table in found:
            for duration, default in zip(table.column("duration"), table.column("default"), strict=True):
                seconds = sum(int(number) * _SECONDS[unit] for number, unit in _DURATION.findall(duration))
                if default and seconds:
                    self._long_enough(seconds)

    def _own_bucket(self) -> None:
        """The bucket of 2.x must be there; what maps InfluxQL's database name to it is made where it is missing."""
        organisation = self._address.options.get("org", "")
        if not organisation:
            raise ConfigurationError(
                f"{self.name} is InfluxDB 2: name the organisation, as in influxdb:{self._server.base}/{self._database}?org=ORG"
            )
        query = [("org", organisation), ("name", self._database)]
        answer = self._server.ask("GET", "/api/v2/buckets", query=query, allow=(404,))
        buckets = self._server.decoded(answer.body, _BucketList).buckets if answer.status == 200 else []
        if not buckets:
            raise ConfigurationError(
                f"{self.name}: organisation {organisation!r} has no bucket {self._database!r} that this token sees; "
                f"make it with: influx bucket create --org {organisation} --name {self._database} --retention 0"
            )
        bucket = buckets[0]
        for rule in bucket.retentionRules:
            if rule.everySeconds:
                self._long_enough(rule.everySeconds)
        known = self._server.ask("GET", "/api/v2/dbrps", query=[("org", organisation), ("db", self._database)])
        chosen = next((m for m in self._server.decoded(known.body, _MappingList).content if m.default), None)
        if chosen is not None and chosen.bucketID != bucket.id:
            raise ConfigurationError(
                f"{self.name}: questions to the database {self._database!r} are mapped to another bucket ({chosen.bucketID}, ours is "
                f"{bucket.id}), so that nothing written would be found; remove the mapping, and the right one is made: "
                f"influx v1 dbrp delete --org {organisation} --id {chosen.id}"
            )
        if chosen is None:
            mapping = {
                "bucketID": bucket.id,
                "database": self._database,
                "retention_policy": "autogen",
                "default": True,
                "org": organisation,
            }
            self._server.ask("POST", "/api/v2/dbrps", body=msgspec.json.encode(mapping), headers={"Content-Type": "application/json"})
            log.info("mapping for InfluxQL made", engine=self.name)

    def _long_enough(self, seconds: int) -> None:
        if seconds < LEAST_DAYS * 86_400:
            raise ConfigurationError(
                f"{self.name} keeps readings for {seconds // 86_400} days only: an edge's backlog could expire on arrival; "
                f"keep them for ever, or {LEAST_DAYS} days at the least"
            )

    def on_time(self) -> None:
        """By its last answer."""
        self._server.on_time()

    def process(self) -> str | None:
        """Nobody needs to know: what was taken is on disk."""
        return None

    def write(self, keys: Sequence[SeriesKey], points: Points) -> None:
        """Store points."""
        assert self._writer is not None
        for body in lines(keys, points, LINES):
            self._writer.write(body)

    def read(self, keys: Sequence[SeriesKey], start: int, stop: int, limit: int | None = None) -> Rows:
        """Rows of keys, asked node by node."""
        places = {(key.node, key.device, key.quantity): place for place, key in enumerate(keys)}
        parts = [no_rows()]
        for node, mine in groupby(sorted(keys, key=lambda k: k.node), lambda k: k.node):
            where = _where(mine) + f" AND {_between(start, stop)}"
            cut = "" if limit is None else f" LIMIT {limit}"
            for table in self._ql.ask(_select("v, r, q", where, f"GROUP BY device, quantity{cut}")):
                place = places.get((node, table.tags["device"], table.tags["quantity"]))
                if place is not None:
                    parts.append(_rows(table, place))
        rows = together(parts)
        if limit is None or len(rows.t) < limit:
            return rows
        # The engine may have cut between values at one time, in an order of its own.
        last = int(rows.t.max())
        return together([rows.take(rows.t < last), self.read(keys, last, last + 1)])

    def buckets(self, key: SeriesKey, start: int, stop: int, every: int, limit: int) -> Buckets:
        """Aggregates made by the engine."""
        where = f"{_where([key])} AND {_between(start, stop)} AND {GOOD}"
        grouped = f"GROUP BY time({every}ms, {-WIB_OFFSET}ms) fill(none) LIMIT {limit}"
        tables = self._ql.ask(_select(AGGREGATES, where, grouped))
        columns = {c: tables[0].column(c) if tables else [] for c in ("time", "mean", "min", "max", "count", "last")}
        floats: dict[str, Floats | Ints] = {c: np.asarray(columns[c], np.float64) for c in ("mean", "min", "max", "last")}
        return Buckets(np.asarray(columns["time"], np.int64), {**floats, "count": np.asarray(columns["count"], np.int64)})

    def count(self, key: SeriesKey, start: int, stop: int) -> int:
        """How many rows there are."""
        tables = self._ql.ask(_select("count(v)", f"{_where([key])} AND {_between(start, stop)}"))
        return int(tables[0].column("count")[0]) if tables else 0

    def counts(self, start: int, stop: int) -> dict[str, int]:
        """How many rows there are, by series."""
        tables = self._ql.ask(_select("count(v)", _between(start, stop), "GROUP BY node, device, quantity"))
        return {".".join(table.tags[name] for name in SERIES): int(table.column("count")[0]) for table in tables}

    def close(self) -> None:
        """Give up connections."""
        if self._writer is not None:
            self._writer.close()
        self._server.close()


def _select(fields: str, where: str, rest: str = "") -> str:
    return f"SELECT {fields} FROM {MEASUREMENT} WHERE {where} {rest}"  # noqa: S608 - every value in it went through text()


def _where(keys: Iterable[SeriesKey]) -> str:
    """Series of one node."""
    mine = list(keys)
    if len(mine) == 1:
        return f"node = {text(mine[0].node)} AND device = {text(mine[0].device)} AND quantity = {text(mine[0].quantity)}"
    return f"node = {text(mine[0].node)}"


def _between(start: int, stop: int) -> str:
    return f"time >= {start}ms AND time < {stop}ms"


def _rows(table: Series, place: int) -> Rows:
    # A row whose fields are not both there is being written at this moment.
    whole = [(t, r, v, int(q)) for t, v, r, q in table.values if v is not None and r is not None and q]
    t, received, v, q = zip(*whole, strict=True) if whole else ((), (), (), ())
    return Rows(
        np.full(len(t), place, np.int32),
        np.asarray(t, np.int64),
        np.asarray(received, np.int64),
        np.asarray(v, np.float64),
        np.asarray(q, np.uint8),
    )
