"""Encodings of the values of a tensor: one file per encoding."""
