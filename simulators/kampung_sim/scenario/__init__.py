"""Scenarios: what villages, devices, weather and faults a rehearsal has.

Pure and deterministic: no clock, no network, no file but the scenario's own. README.md says how runners use it.
"""
