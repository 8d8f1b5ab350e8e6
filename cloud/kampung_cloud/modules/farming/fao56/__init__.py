"""FAO Irrigation and Drainage Paper 56 (Allen, Pereira, Raes, Smith 1998): its equations by number, for one place and day at a time."""
