"""What the API's process has put on record for whoever takes in: documents to publish, commands to send, dead letters to replay,
nodes that were withdrawn, readings to commit."""

from __future__ import annotations

from collections.abc import Mapping

from kampung_contract.errors import StorageUnavailable
from sqlalchemy import select

from kampung_cloud.area import Area, area_of
from kampung_cloud.health import now_ms
from kampung_cloud.leases.given import Given
from kampung_cloud.outputs.command import OPEN
from kampung_cloud.pipeline import Pipeline
from kampung_cloud.records import Records
from kampung_cloud.records.models import CommandRow, DeadLetterRow, DocumentRow
from kampung_cloud.withdrawals.past import recall

BACK_MS = 60_000
"""Clocks of two machines may differ by so much."""
AT_ONCE = 200


class Errands:
    """Looked for every round, with one small question each. On connecting, a pipeline publishes every document anyway."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._published: dict[tuple[str, str], int] = {}
        self._since = now_ms() - BACK_MS
        self._under_way: dict[int, int] = {}
        self._given = Given(records)

    def run(self, pipelines: Mapping[str, Pipeline]) -> None:
        """Give each pipeline what is for its villages."""
        try:
            with self._records.session() as session:
                commanded = set(session.scalars(select(CommandRow.village).where(CommandRow.state.in_(OPEN)).distinct()))
                newer = select(DocumentRow.village, DocumentRow.key, DocumentRow.version).where(DocumentRow.version > self._since)
                documents = [(v, k, n) for v, k, n in session.execute(newer)]
                past = recall(session)
                wanted = list(session.scalars(select(DeadLetterRow).where(DeadLetterRow.wanted.is_not(None)).limit(AT_ONCE)))
            for pipeline in pipelines.values():  # first: whoever is withdrawn is so whatever becomes of the rest
                pipeline.nodes.bar(past)
            self._given.run(pipelines)
        except StorageUnavailable:
            return
        for pipeline in pipelines.values():
            if any(map(pipeline.area.holds, commanded)):
                pipeline.commands.wake()
            self._publish(pipeline, documents)
        self._replay(wanted, pipelines)
        self._since = max([self._since, *(version - BACK_MS for _, _, version in documents)])

    def _publish(self, pipeline: Pipeline, documents: list[tuple[str, str, int]]) -> None:
        fresh = [d for d in documents if pipeline.area.holds(d[0]) and self._published.get(d[:2], 0) < d[2]]
        for village in sorted({village for village, _, _ in fresh}):
            try:
                pipeline.contents.publish_all(village, [key for place, key, _ in fresh if place == village])
            except StorageUnavailable:
                return
        self._published |= {(village, key): version for village, key, version in fresh}

    def _replay(self, wanted: list[DeadLetterRow], pipelines: Mapping[str, Pipeline]) -> None:
        for row in wanted:
            area: Area = area_of(row.topic)
            pipeline = pipelines.get(area.code)
            if pipeline is not None and row.wanted is not None and self._under_way.get(row.id) != row.wanted:
                self._under_way[row.id] = row.wanted
                pipeline.worker.replay(row)
        here = {row.id for row in wanted}
        self._under_way = {number: at for number, at in self._under_way.items() if number in here}
