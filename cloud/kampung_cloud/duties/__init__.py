"""Duties: late work of a village's office, told by message to whoever has to see to it. Modules note it, one pass tells it."""
