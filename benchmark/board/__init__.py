"""The board: combinations with their errors and costs, ranked once for every reader of results."""
