"""Records and stages on disk."""
