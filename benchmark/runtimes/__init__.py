"""Runtimes: one file per runtime."""
