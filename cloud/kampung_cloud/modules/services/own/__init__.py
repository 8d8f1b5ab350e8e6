"""A village's own definitions of services: tried on a page, put in force and taken back there, each time on record."""
