"""A real village under a seeded schedule of faults, and a ledger outside of it that says what must have arrived."""
