"""How a request goes through the office."""
