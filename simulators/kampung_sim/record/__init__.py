"""A real village's traffic, listened to or read back, as a scenario that can be run again."""
