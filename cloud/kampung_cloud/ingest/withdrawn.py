"""Messages of withdrawn nodes: set aside before anything else looks at them, and answered with nothing.

There is no receipt, and no rejection either: whoever has the node learns nothing, it sends its first packs again and again instead of
emptying its spool into our dead letters, and if the withdrawal was a mistake, all of it still comes.
"""

from __future__ import annotations

from collections.abc import Sequence

from kampung_contract.errors import KampungError
from kampung_contract.pack import MAX_SEQ
from kampung_contract.times import text

from kampung_cloud.ingest.message import Message
from kampung_cloud.ingest.work import Work, identity_of
from kampung_cloud.letters import Letter
from kampung_cloud.nodes import Nodes
from kampung_cloud.withdrawals.past import Past

CODE = "withdrawn"


def sift(messages: Sequence[Message], nodes: Nodes) -> tuple[list[Message], Work]:
    """Messages that may be taken, and what is to be put down of the others.

    What a withdrawn node says of itself (``state``) only shows that it is still there: it holds nothing that could be taken up later.
    """
    left, aside, past = list[Message](), Work(), nodes.past
    for message in messages:
        parts = message.topic.split("/", 6)
        before = past.get(parts[4]) if len(parts) > 5 else None
        if before is None:
            left.append(message)
            continue
        node, said = parts[4], identity_of(message)
        if said is not None and not (0 < said[1] <= MAX_SEQ and len(said[0]) <= 64):
            said = None
        if before.since is None and (said is None or said[0] not in before.epochs):
            left.append(message)
            continue
        known = nodes.get(node)
        if known is not None and not message.retained:
            aside.saw(node, known.village, message.received, None)
        if parts[5] != "state":
            epoch, seq = said or (None, None)
            why = _why(node, before, epoch)
            aside.letters.append(Letter(message.topic, message.payload, "node", CODE, why, message.received, node, epoch, seq))
    return left, aside


def refused(node: str, before: Past | None, at: int) -> KampungError | None:
    """Why a dead letter that came first at ``at`` is not taken up again: whoever sent it is withdrawn."""
    if before is None or before.since is None or at < before.since:
        return None
    return KampungError(_why(node, before, None), code=CODE)


def _why(node: str, before: Past, epoch: str | None) -> str:
    if before.since is None:
        return (
            f"node {node!r} was withdrawn with the spool {(epoch or '')[:16]!r} and has to come back with an empty data folder; "
            "if what it holds can be trusted: kampung-cloud dead-letters replay"
        )
    return (
        f"node {node!r} is withdrawn since {text(before.since)}; if that was a mistake: kampung-cloud nodes restore, "
        f"then kampung-cloud dead-letters replay --code {CODE}"
    )
