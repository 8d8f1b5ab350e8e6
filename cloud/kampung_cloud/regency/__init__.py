"""The whole regency at a glance: layers of its map, and its monthly report. What they show comes from the modules and from the core."""
