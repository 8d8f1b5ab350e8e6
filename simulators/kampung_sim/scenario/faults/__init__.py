"""What can go wrong, as data, and what each does to a value, a frame or a clock, as pure functions.

Faults of links, programs, disks and printers are told to a runner: it carries them out.
"""
