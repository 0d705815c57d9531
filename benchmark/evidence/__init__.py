"""What two sets of results say about each other: comparison and regression gate."""
