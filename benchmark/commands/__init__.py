"""The commands, one file each. The program lists this folder; `base.py` defines the interface."""
