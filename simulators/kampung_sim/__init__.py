"""Simulated villages that talk to the system only from outside."""
