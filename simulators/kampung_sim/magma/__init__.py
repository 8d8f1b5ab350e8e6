"""A stand-in for MAGMA Indonesia's pages of reports. Nothing in it is news of a mountain, and every page says so."""
