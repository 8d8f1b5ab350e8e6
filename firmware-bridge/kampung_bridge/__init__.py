"""Bytes from devices into readings: framings, decoders, ports, profiles."""
