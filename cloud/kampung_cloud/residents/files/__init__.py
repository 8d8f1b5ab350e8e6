"""Residents from a spreadsheet, as OpenSID exports it or as a village types it, and back."""
