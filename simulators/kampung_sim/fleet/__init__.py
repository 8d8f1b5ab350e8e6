"""Thousands of kiosks in one process: what the regency sees of them is what real edges send; what is behind them is computed."""
