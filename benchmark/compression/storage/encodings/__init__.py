"""How the values of one tensor are written down: one file per encoding."""
