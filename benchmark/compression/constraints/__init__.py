"""Constraints on weights while a network learns."""
