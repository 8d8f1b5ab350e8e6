"""Outputs of the villages (relays, valves, sirens): what each is and does, commands to them, and who did what when."""
