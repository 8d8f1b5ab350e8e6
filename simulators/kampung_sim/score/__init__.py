"""What the regency holds against what was sent: every reading, every alarm."""
