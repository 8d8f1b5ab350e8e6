"""The monthly report: gathered from all sections, drawn, and set into a PDF."""
