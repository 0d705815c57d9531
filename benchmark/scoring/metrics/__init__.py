"""Error rates, one file each; `base.py` says what to write."""
