"""Compression techniques: one file per technique."""
