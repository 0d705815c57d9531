"""Readers of tables, one per format: rows as they are written, of the columns asked for alone."""
