"""The built pages. Holds no code of its own beyond finding the files."""

from pathlib import Path

ASSETS = Path(__file__).parent / "dist"
"""Folder with the built pages: ``kiosk.html``, ``tani.html``, ``kabupaten.html``, ``tinjau.html``."""
