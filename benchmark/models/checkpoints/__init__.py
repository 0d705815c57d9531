"""Weights that others have trained: where they are and what identifies them. No torch here."""
