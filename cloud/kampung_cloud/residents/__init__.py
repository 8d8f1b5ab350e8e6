"""Residents of the villages: who lives where, in which family; who read of them; what they may ask for. Used by the services."""
