"""The board: combinations with errors and costs, and their ranking. Report and site share it."""
