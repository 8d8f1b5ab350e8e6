"""Gauges of rivers and of the coast as data, what their water says, and the alarm rules that follow from them."""
