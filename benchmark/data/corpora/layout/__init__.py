"""What corpora in the layout of a Hub dataset share: configs, columns, digests, reading."""
