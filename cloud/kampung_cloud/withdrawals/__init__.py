"""Kiosks that were stolen or given away: nothing is taken of them, nothing goes to them, and the broker is asked to let them in no more."""
