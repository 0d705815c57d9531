"""Readers of tables, one per format, which return unconverted rows with the requested columns."""
