"""Scenarios with everything real but the sensors: edges as processes, serial lines as pseudo-terminals, frames as devices send them."""
