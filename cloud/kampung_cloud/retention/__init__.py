"""What is over its time, and its destruction by two persons, with a certificate (UU 27/2022 Ps 42-45)."""
