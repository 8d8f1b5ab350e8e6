"""Slips on paper at the kiosk: composed here, queued on the disk, printed once, and asked about where nobody can know."""
