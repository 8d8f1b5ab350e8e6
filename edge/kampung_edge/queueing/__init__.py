"""The office's queue: tickets, counters, calls. This kiosk's edge is its authority, with the link or without (decision 0035)."""
