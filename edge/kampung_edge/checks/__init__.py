"""Tests of quality control over one series, as its readings come: each remembers what it needs, and no more."""
