"""What open pages hear of an alarm's handling."""

from __future__ import annotations

from kampung_cloud.bus import Event
from kampung_cloud.handling.state import Handling


def event(handling: Handling) -> Event:
    """That something was done: the alarm's newest name, and how it stands. The trail has the rest."""
    return Event("handling", handling.village, {"alarm": handling.alarm, "village": handling.village, "handling": handling.shown()})
