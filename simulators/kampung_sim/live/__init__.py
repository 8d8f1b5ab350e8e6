"""A running scenario on a terminal: kiosks, links, spools, faults in effect, and a key for each fault."""
