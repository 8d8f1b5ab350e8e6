"""Signed letters that a resident prints himself at the kiosk's page printer."""
