"""Searching the settings of optimizers and methods, on validation languages alone."""
