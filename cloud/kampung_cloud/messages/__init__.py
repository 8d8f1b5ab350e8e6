"""Routing: who hears of which alarm, when and how often, as messages on record; channels send them."""
