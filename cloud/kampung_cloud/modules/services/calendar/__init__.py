"""Working time."""

from kampung_cloud.modules.services.calendar.workdays import Calendar, Hours, load, national

__all__ = ["Calendar", "Hours", "load", "national"]
