"""Reading of corpora in the layout of a Hub dataset: configs, splits, columns, digests."""
