"""Failures to protect personal data: recorded, those concerned found, they and the agency told within 3 x 24 hours (UU 27/2022 Ps 46)."""
