"""A siren or a lamp of a village: an alarm switches an output on for a time, by a command like anybody's, the alarm as its reason."""

from __future__ import annotations

from kampung_contract.errors import InvalidRequest, KampungError, NotFound
from sqlalchemy import select

from kampung_cloud.channels.channel import Limits, Outgoing, Refused, Sent, Unreachable
from kampung_cloud.channels.settings import Output
from kampung_cloud.channels.tools import Tools
from kampung_cloud.records.models import CommandRow

ACTOR = "Smart Kampung"
LIFE_S = 300
"""A kiosk that comes back later than this does not sound an old alarm."""
OVER = {"resolved", "cancelled"}
NOTHING = {"digest"}
TEST_S = 3


class OutputChannel:
    """``to`` is ``NODE/OUTPUT``. What stands is sounded, what is over is switched off; a digest switches nothing."""

    kind = "output"
    recognises = True

    def __init__(self, settings: Output, tools: Tools) -> None:
        self.name = settings.name
        self.limits = Limits(settings.rates(), settings.parallel, settings.tries)
        self._seconds, self._tools = settings.seconds, tools

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """As the protocol says; it is taken once the command is on record."""
        if said.kind in NOTHING:
            return Sent()
        node, _, output = to.partition("/")
        on = said.kind not in OVER
        seconds = TEST_S if said.kind == "test" else self._seconds
        mark = f"[{key[:12]}]"
        try:
            given = self._given(node, output, mark)
            if given is None:
                reason = f"{said.title[:280]} {mark}"
                command = self._tools.commands().give(
                    node, output, on=on, seconds=seconds if on else None, actor=ACTOR, reason=reason, life_s=LIFE_S
                )
                given = str(command["id"])
        except (NotFound, InvalidRequest) as error:
            raise Refused(f"{self.name}: {error.message}") from None
        except KampungError as error:
            raise Unreachable(f"{self.name}: {error.message}") from None
        return Sent(given)

    def _given(self, node: str, output: str, mark: str) -> str | None:
        """The command that was given for this message before."""
        query = select(CommandRow.id).where(
            CommandRow.node == node, CommandRow.output == output, CommandRow.reason.endswith(mark, autoescape=True)
        )
        with self._tools.records.session() as session:
            return session.scalar(query.limit(1))

    def group(self, to: str) -> bool:
        """Everybody hears it, and it is one address."""
        return False

    def close(self) -> None:
        """Nothing is kept open."""
