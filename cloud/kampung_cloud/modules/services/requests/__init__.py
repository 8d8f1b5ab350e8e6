"""Requests of residents and what the office does with them."""
