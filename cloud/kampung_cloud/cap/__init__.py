"""Alarms as CAP 1.2 (OASIS Common Alerting Protocol), and BMKG's warnings, which come as CAP."""
