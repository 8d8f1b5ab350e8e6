"""Judgements that come after their readings: what a kiosk knew only by the next reading, what several kiosks show together."""
