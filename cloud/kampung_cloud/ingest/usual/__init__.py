"""Packs of the usual form, taken apart by compiled code where there is some: many at once, straight into columns of numbers."""
