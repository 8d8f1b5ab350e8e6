"""Complaints and suggestions about public services at this kiosk."""
