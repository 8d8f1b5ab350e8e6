"""Air stations as the configuration knows them, and the alarm rules of those near a crater; here, since modules are not imported by it."""
