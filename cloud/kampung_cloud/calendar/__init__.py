"""Working time: what clocks of services, complaints and the law count."""

from kampung_cloud.calendar.workdays import Calendar, Hours, configured, load, national

__all__ = ["Calendar", "Hours", "configured", "load", "national"]
