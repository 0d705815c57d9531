"""The file format of compressed weights."""
