"""Readings on their way to people and programs: for a picture, as a file, and back in. Above the store, so that every engine has it."""
