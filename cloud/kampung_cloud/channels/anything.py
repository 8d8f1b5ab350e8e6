"""Every other service, through Apprise (https://github.com/caronc/apprise): Matrix, ntfy, Signal, Discord and a hundred more.

Its answer is yes or no, so that a wrong address looks like a server that is down; see decision 0024 on what has an adapter of its own.
"""

from __future__ import annotations

import logging
from urllib.parse import quote

import apprise

from kampung_cloud.channels import sentences
from kampung_cloud.channels.channel import Limits, Outgoing, Refused, Sent, Unreachable
from kampung_cloud.channels.settings import Anything

MOST = 2_000
TYPES = {1: apprise.NotifyType.INFO, 2: apprise.NotifyType.WARNING, 3: apprise.NotifyType.FAILURE}

_log = logging.getLogger("apprise")
_log.propagate = False  # what it logs may hold the service's address, and that holds keys
_log.addHandler(logging.NullHandler())


class AnythingChannel:
    """``to`` stands in the place of ``{to}`` in the service's address; without one there everybody is told at one place."""

    kind = "apprise"
    recognises = False

    def __init__(self, settings: Anything) -> None:
        self.name = settings.name
        self.limits = Limits(settings.rates(), settings.parallel, settings.tries)
        self._service = settings.service.get_secret_value()

    def send(self, to: str, said: Outgoing, key: str) -> Sent:
        """As the protocol says."""
        del key
        service = apprise.Apprise()
        if not service.add(self._service.replace("{to}", quote(to, safe=""))):
            raise Refused(f"{self.name}: the service does not take this address")
        kind = TYPES.get(said.severity, apprise.NotifyType.INFO)
        if not service.notify(body=sentences.again(said) + said.text[:MOST], title=said.title, notify_type=kind):
            raise Unreachable(f"{self.name}: the service did not take it; Apprise does not say why")
        return Sent()

    def group(self, to: str) -> bool:
        """Not known."""
        return False

    def close(self) -> None:
        """Nothing is kept open."""
