"""Comparison of two sets of results with statistical tests, and the regression gate."""
