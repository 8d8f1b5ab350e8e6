"""Backup and restore: records and readings as of one moment, in one file that says what it holds and whether it is whole."""
