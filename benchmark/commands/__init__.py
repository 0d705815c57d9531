"""One file per command, found by listing this folder; `base.py` is the contract."""
