"""The stages that the cells of a suite need, their keys, and what is already there."""
